"""Asks for figures as an analyst's program does: over HTTP, page by page."""

from collections.abc import Iterator
from typing import Any

import httpx

from deploy.local.stack import Region

Row = dict[str, Any]
_PAGE = 5000


class Statistician:
    """The statistical office itself: nothing is rounded or withheld."""

    def __init__(self, region: Region, role: str = "statistician") -> None:
        assert region.read is not None
        headers = {"authorization": f"Bearer {region.token(role)}"}
        self.http = httpx.Client(base_url=region.read, headers=headers, timeout=120)

    def figures(self, indicator: str, **asked: Any) -> list[Row]:
        """Figures of an indicator, with everything that they are made of."""
        return list(self._pages(f"/v1/indicators/{indicator}", "figures", asked))

    def figure(self, indicator: str, **asked: Any) -> Row:
        """The only figure of an answer."""
        (found,) = self.figures(indicator, **asked)
        return found

    def population(self, **asked: Any) -> list[Row]:
        return list(self._pages("/v1/population", "rows", asked))

    def flows(self, **asked: Any) -> list[Row]:
        return list(self._pages("/v1/flows", "rows", asked))

    def _pages(self, path: str, rows: str, asked: dict[str, Any]) -> Iterator[Row]:
        parameters = {name.rstrip("_"): value for name, value in asked.items()} | {"limit": _PAGE}
        while True:
            answer = self.http.get(path, params=parameters)
            assert answer.status_code == 200, answer.text
            told = answer.json()
            yield from told[rows]
            if told["next"] is None:
                return
            parameters["cursor"] = told["next"]


def year_of(row: Row) -> int:
    """The calendar year of a figure or of a population."""
    return int((row.get("at") or row["period"])[:4])
