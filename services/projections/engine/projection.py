"""What the engine asks of a projection, and nothing else does it know of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from services.kernel.database import Connection


class Place(NamedTuple):
    """Where a record stands on the log."""

    topic: str
    partition: int
    offset: int


class Record(NamedTuple):
    """One record of the log. `recorded_at`: the broker's append time, milliseconds since 1970, UTC."""

    place: Place
    recorded_at: int
    key: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Poison:
    """A record that the projection cannot read. `index`: its place in what was given."""

    index: int
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What `read` made of records: `content` is the projection's own affair; the poison is not in it."""

    content: Any
    poison: tuple[Poison, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a projection: its columns, and the statements that make it and its indexes.

    The statements name `{schema}`. Two builds of a table are equal when their rows are, in any order.
    """

    name: str
    columns: tuple[str, ...]
    create: str
    indexes: tuple[str, ...] = ()


class Projection(Protocol):
    """Turns records into rows. The same records in any order, batching and number of copies give the same rows."""

    @property
    def name(self) -> str:
        """Also the schema of its views."""

    @property
    def contexts(self) -> tuple[str, ...]:
        """Which topics it reads: `<region>.<context>`."""

    @property
    def edition(self) -> int:
        """Counted up by hand when the same log gives other rows; the live tables then want a rebuild."""

    @property
    def tables(self) -> Sequence[Table]: ...

    def read(self, records: Sequence[Record]) -> Batch:
        """Decodes; no I/O. Runs on a thread while the batch before is being applied."""

    async def apply(self, connection: Connection, schema: str, content: Any) -> None:
        """Writes what follows from the content of a batch into the tables of `schema`.

        The engine holds the transaction, and the position of the log goes with it. Raises whatever goes wrong:
        the engine tells bad weather from a bad record.
        """

    def find_subjects(self, record: Record) -> tuple[str, ...]:
        """Whom a record is about, as far as can be told of one that cannot be applied. Never raises."""


class Bulk(Protocol):
    """What a projection may offer besides, to be rebuilt faster than by `apply`."""

    async def add(self, records: Sequence[Record]) -> tuple[Poison, ...]:
        """Takes records in."""

    async def write(self, connections: Sequence[Connection], schema: str) -> None:
        """Writes all rows into empty tables without indexes."""


Rows = Mapping[str, Sequence[tuple[Any, ...]]]
"""Table -> rows in the order of its columns."""
