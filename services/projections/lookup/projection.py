"""The projection `lookup`: which person an event names with which name or address, by keyed hashes.

Entries are candidates and no more: names that were corrected or given up stay, and whoever looks somebody up compares
each candidate with the unsealed record. An entry remembers the key of the block that it was made from, and goes when
`SubjectErased` names that key. A key is destroyed before that event is logged, and whoever deletes entries waits for
those who are writing some; so whatever comes first, nothing is left of what was erased.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.kernel.codec import Decoder
from services.kernel.contract.catalog import Catalog
from services.kernel.database import Connection, Uuid
from services.kernel.database.arrays import bytea_array, uuid_array
from services.kernel.privacy.data_keys import DataKeys
from services.kernel.privacy.name_index import list_entries, make_digest
from services.kernel.privacy.region_key import RegionKey
from services.kernel.privacy.sealing import unseal
from services.projections.engine.projection import Batch, Poison, Record, Table
from services.projections.lookup.sealed import Sealed, SealedReader

LOCK = 0x6C6F6F6B  # any constant that all workers share: "look"

_ENTRY = Table(
    "entry",
    ("digest", "person_id", "key_id"),
    """CREATE TABLE {schema}.entry (
        digest    bytea NOT NULL,
        person_id uuid NOT NULL,
        key_id    uuid NOT NULL,
        PRIMARY KEY (digest, person_id, key_id)
    )""",
    ("CREATE INDEX entry_person ON {schema}.entry (person_id)",),
)

Row = tuple[bytes, bytes, bytes]
"""As in the table, ids as bytes."""


@dataclass(frozen=True, slots=True)
class _Content:
    sealed: list[Sealed]
    destroyed: list[tuple[bytes, bytes]]


class LookupProjection:
    """Implements `services.projections.engine.projection.Projection`."""

    name = "lookup"
    contexts = ("registration", "migration")
    edition = 2
    tables = (_ENTRY,)

    def __init__(self, catalog: Catalog, region_key: RegionKey) -> None:
        self._decoder = Decoder(catalog)
        self._reader = SealedReader(catalog)
        self._region_key = region_key
        self._keys = DataKeys(region_key)

    def read(self, records: Sequence[Record]) -> Batch:
        """What is sealed of whom, and which keys are gone."""
        found = self._reader.read([record.value for record in records])
        poison = tuple(Poison(index, reason) for index, reason in found.poison)
        return Batch(_Content(found.sealed, found.destroyed), poison)

    async def apply(self, connection: Connection, schema: str, content: _Content) -> None:
        """Opens the blocks whose keys exist, keeps the hashes of what they say, drops what was erased."""
        lock = "pg_advisory_xact_lock" if content.destroyed else "pg_advisory_xact_lock_shared"
        await connection.execute(f"SELECT {lock}({LOCK})")
        rows = await self._hash(connection, content.sealed)
        if rows:
            digests, people, keys = zip(*sorted(rows), strict=True)
            await connection.execute(
                f'INSERT INTO "{schema}".entry SELECT * FROM unnest($1::text::bytea[], $2::text::uuid[],'  # noqa: S608
                " $3::text::uuid[]) ON CONFLICT DO NOTHING",
                bytea_array(digests),
                uuid_array(map(Uuid, people)),
                uuid_array(map(Uuid, keys)),
            )
        if content.destroyed:
            people, keys = zip(*content.destroyed, strict=True)
            await connection.execute(
                f'DELETE FROM "{schema}".entry WHERE person_id = ANY ($1::text::uuid[])'  # noqa: S608
                " AND key_id = ANY ($2::text::uuid[])",
                uuid_array(map(Uuid, people)),
                uuid_array(map(Uuid, keys)),
            )

    def find_subjects(self, record: Record) -> tuple[str, ...]:
        """Everybody whom the event names, if it can be decoded."""
        try:
            subjects = self._decoder.decode(record.value).record["subjects"]
        except Exception:  # whatever it is, nobody can be named
            return ()
        return tuple(str(Uuid(subject["person_id"])) for subject in subjects)

    async def _hash(self, connection: Connection, sealed: Sequence[Sealed]) -> set[Row]:
        keys = await self._keys.find(connection, sorted({Uuid(each.block["key_id"]) for each in sealed}))
        rows = set()
        decode, region_key = self._decoder.decode_block, self._region_key
        for event_id, person_id, block, born_day in sealed:
            key_id = block["key_id"]
            key = keys.get(Uuid(key_id))
            if key is None:
                continue
            avro = unseal(key, block, event_id=event_id, person_id=person_id)
            for kind, spelled in list_entries(decode(block["block_schema_id"], avro), born_day):
                rows.add((make_digest(region_key, kind, spelled), person_id, key_id))
        return rows
