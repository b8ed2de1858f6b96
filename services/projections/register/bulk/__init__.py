"""The register from the first offset, in two passes over files: memory stays the same however long the log is.

`dealing` sends each record to the parts of the people whom it names, by a hash of their ids. `settling` adds what no
record tells by itself: corrections, annulments, copies and merges bind records to people whom they do not name. Then
every part is closed, and `folding` makes its rows. Files hold what the log holds: particulars stay sealed.
"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from services.kernel.contract.catalog import Catalog
from services.projections.engine.projection import Place, Poisoned, Rows
from services.projections.register.bulk.alike import Copier
from services.projections.register.bulk.dealing import Dealer
from services.projections.register.bulk.folding import PartFolder, write_life
from services.projections.register.bulk.routing import Router
from services.projections.register.bulk.settling import ACTS, read_roots, settle
from services.projections.register.bulk.spill import read_part
from services.projections.register.bulk.types import COLUMN_TYPES
from services.projections.register.life.fact import Fact
from services.projections.register.life.handling import ACTS as ACT_TYPES
from services.projections.register.life.handling import MERGES
from services.projections.register.reading import FactReader
from services.projections.register.shapes import Stands


class RegisterBulk:
    """See `Bulk` in the engine. `topics`: all that the register reads, in an order that never changes."""

    def __init__(self, catalog: Catalog, reader: FactReader, topics: Sequence[str]) -> None:
        self._reader, self._topics = reader, tuple(topics)
        self._acts = frozenset(
            b"\0" + event.schema_id.to_bytes(4, "big") for event in catalog.events if event.name in ACT_TYPES | MERGES
        )
        self._copier = Copier(COLUMN_TYPES, write_life)
        self._roots: dict[Path, dict[bytes, bytes]] = {}

    def open_dealer(self, folder: Path, parts: int) -> Dealer:
        """The first pass."""
        return Dealer(folder, parts, self._acts, {topic: number for number, topic in enumerate(self._topics)})

    def settle(self, folders: Sequence[Path], extra: Path, parts: int) -> Iterator[int]:
        """Between the passes."""
        return settle(folders, extra, parts, self._read_acts([folder / ACTS for folder in folders]))

    def list_places(self, folders: Sequence[Path], part: int) -> list[Place]:
        """Of the records of a part, in the order of the log."""
        stands = {entry[1:5] for chunk in read_part(folders, part) for entry in chunk}
        ordered = sorted((at, self._topics[topic], number, offset) for topic, number, offset, at in stands)
        return [Place(topic, number, offset) for _, topic, number, offset in ordered]

    def fold(
        self, folders: Sequence[Path], part: int, parts: int, without: Collection[Place] = ()
    ) -> Iterator[Rows | Poisoned]:
        """The second pass."""
        extra = folders[-1]
        if extra not in self._roots:
            self._roots[extra] = dict(read_roots(extra))
        router = Router(parts, self._roots[extra])
        return PartFolder(self._reader, self._copier, self._topics, router, part).fold(folders, without)

    def _read_acts(self, folders: Sequence[Path]) -> Iterator[Fact]:
        for entries in read_part(folders, 0):
            _, topics, partitions, offsets, times, values = zip(*entries, strict=True)
            names = [self._topics[topic] for topic in topics]
            yield from self._reader.read(values, Stands(times, names, partitions, offsets, [False] * len(values))).facts
