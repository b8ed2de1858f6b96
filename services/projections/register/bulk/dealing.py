"""The first pass: each record goes to the parts of the people whom it names."""

from pathlib import Path
from zlib import crc32

from services.projections.engine.projection import Run
from services.projections.register.bulk.peek import find_people
from services.projections.register.bulk.routing import ID_BYTES, Router
from services.projections.register.bulk.settling import ACTS, IDS
from services.projections.register.bulk.spill import PartWriter, append


class Dealer:
    """Deals out runs of records into `folder`. `acts`: framed beginnings of the schemas that bind people together.

    Besides the parts it writes `ids`, the event id of every record, by which copies are found, and `acts`, a part of
    its own with every correction, annulment and merge.
    """

    def __init__(self, folder: Path, parts: int, acts: frozenset[bytes], topics: dict[str, int]) -> None:
        self._parts = PartWriter(folder, parts)
        self._acts_writer = PartWriter(folder / ACTS, 1)
        self._router = Router(parts, {})
        self._ids = folder / IDS
        self._acts, self._topics = acts, topics

    def add(self, run: Run) -> None:
        writer, acts = self._parts, self._acts
        held, count, limit = writer.held, writer.parts, writer.limit
        topic, partition = self._topics[run.topic], run.partition
        for offset, recorded_at, value in zip(run.offsets, run.recorded_at, run.values, strict=True):
            people = find_people(value)
            entry = (people, topic, partition, offset, recorded_at, value)
            if value[:5] in acts:
                self._acts_writer.put(0, entry)
            if len(people) == ID_BYTES:
                part = crc32(people) % count
                mine = held[part]
                mine.append(entry)
                if len(mine) >= limit:
                    writer.write(part)
            else:
                for part in self._router.get_parts(people, value[5:21]):
                    writer.put(part, entry)
        append(self._ids, b"".join([value[5:21] for value in run.values if len(value) > 20]))

    def flush(self) -> None:
        """Everything that was added is in the files."""
        self._parts.flush()
        self._acts_writer.flush()
