"""The first phase, in each lane: some partitions are read from the first offset to the end, and dealt out.

Every few seconds the lane flushes and writes down how far it is and how large its files are. Who goes on cuts them off
there.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from confluent_kafka import Message

from services.kernel.database.weather import is_weather
from services.kernel.errors import Unavailable
from services.kernel.log.reader import LogReader, Partition, Range, offset_of
from services.projections.engine.projection import Bulk, Dealer, Projection, Run
from services.projections.engine.rebuild.lanes import Lane, hold
from services.projections.engine.rebuild.order import MakeProjection, Stop
from services.projections.engine.rebuild.plan import Plan

DAMAGED = "{} is not as the rebuild left it. `domicile rebuild --cancel`, then begin anew."
_MARK, _LOCK = "mark.json", "lock"
_RECORDS_MAX = 4_000
_MARK_EVERY_S = 2.0
_SILENT_S = 15.0
_READER = {"queued.max.messages.kbytes": 32_768, "max.partition.fetch.bytes": 4 << 20}


class Mark(msgspec.Struct):
    """`positions`: topic, partition, offset that comes next; `sizes`: of all files of the lane then, in bytes."""

    positions: list[tuple[str, int, int]]
    sizes: dict[str, int]


def deal(
    lane: Lane, make: MakeProjection, bootstrap: str, plan: Plan, partitions: list[Partition], folder: Path
) -> None:
    """Runs in a process of its own; returns when all its partitions are dealt out."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with hold(folder / _LOCK):
        positions = _go_back(folder)
        dealer = open_bulk(make(), plan.topics).open_dealer(folder, plan.parts)
        for partition in partitions:
            span = plan.get_ranges()[partition]
            at = positions.setdefault(partition, span.first)
            lane.tell(at - span.first)
            _deal_one(lane, bootstrap, dealer, partition, Range(at, span.next_offset), plan, folder, positions)
        _keep_mark(dealer, folder, positions)


def open_bulk(projection: Projection, topics: Sequence[str]) -> Bulk:
    """The faster way of a projection that has one. LookupError for one that has none."""
    bulk = find_bulk(projection, topics)
    if bulk is None:
        raise LookupError(projection.name)
    return bulk


def find_bulk(projection: Projection, topics: Sequence[str]) -> Bulk | None:
    """The faster way of a projection, if it has one. `topics`: all that it reads, in order."""
    opener = getattr(projection, "open_bulk", None)
    return opener(topics) if opener else None


def _deal_one(
    lane: Lane,
    bootstrap: str,
    dealer: Dealer,
    partition: Partition,
    span: Range,
    plan: Plan,
    folder: Path,
    positions: dict[Partition, int],
) -> None:
    skipped = {place.offset for place in plan.get_skipped() if place[:2] == partition}
    marked_s = time.monotonic()
    for messages in _read(lane, bootstrap, partition, span):
        run = _as_run(partition, messages)
        dealer.add(_leave_out(run, skipped) if skipped else run)
        positions[partition] = run.offsets[-1] + 1
        lane.tell(len(messages))
        if time.monotonic() > marked_s + _MARK_EVERY_S:
            _keep_mark(dealer, folder, positions)
            marked_s = time.monotonic()


def _read(lane: Lane, bootstrap: str, partition: Partition, span: Range) -> Iterator[list[Message]]:
    """All records of the range, through all weather."""
    at, attempt, silent_since_s = span.first, 0, time.monotonic()
    while at < span.next_offset:
        reader = LogReader(bootstrap, _READER)
        try:
            reader.assign({partition: at})
            while at < span.next_offset:
                messages = reader.read(min(_RECORDS_MAX, span.next_offset - at), 0.5)
                lane.check()
                if not messages:
                    if time.monotonic() > silent_since_s + _SILENT_S:
                        raise Unavailable("log-unavailable")
                    continue
                attempt, silent_since_s = 0, time.monotonic()
                lane.cheer()
                at = offset_of(messages[-1]) + 1
                if at > span.next_offset:
                    messages = [message for message in messages if offset_of(message) < span.next_offset]
                if messages:
                    yield messages
        except Exception as error:
            if not is_weather(error):
                raise
            attempt, silent_since_s = attempt + 1, time.monotonic()
            lane.wait_for_weather(error, attempt)
        finally:
            reader.close()


def _as_run(partition: Partition, messages: list[Message]) -> Run:
    return Run(
        partition.topic,
        partition.number,
        [offset_of(message) for message in messages],
        [message.timestamp()[1] for message in messages],
        [message.value() or b"" for message in messages],
    )


def _leave_out(run: Run, skipped: set[int]) -> Run:
    kept = [n for n, offset in enumerate(run.offsets) if offset not in skipped]
    return Run(
        run.topic,
        run.partition,
        [run.offsets[n] for n in kept],
        [run.recorded_at[n] for n in kept],
        [run.values[n] for n in kept],
    )


def _go_back(folder: Path) -> dict[Partition, int]:
    """Makes the folder as it was at its mark; the positions then."""
    mark = Mark([], {})
    if (file := folder / _MARK).exists():
        mark = msgspec.json.decode(file.read_bytes(), type=Mark)
    for path in _files(folder):
        size = mark.sizes.pop(str(path.relative_to(folder)), 0)
        if path.stat().st_size < size:
            raise Stop(DAMAGED.format(path))
        with path.open("r+b") as content:
            content.truncate(size)
    if any(mark.sizes.values()):
        raise Stop(DAMAGED.format(folder))
    return {Partition(topic, number): offset for topic, number, offset in mark.positions}


def _keep_mark(dealer: Dealer, folder: Path, positions: Mapping[Partition, int]) -> None:
    dealer.flush()
    mark = Mark(
        [(*partition, offset) for partition, offset in positions.items()],
        {str(path.relative_to(folder)): path.stat().st_size for path in _files(folder)},
    )
    unfinished = folder / f"{_MARK}.new"
    unfinished.write_bytes(msgspec.json.encode(mark))
    unfinished.rename(folder / _MARK)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name not in (_MARK, f"{_MARK}.new", _LOCK)]
