"""What the engine asks of a projection, and nothing else does it know of one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import polars

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

    The statements name `{schema}`. Two builds of a table are equal when their rows are, in any order; a table that is
    not `compared` follows from the others, and may lie otherwise in each build. `fill`: run before the indexes, when
    the tables made before it hold their rows.
    """

    name: str
    columns: tuple[str, ...]
    create: str
    indexes: tuple[str, ...] = ()
    fill: tuple[str, ...] = ()
    compared: bool = True


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


class Run(NamedTuple):
    """Records of one partition in their order, by columns: leaner than a `Record` each."""

    topic: str
    partition: int
    offsets: Sequence[int]
    recorded_at: Sequence[int]
    values: Sequence[bytes]


class Dealer(Protocol):
    """Takes the records of some partitions and deals them out to parts, in files of its own folder."""

    def add(self, run: Run) -> None:
        """Whatever the records are: poison is met when a part is folded."""

    def flush(self) -> None:
        """All that was added is in files now. Files only ever grow: what was added since is cut off after a crash."""


class Bulk(Protocol):
    """What a projection may offer besides, to be rebuilt faster than by `apply`: a method `open_bulk(topics)` gives it.

    Several processes share the work, each with an instance of its own; nothing is between them but files.
    """

    def open_dealer(self, folder: Path, parts: int) -> Dealer:
        """The first pass, in several processes: deal out all records. The folder may hold what was dealt before."""

    def settle(self, folders: Sequence[Path], extra: Path, parts: int) -> Iterator[int]:
        """Once, when all is dealt out: adds to the parts, in `extra`, what the dealing could not know. Gives now and
        then how many records it has looked at.
        """

    def fold(
        self, folders: Sequence[Path], part: int, parts: int, without: Collection[Place] = ()
    ) -> "Iterator[Rows | Poisoned]":
        """The second pass, in several processes: all rows of one part, some tables at a time, and its poison.

        As if the records of `without` had never been.
        """

    def list_places(self, folders: Sequence[Path], part: int) -> list[Place]:
        """Of all records in one part, in an order that depends on them alone: that of the log."""


class Poisoned(NamedTuple):
    """A record that cannot be read, met in a part; one that stands in several parts is met in each."""

    record: Record
    reason: str


Rows = Mapping[str, Sequence[tuple[Any, ...]] | polars.DataFrame]
"""Table → rows in the order of its columns, or those columns, of the width that the table has; ids are 16 bytes."""
