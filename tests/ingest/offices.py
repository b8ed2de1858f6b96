"""Offices that post: clients of one running ingest, with tokens and events of their own."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from deploy.local.stack import Region
from services.kernel.identity.local_keys import identity_folder

SCHEMAS = Path(__file__).parents[2] / "schemas"
MAP: Mapping[str, str | None] = {"0980": None, "0980-N": "0980", "0980-S": "0980", "0980-W": "0980", "2380": None}


def new_id() -> str:
    """A UUID of version 7."""
    raw = bytearray(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10))
    raw[6] = raw[6] & 0x0F | 0x70
    raw[8] = raw[8] & 0x3F | 0x80
    return str(UUID(bytes=bytes(raw)))


def birth(**changed: Any) -> dict[str, Any]:
    """A birth in area 0980, under a new id; `...` as a value leaves a field out."""
    number = int.from_bytes(os.urandom(5), "big")
    event = {
        "type": "BirthRegistered",
        "event_id": new_id(),
        "occurred_on": "2003-05-17",
        "registered_at": "2003-05-20T09:30:00+02:00",
        "office": "0980-1",
        "residence_area": "0980",
        "occurrence_area": "0980",
        "subjects": [
            {"role": "child", "civil": {"given_names": f"Ex {number}", "family_name": "Ample"}},
            {"role": "mother", "civil": {"identifiers": [{"kind": "local", "value": f"G-{number}"}]}},
        ],
        "sex": "female",
        "live_birth": True,
        "mother_birth_on": "1975",
    } | changed
    return {name: value for name, value in event.items() if value is not ...}


def area(code: str, parent: str | None = None, **changed: Any) -> dict[str, Any]:
    """An area established, under a new id."""
    kind = next(iter(json.loads((SCHEMAS / "vocabularies" / "area_kind.json").read_text())["words"]))
    return {
        "type": "AreaEstablished",
        "event_id": new_id(),
        "occurred_on": "1900-01-01",
        "registered_at": "2000-01-01T00:00:00Z",
        "office": "map",
        "area": code,
        "name": f"Area {code}",
        "area_kind": kind,
        "level": 2 if parent else 1,
        "parent_area": parent,
    } | changed


class Office:
    """An office with a role, talking to one region."""

    def __init__(
        self, region: Region, role: str, areas: Sequence[str] = ("*",), sub: str | None = None, **token: Any
    ) -> None:
        assert region.ingest is not None
        self.region = region
        authorization = f"Bearer {region.token(role, areas, sub=sub or f'office-{role}', **token)}"
        self.http = httpx.Client(base_url=region.ingest, headers={"authorization": authorization}, timeout=30)

    def post(self, event: Mapping[str, Any] | bytes, path: str = "/v1/events", **more: Any) -> httpx.Response:
        """POST one event, or bytes as they are, as JSON."""
        content = event if isinstance(event, bytes) else json.dumps(event).encode()
        headers = {"content-type": "application/json"} | more.pop("headers", {})
        return self.http.post(path, content=content, headers=headers, **more)

    def post_lines(self, lines: Sequence[Any], query: str = "", **headers: str) -> httpx.Response:
        """POST a batch of lines; bytes stay as they are."""
        body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
        return self.http.post(
            f"/v1/events:batch{query}", content=body, headers={"content-type": "application/x-ndjson"} | headers
        )

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.http.get(path, **more)


def signing_folder(region: Region) -> Path:
    """Where the region's signing key lies."""
    return identity_folder(region.home, region.name)


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    """(status, code, path) of a refusal, which must be a whole problem document."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told = answer.json()
    assert {"type", "title", "status", "detail", "code", "path", "rule", "remedy"} <= told.keys()
    assert told["status"] == answer.status_code
    return answer.status_code, told["code"], told["path"]
