"""An office and an operator of the demo: they ask over HTTP as anybody would."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from deploy.demo.scene import Scene
from services.ingest.client.transport import JSON, Answer, Connection

CASE = "DEMO-1"
_PAGE = 5000


class Office:
    """Asks one region's services in a role; every answer that is not the expected one ends the demo."""

    def __init__(
        self, scene: Scene, region: str, role: str, *, sub: str | None = None, purpose: str = "quality-assurance"
    ) -> None:
        self._running = scene.region(region)
        more = {} if sub is None else {"sub": sub}
        self._token = self._running.token(role, purpose=purpose, **more)

    def post(self, path: str, body: Mapping[str, Any], *expected: int) -> dict[str, Any]:
        """Posts to ingest; the answer's body."""
        return self._ask(self._running.ingest, "POST", path, body, expected or (200, 201))

    def read(self, path: str, **parameters: Any) -> dict[str, Any]:
        """Asks the register; the answer's body."""
        return self._ask(self._running.read, "GET", _with(path, parameters), None, (200,))

    def tell(self, path: str, body: Mapping[str, Any], *expected: int) -> dict[str, Any]:
        """Posts to the register's service (an operator's work); the answer's body."""
        return self._ask(self._running.read, "POST", path, body, expected or (200,))

    def ask_exchange(self, path: str, **parameters: Any) -> dict[str, Any]:
        """Asks the exchange; the answer's body."""
        return self._ask(self._running.exchange, "GET", _with(path, parameters), None, (200,))

    def tell_exchange(self, path: str, body: Mapping[str, Any], case: str | None = CASE) -> dict[str, Any]:
        """Posts to the exchange; the answer's body."""
        return self._ask(self._running.exchange, "POST", _with(path, {"case": case}), body, (200, 201, 202))

    def person(self, person_id: str, **parameters: Any) -> dict[str, Any]:
        """The record of a person; a reading like any other, so it names its case."""
        return self.read(f"/v1/persons/{person_id}", case=CASE, **parameters)

    def residents(self, area: str, day: str, **parameters: Any) -> int:
        """How many live in an area at the end of a day."""
        return int(self.read(f"/v1/areas/{area}/residents:count", at=day, **parameters)["total"])

    def ask_all(self, path: str, rows: str, **parameters: Any) -> dict[str, Any]:
        """A question about figures, with the rows of all pages of its answer."""
        told = page = self.read(path, limit=_PAGE, **parameters)
        while page["next"]:
            page = self.read(path, limit=_PAGE, cursor=page["next"], **parameters)
            told[rows] += page[rows]
        return told

    def rows(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of a population or of flows."""
        found: list[dict[str, Any]] = self.ask_all(path, "rows", **parameters)["rows"]
        return found

    def figures(self, indicator: str, **parameters: Any) -> list[dict[str, Any]]:
        """Figures of an indicator."""
        found: list[dict[str, Any]] = self.ask_all(f"/v1/indicators/{indicator}", "figures", **parameters)["figures"]
        return found

    def _ask(
        self, url: str | None, method: str, path: str, body: Mapping[str, Any] | None, expected: tuple[int, ...]
    ) -> dict[str, Any]:
        connection = Connection(url or "")
        try:
            if method == "GET":
                answer = connection.get(path, self._token)
            else:
                answer = connection.post(path, msgspec.json.encode(body), JSON, self._token)
        finally:
            connection.close()
        return _read(answer, method, path, expected)


def _read(answer: Answer, method: str, path: str, expected: tuple[int, ...]) -> dict[str, Any]:
    if answer.status not in expected:
        told = answer.body.decode("utf-8", "replace")[:600]
        raise RuntimeError(f"{method} {path.partition('?')[0]} was answered with {answer.status}: {told}")
    return answer.json()


def _with(path: str, parameters: Mapping[str, Any]) -> str:
    told = {name: value for name, value in parameters.items() if value is not None}
    return f"{quote(path, safe='/:')}?{urlencode(told)}" if told else quote(path, safe="/:")
