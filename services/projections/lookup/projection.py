"""The projection `lookup`: which person an event names with which name or address, by keyed hashes.

Entries are candidates and no more: names that were corrected or given up stay, and whoever looks somebody up compares
each candidate with the unsealed record. An entry remembers the key of the block that it was made from, and goes when
`SubjectErased` names that key. A key is destroyed before that event is logged, and whoever deletes entries waits for
those who are writing some; so whatever comes first, nothing is left of what was erased.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from services.kernel.codec import Decoder, Event
from services.kernel.contract.catalog import Catalog
from services.kernel.database import Connection, Uuid
from services.kernel.database.arrays import bytea_array, uuid_array
from services.kernel.errors import Corrupt
from services.kernel.privacy.data_keys import DataKeys
from services.kernel.privacy.region_key import RegionKey
from services.kernel.privacy.sealing import unseal
from services.projections.engine.projection import Batch, Poison, Record, Table
from services.projections.lookup.spelling import list_addresses, list_names

NAME, NAME_BIRTH, ADDRESS = "name", "name-birth", "address"
COMPARTMENT = "civil"
ERASED, REPLACEMENT = "SubjectErased", "replacement"
LOCK = 0x6C6F6F6B  # any constant that all workers share: "look"

_ENTRY = Table(
    "entry",
    ("person_id", "kind", "digest", "event_id", "key_id"),
    """CREATE TABLE {schema}.entry (
        person_id uuid NOT NULL,
        kind      text NOT NULL,
        digest    bytea NOT NULL,
        event_id  uuid NOT NULL,
        key_id    uuid NOT NULL,
        PRIMARY KEY (person_id, kind, digest, event_id, key_id)
    )""",
    (
        "CREATE INDEX entry_digest ON {schema}.entry (digest, person_id)",
        "CREATE INDEX entry_key ON {schema}.entry (key_id)",
    ),
)


class _Sealed(NamedTuple):
    """`born_day`: as the event itself says it, where it says it to the day."""

    event_id: bytes
    person_id: bytes
    block: dict[str, Any]
    born_day: int | None


Row = tuple[bytes, str, bytes, bytes, bytes]
"""As in the table, ids as bytes."""


@dataclass(frozen=True, slots=True)
class _Content:
    sealed: list[_Sealed]
    destroyed: list[Uuid]


class LookupProjection:
    """Implements `services.projections.engine.projection.Projection`."""

    name = "lookup"
    contexts = ("registration", "migration")
    edition = 1
    tables = (_ENTRY,)

    def __init__(self, catalog: Catalog, region_key: RegionKey) -> None:
        self._decoder = Decoder(catalog)
        self._region_key = region_key
        self._keys = DataKeys(region_key)

    def read(self, records: Sequence[Record]) -> Batch:
        """What is sealed of whom, and which keys are gone."""
        content, poison = _Content([], []), []
        for index, record in enumerate(records):
            try:
                event = self._decoder.decode(record.value)
                content.sealed.extend(list(self._list_sealed(event)))
            except Corrupt as error:
                poison.append(Poison(index, error.code))
                continue
            if event.type == ERASED:
                content.destroyed.extend(map(Uuid, event.record["destroyed_key_ids"]))
        return Batch(content, tuple(poison))

    async def apply(self, connection: Connection, schema: str, content: _Content) -> None:
        """Opens the blocks whose keys exist, keeps the hashes of what they say, drops what was erased."""
        lock = "pg_advisory_xact_lock" if content.destroyed else "pg_advisory_xact_lock_shared"
        await connection.execute(f"SELECT {lock}({LOCK})")
        rows = await self._hash(connection, content.sealed)
        if rows:
            people, kinds, digests, events, keys = zip(*sorted(rows), strict=True)
            await connection.execute(
                f'INSERT INTO "{schema}".entry SELECT * FROM unnest($1::text::uuid[], $2::text[], $3::text::bytea[],'  # noqa: S608
                " $4::text::uuid[], $5::text::uuid[]) ON CONFLICT DO NOTHING",
                uuid_array(map(Uuid, people)),
                list(kinds),
                bytea_array(digests),
                uuid_array(map(Uuid, events)),
                uuid_array(map(Uuid, keys)),
            )
        if content.destroyed:
            await connection.execute(
                f'DELETE FROM "{schema}".entry WHERE key_id = ANY($1::text::uuid[])',  # noqa: S608
                uuid_array(content.destroyed),
            )

    def find_subjects(self, record: Record) -> tuple[str, ...]:
        """Everybody whom the event names, if it can be decoded."""
        try:
            subjects = self._decoder.decode(record.value).record["subjects"]
        except Exception:  # whatever it is, nobody can be named
            return ()
        return tuple(str(Uuid(subject["person_id"])) for subject in subjects)

    def _list_sealed(self, event: Event) -> Iterator[_Sealed]:
        for subject in event.record["subjects"]:
            for block in subject["blocks"]:
                if block["compartment"] == COMPARTMENT:
                    born_day = _find_born_day(event, subject["role"])
                    yield _Sealed(event.record["event_id"], subject["person_id"], block, born_day)
        if REPLACEMENT in event.record:
            yield from self._list_sealed(self._decoder.decode(event.record[REPLACEMENT]))

    async def _hash(self, connection: Connection, sealed: Sequence[_Sealed]) -> set[Row]:
        keys = await self._keys.find(connection, sorted({Uuid(each.block["key_id"]) for each in sealed}))
        rows = set()
        for each in sealed:
            key = keys.get(Uuid(each.block["key_id"]))
            if key is None:
                continue
            avro = unseal(key, each.block, event_id=each.event_id, person_id=each.person_id)
            civil = self._decoder.decode_block(each.block["block_schema_id"], avro)
            for kind, spelled in _list_entries(civil, each.born_day):
                digest = make_digest(self._region_key, kind, spelled)
                rows.add((each.person_id, kind, digest, each.event_id, each.block["key_id"]))
        return rows


def make_digest(region_key: RegionKey, kind: str, spelled: str) -> bytes:
    """The 16 bytes under which a spelled name or line of an address stands."""
    return region_key.blind_index(f"lookup/{kind}", spelled)


def spell_name_birth(name: str, born_day: int) -> str:
    """A spelled name together with a birth date."""
    return f"{name}/{born_day}"


def _list_entries(civil: dict[str, Any], born_day: int | None) -> Iterator[tuple[str, str]]:
    for name in list_names(civil):
        yield NAME, name
        if born_day is not None:
            yield NAME_BIRTH, spell_name_birth(name, born_day)
    for line in list_addresses(civil):
        yield ADDRESS, line


def _find_born_day(event: Event, role: str) -> int | None:
    found = event.version.roles.get(role)
    field = found.birth_date_field if found else None
    if field is None or event.record.get(f"{field}_precision") != "day":
        return None
    born_day: int | None = event.record[field]
    return born_day
