"""The projection `readers`: one row for each person whom a `PersonRead` names."""

from collections.abc import Sequence
from typing import Any

from services.kernel.codec import Decoder
from services.kernel.contract.catalog import Catalog
from services.kernel.database import Connection, Uuid
from services.kernel.errors import Corrupt
from services.projections.engine.projection import Batch, Poison, Record, Table

PERSON_READ = "PersonRead"

_READING = Table(
    "reading",
    (
        "person_id",
        "event_id",
        "recorded_at",
        "partition",
        "offset",
        "actor",
        "role",
        "purpose",
        "case_reference",
        "route",
        "fields",
        "compartments",
        "outcome",
        "partner_region",
    ),
    """CREATE TABLE {schema}.reading (
        person_id      uuid NOT NULL,
        event_id       uuid NOT NULL,
        recorded_at    bigint NOT NULL,
        partition      integer NOT NULL,
        "offset"       bigint NOT NULL,
        actor          text NOT NULL,
        role           text NOT NULL,
        purpose        text NOT NULL,
        case_reference text,
        route          text NOT NULL,
        fields         text[] NOT NULL,
        compartments   text[] NOT NULL,
        outcome        text NOT NULL,
        partner_region text,
        PRIMARY KEY (person_id, event_id)
    )""",
    ("CREATE INDEX reading_newest ON {schema}.reading (person_id, recorded_at DESC, event_id DESC)",),
)


class ReadersProjection:
    """Implements `services.projections.engine.projection.Projection`."""

    name = "readers"
    contexts = ("audit",)
    edition = 1
    tables = (_READING,)

    def __init__(self, catalog: Catalog) -> None:
        self._decoder = Decoder(catalog)

    def read(self, records: Sequence[Record]) -> Batch:
        """Rows, and what cannot be read."""
        rows: list[tuple[Any, ...]] = []
        poison = []
        for index, record in enumerate(records):
            try:
                event = self._decoder.decode(record.value)
            except Corrupt as error:
                poison.append(Poison(index, error.code))
                continue
            if event.type == PERSON_READ:
                rows += _rows(record, event.record)
        return Batch(rows, tuple(poison))

    async def apply(self, connection: Connection, schema: str, content: Sequence[tuple[Any, ...]]) -> None:
        """Writes the rows; of several copies of one event the earliest on the log counts."""
        earliest: dict[tuple[bytes, bytes], tuple[Any, ...]] = {}
        for row in sorted(content, key=lambda row: row[:5]):
            earliest.setdefault((row[0], row[1]), row)
        places = ", ".join(f"${number}" for number in range(1, len(_READING.columns) + 1))
        await connection.executemany(
            f'INSERT INTO "{schema}".reading AS known VALUES ({places})'  # noqa: S608
            " ON CONFLICT (person_id, event_id) DO UPDATE SET recorded_at = excluded.recorded_at,"
            ' partition = excluded.partition, "offset" = excluded."offset", actor = excluded.actor,'
            " role = excluded.role, purpose = excluded.purpose, case_reference = excluded.case_reference,"
            " route = excluded.route, fields = excluded.fields, compartments = excluded.compartments,"
            " outcome = excluded.outcome, partner_region = excluded.partner_region"
            ' WHERE (excluded.recorded_at, excluded.partition, excluded."offset")'
            ' < (known.recorded_at, known.partition, known."offset")',
            list(earliest.values()),
        )

    def find_subjects(self, record: Record) -> tuple[str, ...]:
        """Whom the reading was about, if it can be decoded."""
        try:
            return tuple(str(row[0]) for row in self.read([record]).content)
        except Exception:  # whatever it is, nobody can be named
            return ()


def _rows(record: Record, said: dict[str, Any]) -> list[tuple[Any, ...]]:
    """In the order of the columns, one for each person."""
    place = (record.recorded_at, record.place.partition, record.place.offset)
    what = (said["actor"], said["reader_role"], said["purpose"], said["case_reference"], said["route"])
    more = (said["fields"], said["compartments"], said["outcome"], said["partner_region"])
    return [(Uuid(subject["person_id"]), Uuid(said["event_id"]), *place, *what, *more) for subject in said["subjects"]]
