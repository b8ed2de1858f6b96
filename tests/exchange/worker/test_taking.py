"""What Faust hands over, and what it leaves out, is applied once and in order, by position."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from uuid import uuid4

import pytest

from deploy.local.stack import Running
from services.exchange.ledger.applying import Halted
from services.exchange.ledger.aside import Aside, Placed, TooManyAside
from services.exchange.ledger.positions import Elsewhere, Step
from services.exchange.worker.taking import Taking
from services.kernel.log.producer import LogProducer, Record
from services.kernel.log.reader import Partition
from services.kernel.log.topics import CONTEXTS, ensure_topics


class Table:
    """Stands where the tables stand: one position, and what was applied."""

    def __init__(self) -> None:
        self.position = 0
        self.values: list[bytes] = []
        self.halted: str | None = None
        self.raises: list[Exception] = []

    async def apply(self, records: Sequence[Placed], steps: Sequence[Step]) -> None:
        if self.raises:
            raise self.raises.pop()
        if self.halted:
            raise Halted
        (step,) = steps
        if step.expected != self.position:
            raise Elsewhere
        self.position = step.next_offset
        self.values += [each.value for each in records]

    async def find(self, partitions: set[Partition]) -> dict[Partition, int]:
        return dict.fromkeys(partitions, self.position)

    async def halt(self, reason: str) -> None:
        self.halted = reason


class Bench:
    """A topic with twenty records on it, and a `Taking` that runs."""

    def __init__(self, stack: Running, region: str) -> None:
        self.table = Table()
        self.partition = Partition(f"{region}.exchange", 0)
        self.taking = Taking(
            self.partition.topic,
            stack.kafka,
            self.table.apply,
            self.table.find,
            self.table.halt,
            batch_max=7,
            linger_s=0.001,
        )
        self.wanted = [b"%d" % number for number in range(20)]

    async def hand(self, *offsets: int) -> None:
        for offset in offsets:
            await self.taking.take(self.partition, offset, self.wanted[offset])

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not true():  # noqa: ASYNC110
                await asyncio.sleep(0.02)


@pytest.fixture
async def bench(fragile: Running) -> AsyncIterator[Bench]:
    region = "lab" + uuid4().hex[:8].translate(str.maketrans("0123456789", "ghijklmnop"))
    await asyncio.to_thread(ensure_topics, fragile.kafka, region, 1, dict.fromkeys(CONTEXTS, 1))
    opened = Bench(fragile, region)
    producer = LogProducer(fragile.kafka, client_id="bench")
    await producer.append([Record(opened.partition.topic, b"k", value, []) for value in opened.wanted])
    await producer.close()
    running = asyncio.create_task(opened.taking.run())
    yield opened
    running.cancel()


async def test_a_partition_that_is_new_to_us_is_read_from_its_position_without_a_word_of_faust_s(bench: Bench) -> None:
    bench.table.position, bench.table.values = 5, bench.wanted[:5]
    bench.taking.assign({bench.partition})
    await bench.until(lambda: bench.table.position == 20)
    assert bench.table.values == bench.wanted


async def test_what_faust_leaves_out_is_read_from_the_log_and_what_it_repeats_is_left_out(bench: Bench) -> None:
    bench.taking.ours = {bench.partition}
    await bench.hand(0, 1, 1, 0, 2, 9, 10, 4, 10, 19)
    await bench.until(lambda: bench.table.position == 20)
    assert bench.table.values == bench.wanted


async def test_a_batch_waits_for_the_weather_for_other_workers_and_for_whoever_has_to_look(bench: Bench) -> None:
    bench.taking.ours = {bench.partition}
    bench.table.raises = [Halted(), OSError(), Elsewhere(), ConnectionResetError(), TimeoutError()]
    await bench.hand(*range(20))
    await bench.until(lambda: bench.table.position == 20)
    assert bench.table.values == bench.wanted
    assert bench.taking.retries == 3


async def test_too_much_poison_halts_and_nothing_is_applied_until_it_is_resumed(bench: Bench) -> None:
    bench.taking.ours = {bench.partition}
    aside = Aside(Placed(bench.partition, 0, b""), "handler-raised", None, None, ValueError())
    bench.table.raises = [TooManyAside([aside])]
    await bench.hand(*range(20))
    await bench.until(lambda: bench.table.halted == "too-many-set-aside" and bench.taking.state == "halted")
    assert bench.table.values == []
    bench.table.halted = None
    await bench.until(lambda: bench.table.position == 20)
    assert bench.table.values == bench.wanted


async def test_a_log_that_was_cut_halts_everything_instead_of_being_taken_for_applied(bench: Bench) -> None:
    bench.table.position = 1_000
    bench.taking.assign({bench.partition})
    await bench.hand(3)
    await bench.until(lambda: bench.table.halted == "position-outside-log")
    assert bench.table.values == []


async def test_what_belongs_to_another_worker_by_now_is_dropped(bench: Bench) -> None:
    bench.taking.ours = set()
    await bench.hand(0, 1, 2)
    await asyncio.sleep(0.3)
    assert bench.table.values == []


async def test_a_bug_in_applying_is_tried_again_and_raises_nothing_into_faust(bench: Bench) -> None:
    bench.taking.ours = {bench.partition}
    bench.table.raises = [ZeroDivisionError()]
    await bench.hand(*range(20))
    await bench.until(lambda: bench.table.position == 20)
    assert bench.table.values == bench.wanted
