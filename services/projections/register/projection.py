"""The register as a projection: what the log says of people, as life courses in tables."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.kernel.contract.catalog import Catalog
from services.kernel.database import Connection
from services.projections.engine.projection import Batch, Record, Table
from services.projections.register.apply import Arrived, apply
from services.projections.register.bulk import RegisterBulk
from services.projections.register.evidence import Evidence, people_of
from services.projections.register.life import HANDLERS
from services.projections.register.reading import COLUMNS_FROM, FactReader
from services.projections.register.shapes import Stands
from services.projections.register.tables import TABLES

EDITION = 4
_KEY_BYTES = 32


class RegisterProjection:
    """See `Projection`."""

    name = "register"
    contexts: tuple[str, ...] = ("registration", "migration", "service")
    edition = EDITION
    tables: Sequence[Table] = TABLES

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.reader = make_reader(catalog)

    def open_bulk(self, topics: Sequence[str]) -> RegisterBulk:
        """The faster way of a rebuild."""
        return RegisterBulk(self._catalog, self.reader, topics)

    def read(self, records: Sequence[Record]) -> Batch:
        """Facts of all records that can be read."""
        values = [record.value for record in records]
        read = self.reader.read(values, Stands.of(records))
        copies = [Evidence(fact, values[index]) for fact, index in zip(read.facts, read.indexes, strict=True)]
        return Batch(Arrived.of(copies), read.poison)

    async def apply(self, connection: Connection, schema: str, content: Any) -> None:
        """Folds whom the batch concerns, before and after, and writes the difference."""
        await apply(connection, schema, self.reader, content)

    def find_subjects(self, record: Record) -> tuple[str, ...]:
        """Ids of the people whom a record names; of one that cannot be read the person of its key, if it has one."""
        try:
            (fact,) = self.reader.read([record.value], Stands.of([record])).facts
            return tuple(sorted(str(UUID(bytes=person)) for person in people_of(fact)))
        except Exception:  # whatever is wrong with it is why it is asked
            return _read_key(record.key)


def make_reader(catalog: Catalog, columns_from: int = COLUMNS_FROM) -> FactReader:
    """Reads what the handlers of the life course ask for. `columns_from`: see `FactReader`."""
    return FactReader(catalog, {name: handler.fields for name, handler in HANDLERS.items()}, columns_from)


def _read_key(key: str) -> tuple[str, ...]:
    try:
        return (str(UUID(hex=key)),) if len(key) == _KEY_BYTES else ()
    except ValueError:
        return ()
