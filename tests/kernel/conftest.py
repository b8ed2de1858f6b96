"""Examples of the contract as records on a log, without ingest: what a codec test needs."""

import base64
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.kernel.codec import encode
from services.kernel.contract.catalog import ENVELOPE, Catalog, EventVersion
from services.kernel.contract.fields import Field

SCHEMAS = Path(__file__).parents[2] / "schemas"
EXAMPLES = sorted(SCHEMAS.glob("*/*/examples/*.json"))
Record = dict[str, Any]
_SET_BY_INGEST: Record = {
    "region": "gotland",
    "actor": "test",
    "purpose": "civil-registration",
    "legal_basis": "statute",
    "source": "office",
    "content_tag": bytes(16),
    "target_type": "DeathRegistered",
    "target_context": "registration",
    "target_key": b"0" * 32,
    "content": b"{}",
}
_PRECISION = {4: "year", 7: "month", 10: "day"}


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The contract as it stands in the repository."""
    return Catalog.load()


@pytest.fixture(params=EXAMPLES, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def example(request: pytest.FixtureRequest) -> Record:
    """Every example of the contract, one after the other."""
    post: Record = json.loads(request.param.read_text(encoding="utf-8"))
    return post


@pytest.fixture(scope="session")
def to_record(catalog: Catalog) -> Callable[[Record], tuple[EventVersion, Record]]:
    """Turns a post into the event version and the plain record that ingest would append (blocks are made up)."""
    return lambda post: _to_record(catalog, post)


def _to_record(catalog: Catalog, post: Record) -> tuple[EventVersion, Record]:
    version = catalog.get_event(post["type"], post.get("version"))
    record: Record = {}
    for field in (*ENVELOPE, *version.own_fields):
        if field.name == "subjects":
            record["subjects"] = [_subject(catalog, n, each) for n, each in enumerate(post.get("subjects", ()))]
        elif field.name == "replacement":
            record["replacement"] = encode(*_to_record(catalog, post["replacement"]))
        elif field.name.endswith("_precision"):
            text = post.get(field.name.removesuffix("_precision"))
            record[field.name] = _PRECISION[len(text)] if text else None
        else:
            record[field.name] = _value(field, post)
    return version, record


def _value(field: Field, post: Record) -> Any:
    value = post.get(field.name, _SET_BY_INGEST.get(field.name, field.default))
    if field.is_array:
        return [_plain(field, each) for each in value or []]
    return None if value is None else _plain(field, value)


def _plain(field: Field, value: Any) -> Any:
    match field.kind:
        case "uuid":
            return UUID(value).bytes
        case "date":
            return (date.fromisoformat(value + "-01-01"[len(value) - 4 :]) - date(1970, 1, 1)).days
        case "timestamp-millis":
            return int(datetime.fromisoformat(value).timestamp() * 1000)
        case "bytes" if isinstance(value, str):
            return base64.b64decode(value)
    return value


def _subject(catalog: Catalog, number: int, posted: Record) -> Record:
    return {
        "role": posted["role"],
        "region": posted.get("region", "gotland"),
        "person_id": UUID(posted["person_id"]).bytes if "person_id" in posted else bytes([number] * 16),
        "identified_by": "person_id" if "person_id" in posted else "derived",
        "blocks": [
            {
                "format": 1,
                "compartment": compartment,
                "key_id": bytes([number] * 16),
                "block_schema_id": catalog.latest_block(compartment).schema_id,
                "nonce": bytes(range(12)),
                "ciphertext": json.dumps(posted[compartment]).encode(),
            }
            for compartment in ("civil", "contact", "service")
            if compartment in posted
        ],
    }
