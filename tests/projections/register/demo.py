"""The events of the demo as records of a log, without ingest: a person's id is made of their number in the file."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b
from itertools import count
from pathlib import Path

from services.kernel.codec.posts import PostReader
from services.kernel.codec.posts.writer import Block, Named, PostWriter, Provenance
from services.kernel.contract.catalog import Catalog
from services.projections.engine.projection import Place, Record


def read_records(path: Path, region: str, catalog: Catalog) -> Iterator[Record]:
    """The file's events, in its order, on four partitions by person; recorded when they were registered."""
    reader, writer = PostReader(catalog), PostWriter()
    civil = catalog.latest_block("civil").schema_id
    offsets = [count() for _ in range(4)]
    with path.open("rb") as file:
        for line in file:
            post = reader.read(line)
            values = post.values
            subjects = [_name(subject, region, civil) for subject in values.subjects]
            event_id = values.event_id.bytes
            provenance = Provenance(event_id, region, "importer", None, blake2b(line, digest_size=16).digest())
            value = writer.write(post.event, values, provenance, subjects)
            number = subjects[0].person_id[0] % len(offsets)
            place = Place(f"{region}.{post.event.context}", number, next(offsets[number]))
            yield Record(place, _milliseconds(values.registered_at), subjects[0].person_id.hex(), value)


def _name(subject: object, region: str, schema_id: int) -> Named:
    (identifier,) = subject.civil.identifiers  # type: ignore[attr-defined]
    person_id = blake2b(identifier.value.encode(), digest_size=16).digest()
    blocks = [Block("civil", person_id, schema_id, bytes(12), person_id * 5)]
    return Named(subject.role, region, person_id, "identifier", blocks)  # type: ignore[attr-defined]


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
