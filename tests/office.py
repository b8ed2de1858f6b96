"""An office of the tests: an area of its own on the real map, a token, and posts that can be told from all others."""

import gzip
import json
import os
import time
from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import UUID, uuid4

import httpx

from deploy.local.stack import Region

Post = dict[str, Any]


def uuid7() -> str:
    """A UUID of version 7 (RFC 9562)."""
    raw = bytearray(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10))
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return str(UUID(bytes=bytes(raw)))


@dataclass(frozen=True)
class Office:
    """`code` is also what its records are found by on the log."""

    region: Region
    url: str
    area: str
    code: str
    token: str

    @classmethod
    def open(cls, region: Region, area: str | None = None) -> Self:
        """In a new area, unless told which."""
        assert region.ingest
        area = area or f"P{uuid4().hex[:10]}"
        office = cls(region, region.ingest, area, f"{area}-1", region.token("importer"))
        answer = office.post(office.area_established())
        assert answer.status_code == 201, answer.text
        return replace(office, token=region.token("registrar", [area], sub=f"clerk-{area}"))

    def at(self, url: str) -> Self:
        """The same office, talking to another process of ingest."""
        return replace(self, url=url)

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}", "content-type": "application/json"}

    def post(self, post: Post | bytes, query: str = "", **headers: str) -> httpx.Response:
        """One event."""
        return self.send("/v1/events" + query, post, **headers)

    def post_many(self, posts: list[Post], query: str = "") -> httpx.Response:
        """One batch."""
        return self.send("/v1/events:batch" + query, posts)

    def send(self, path: str, body: Post | list[Post] | bytes, **headers: str) -> httpx.Response:
        """Anything at all; `headers` with underscores for hyphens."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.post(self.url + path, content=content, headers={**self.headers, **more}, timeout=60)

    def send_zipped(self, path: str, body: bytes) -> httpx.Response:
        """The same, packed by gzip."""
        return self.send(path, gzip.compress(body), content_encoding="gzip")

    def area_established(self) -> Post:
        return {
            "type": "AreaEstablished",
            "event_id": uuid7(),
            "occurred_on": "1990-01-01",
            "registered_at": "1990-01-01T00:00:00Z",
            "office": self.code,
            "area": self.area,
            "name": f"Area {self.area}",
            "area_kind": "municipality",
            "level": 1,
        }

    def birth(self, **changes: Any) -> Post:
        """A birth whose only subject is a child without identifiers. `civil`: the child's particulars."""
        civil = changes.pop("civil", {"given_names": "Ex", "family_name": "Ample"})
        post: Post = {
            "type": "BirthRegistered",
            "event_id": uuid7(),
            "occurred_on": "2003-05-17",
            "registered_at": "2003-05-20T09:30:00Z",
            "residence_area": self.area,
            "occurrence_area": self.area,
            "office": self.code,
            "subjects": [{"role": "child", "civil": civil}],
            "sex": "female",
            "live_birth": True,
        }
        return {**post, **changes}
