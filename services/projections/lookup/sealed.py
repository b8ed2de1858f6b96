"""The civil blocks that records carry, still sealed: by columns where many of one schema come together.

A block is a small part of a record, so nothing else of it becomes a Python value. Corrections, which carry another
event, and records of older versions are read one by one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import polars

from services.kernel.codec import Decoder, Event
from services.kernel.codec.columns import ColumnReader, split_by_schema
from services.kernel.contract.catalog import Catalog, EventVersion
from services.kernel.errors import Corrupt

COMPARTMENT = "civil"
ERASED, DESTROYED, REPLACEMENT = "SubjectErased", "destroyed_key_ids", "replacement"
COLUMNS_FROM = 12
_BLOCK = ("format", "compartment", "key_id", "block_schema_id", "nonce", "ciphertext")


class Sealed(NamedTuple):
    """A block. `born_day`: the person's birth date as the event itself says it, where it says it to the day."""

    event_id: bytes
    person_id: bytes
    block: dict[str, Any]
    born_day: int | None


@dataclass(slots=True)
class Found:
    """`destroyed`: whose keys are gone, and their ids; `poison`: place and reason of what cannot be read."""

    sealed: list[Sealed] = field(default_factory=list)
    destroyed: list[tuple[bytes, bytes]] = field(default_factory=list)
    poison: list[tuple[int, str]] = field(default_factory=list)


class SealedReader:
    """Reads framed records. Keep it: it prepares each schema once."""

    def __init__(self, catalog: Catalog) -> None:
        self._decoder = Decoder(catalog)
        self._versions = {event.schema_id: event for event in catalog.latest_events if _suits_columns(event)}
        self._readers: dict[int, ColumnReader] = {}

    def read(self, values: Sequence[bytes]) -> Found:
        """Everything that is sealed in them for the civil register, and what cannot be read."""
        found = Found()
        groups, damaged = split_by_schema(values)
        found.poison += [(each.index, each.reason) for each in damaged]
        for schema_id, indexes in groups.items():
            version = self._versions.get(schema_id)
            if version is None or len(indexes) < COLUMNS_FROM:
                self._read_one_by_one(values, indexes, found)
            elif COMPARTMENT in version.compartments:
                self._read_columns(version, values, indexes, found)
        return found

    def _read_one_by_one(self, values: Sequence[bytes], indexes: Sequence[int], found: Found) -> None:
        for index in indexes:
            try:
                event = self._decoder.decode(values[index])
                found.sealed += list(self._list(event))
            except Corrupt as error:
                found.poison.append((index, error.code))
                continue
            if event.type == ERASED:
                people = [subject["person_id"] for subject in event.record["subjects"]]
                found.destroyed += [(person, key_id) for person in people for key_id in event.record[DESTROYED]]

    def _list(self, event: Event) -> Iterator[Sealed]:
        for subject in event.record["subjects"]:
            for block in subject["blocks"]:
                if block["compartment"] == COMPARTMENT:
                    born_day = _find_born_day(event, subject["role"])
                    yield Sealed(event.record["event_id"], subject["person_id"], block, born_day)
        if REPLACEMENT in event.record:
            yield from self._list(self._decoder.decode(event.record[REPLACEMENT]))

    def _read_columns(
        self, version: EventVersion, values: Sequence[bytes], indexes: Sequence[int], found: Found
    ) -> None:
        reader = self._readers.get(version.schema_id)
        if reader is None:
            reader = self._readers[version.schema_id] = ColumnReader(version)
        columns = reader.read([values[index] for index in indexes])
        found.poison += [(indexes[each.index], each.reason) for each in columns.poison]
        rows = _flatten(columns.frame, version)
        found.sealed += [Sealed(a, b, dict(zip(_BLOCK, block, strict=True)), c) for a, b, c, *block in rows.iter_rows()]


def _flatten(frame: polars.DataFrame, version: EventVersion) -> polars.DataFrame:
    """One row for each civil block: event, person, birth day, then the block."""
    born = {role.birth_date_field: role.name for role in version.roles.values() if role.birth_date_field}
    dates = {name: frame[name] for field in born for name in (field, f"{field}_precision")}
    blocks = (
        polars.DataFrame({"event_id": frame["event_id"], "subjects": frame["subjects"], **dates})
        .explode("subjects")
        .unnest("subjects")
        .explode("blocks")
        .unnest("blocks")
        .filter(polars.col("compartment") == COMPARTMENT)
    )
    day: polars.Expr = polars.lit(None, polars.Int32)
    for field_name, role in born.items():
        says = (polars.col("role") == role) & (polars.col(f"{field_name}_precision") == "day")
        day = polars.when(says).then(polars.col(field_name)).otherwise(day)
    return blocks.select("event_id", "person_id", day.alias("born_day"), *_BLOCK)


def _suits_columns(event: EventVersion) -> bool:
    names = {each["name"] for each in event.document["fields"]}
    return REPLACEMENT not in names and DESTROYED not in names


def _find_born_day(event: Event, role: str) -> int | None:
    found = event.version.roles.get(role)
    name = found.birth_date_field if found else None
    if name is None or event.record.get(f"{name}_precision") != "day":
        return None
    born_day: int | None = event.record[name]
    return born_day
