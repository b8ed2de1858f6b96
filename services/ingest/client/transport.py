"""HTTP to one ingest over one kept connection. The standard library's client: measured leanest for large
bodies.

A connection belongs to one thread. A request that may have reached the server is never repeated here: what to
do about `NoAnswer` is decided where it is known that a repeat is harmless.
"""

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from services.kernel.asking import CannotGoOn

NDJSON = "application/x-ndjson"
JSON = "application/json"


class NoAnswer(Exception):
    """Nobody answered, or not whole: whether the request had an effect is unknown."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (names in lower case) and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as an object; an empty object when it is none (a proxy's HTML page, for example)."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def retry_after_s(self) -> float:
        """Seconds of the Retry-After header, within reason; 1 when there is none."""
        try:
            return min(max(float(self.headers.get("retry-after", "1")), 0.05), 300.0)
        except ValueError:
            return 1.0


class Connection:
    """A kept connection to `url` (scheme, host, port, and a path that goes before every path asked for)."""

    def __init__(self, url: str, timeout_s: float = 60.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise CannotGoOn(f"{url!r} is not an address.", "It looks like http://127.0.0.1:8080.")
        self._base = parts.path.rstrip("/")
        self._http: http.client.HTTPConnection
        if parts.scheme == "https":
            context = ssl.create_default_context()
            self._http = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout_s, context=context)
        else:
            self._http = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout_s)

    def post(self, path: str, body: bytes, content_type: str, token: str) -> Answer:
        """One POST; raises NoAnswer when the connection fails at any point."""
        return self._ask("POST", path, body, {"content-type": content_type}, token)

    def get(self, path: str, token: str) -> Answer:
        """One GET; raises NoAnswer as `post` does."""
        return self._ask("GET", path, None, {}, token)

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str], token: str) -> Answer:
        headers |= {"authorization": f"Bearer {token}", "accept": JSON}
        try:
            self._http.request(method, self._base + path, body, headers)
            response = self._http.getresponse()
            received = response.read()
        except (OSError, http.client.HTTPException) as wrong:
            self._http.close()
            raise NoAnswer(str(wrong) or type(wrong).__name__) from wrong
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, received)

    def close(self) -> None:
        """Closes the connection; the next request opens it again."""
        self._http.close()
