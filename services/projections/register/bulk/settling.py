"""Between the passes: what no record tells by itself is found, and records are added to the parts that lack them.

Three things bind a record to people whom it does not name: a correction or an annulment speaks of it, another copy of
it names somebody else, and people were merged. All three are few, so what is known of them is kept in memory.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import polars
import pyarrow as pa  # type: ignore[import-untyped]

from services.kernel.errors import Corrupt
from services.projections.register.bulk.peek import find_event_id
from services.projections.register.bulk.routing import ID_BYTES, Router, split_ids
from services.projections.register.bulk.spill import Entry, PartWriter, append, read_part
from services.projections.register.evidence import edges_of, find_roots, people_of, threads_of
from services.projections.register.life.fact import Fact
from services.projections.register.life.handling import ACTS as ACT_TYPES

ACTS, IDS, ROOTS = "acts", "ids", "roots"
_IDS_AT_ONCE = 4_000_000


def settle(folders: Sequence[Path], extra: Path, parts: int, acts: Iterator[Fact]) -> Iterator[int]:
    """Adds records to parts in `extra`, and writes down there who is one group. `acts`: every act and merge.

    Gives now and then how many records it has looked at.
    """
    bound = _Bound(parts, acts)
    bound.watch(find_repeated(folders))
    extra.mkdir(mode=0o700, parents=True, exist_ok=True)
    append(extra / ROOTS, msgspec.msgpack.encode(list(bound.roots.items())))
    if not bound.threads and not bound.roots:
        return
    for part in range(parts if bound.threads else 0):
        for chunk in read_part(folders, part):
            bound.see(chunk)
            yield len(chunk)
    writer = PartWriter(extra, parts)
    for part in range(parts):
        for chunk in read_part(folders, part):
            for entry in bound.select(chunk, part):
                for missing in bound.find_missing(entry):
                    writer.put(missing, entry)
            yield 0 if bound.threads else len(chunk)
    writer.flush()


class _Bound:
    """What binds records to people. `threads`: event id → the threads in which it stands, of those that are watched."""

    def __init__(self, parts: int, acts: Iterator[Fact]) -> None:
        edges: list[tuple[bytes, bytes]] = []
        people: dict[bytes, set[bytes]] = defaultdict(set)
        self.threads: dict[bytes, tuple[bytes, ...]] = {}
        for act in acts:
            edges += edges_of(act)
            if act.type not in ACT_TYPES:
                continue
            for thread in threads_of(act):
                people[thread] |= people_of(act)
                self.threads.setdefault(thread, (thread,))
            # Two copies of an act may speak of two targets.
            self.threads[act.event_id] = tuple({*self.threads[act.event_id], *threads_of(act)})
        self.roots = find_roots(edges)
        self._dealt, self._router = Router(parts, {}), Router(parts, self.roots)
        self._needed: dict[bytes, int] = defaultdict(int)
        for thread, some in people.items():
            self._needed[thread] = _mask(self._router.get_parts(some, thread)) if some else 0

    def watch(self, repeated: Iterator[bytes]) -> None:
        """Events of which there are several copies: all of them belong wherever one does."""
        for event_id in repeated:
            self.threads.setdefault(event_id, (event_id,))

    def see(self, chunk: list[Entry]) -> None:
        """Takes note of whom these records name."""
        threads_of_event = self.threads
        for entry in chunk:
            event_id = entry[-1][5:21]
            if event_id in threads_of_event:
                named = _mask(self._router.get_parts(entry[0], event_id))
                for thread in threads_of_event[event_id]:
                    self._needed[thread] |= named

    def select(self, chunk: list[Entry], part: int) -> Iterator[Entry]:
        """Those that may have to be added elsewhere. A record that stands in several parts is taken in one."""
        threads, roots, home = self.threads, self.roots, self._dealt.get_home
        for entry in chunk:
            people = entry[0]
            bound = entry[-1][5:21] in threads or (
                people in roots if len(people) == ID_BYTES else not roots.keys().isdisjoint(split_ids(people))
            )
            if bound and (len(people) <= ID_BYTES or home(people, b"") == part):
                yield entry

    def find_missing(self, entry: Entry) -> list[int]:
        """The parts that a record has to be added to."""
        people, event_id = entry[0], find_event_id(entry[-1])
        wanted = _mask(self._router.get_parts(people, event_id))
        for thread in self.threads.get(event_id, ()):
            wanted |= self._needed[thread]
        return _list(wanted & ~_mask(self._dealt.get_parts(people, event_id)))


def read_roots(extra: Path) -> Mapping[bytes, bytes]:
    """Who stands for a group of merged people."""
    pairs: list[tuple[bytes, bytes]] = msgspec.msgpack.decode(
        (extra / ROOTS).read_bytes(), type=list[tuple[bytes, bytes]]
    )
    return dict(pairs)


def find_repeated(folders: Sequence[Path]) -> Iterator[bytes]:
    """Ids of events of which there is more than one record. Reads the ids as often as memory asks for."""
    files = [file for folder in folders if (file := folder / IDS).exists()]
    count = sum(file.stat().st_size for file in files) // 16
    rounds = count // _IDS_AT_ONCE + 1
    for number in range(rounds):
        some = [_read_ids(file, number, rounds) for file in files]
        if some:
            yield from _as_bytes(polars.concat(some))


def _read_ids(file: Path, number: int, rounds: int) -> polars.DataFrame:
    """Ids as two numbers, those whose lower one falls to this round."""
    if file.stat().st_size % 16:
        raise Corrupt("rebuild-folder-damaged", IDS)
    with pa.memory_map(str(file)) as content:
        halves = polars.Series(pa.Array.from_buffers(pa.uint64(), content.size() // 8, [None, content.read_buffer()]))
        ids = polars.DataFrame({"high": halves.gather_every(2), "low": halves.gather_every(2, 1)})
        return ids.filter(polars.col("low") % rounds == number) if rounds > 1 else ids.clone()


def _as_bytes(ids: polars.DataFrame) -> Iterator[bytes]:
    for high, low in ids.filter(ids.is_duplicated()).unique().iter_rows():
        yield high.to_bytes(8, "little") + low.to_bytes(8, "little")


def _mask(parts: set[int]) -> int:
    mask = 0
    for part in parts:
        mask |= 1 << part
    return mask


def _list(mask: int) -> list[int]:
    return [part for part in range(mask.bit_length()) if mask >> part & 1]
