"""The events of the demo as records of a log, without ingest: a person's id is made of their number in the file."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from services.kernel.codec.encode import Encoder
from services.kernel.contract.catalog import Catalog
from services.projections.engine.projection import Place, Record
from tests.golden.ledger import read_posts
from tests.projections.register.records import make

PARTITIONS = 4


def read_records(path: Path, region: str, catalog: Catalog) -> Iterator[Record]:
    """The file's events, in its order, on four partitions by person; recorded when they were registered."""
    encoder, offsets = Encoder(), [count() for _ in range(PARTITIONS)]
    civil = catalog.latest_block("civil").schema_id
    blank = {event.name: make(event.name) for event in catalog.latest_events}
    for post in read_posts(path):
        version = catalog.get_event(post["type"])
        registered_at = int(datetime.fromisoformat(post["registered_at"]).timestamp() * 1000)
        event_id = UUID(post["event_id"]).bytes
        subjects = [_name(subject, region, civil) for subject in post["subjects"]]
        record = blank[version.name] | {
            **{name: value for name, value in post.items() if name in blank[version.name]},
            **_dates(post),
            "event_id": event_id,
            "region": region,
            "registered_at": registered_at,
            "actor": "importer",
            "content_tag": event_id,
            "subjects": subjects,
        }
        number = subjects[0]["person_id"][0] % PARTITIONS
        place = Place(f"{region}.{version.context}", number, next(offsets[number]))
        yield Record(place, registered_at, subjects[0]["person_id"].hex(), encoder.frame(version, record))


def _dates(post: dict[str, Any]) -> dict[str, Any]:
    names = [name for name in post if name.endswith("_on")]
    return {name: _day(post[name]) for name in names} | {f"{name}_precision": "day" for name in names}


@lru_cache(maxsize=50_000)
def _day(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def _name(subject: dict[str, Any], region: str, schema_id: int) -> dict[str, Any]:
    (identifier,) = subject["civil"]["identifiers"]
    person_id = blake2b(identifier["value"].encode(), digest_size=16).digest()
    block = {
        "format": 1,
        "compartment": "civil",
        "key_id": person_id,
        "block_schema_id": schema_id,
        "nonce": bytes(12),
        "ciphertext": person_id * 5,
    }
    named = {"role": subject["role"], "region": region, "person_id": person_id, "identified_by": "identifier"}
    return {**named, "blocks": [block]}
