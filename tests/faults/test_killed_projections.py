"""Workers are killed at every step, frozen and raised from the dead, servers restart: each record is applied once."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from deploy.local.stack import Running
from services.kernel.log.reader import Partition
from services.projections.engine.builds import Version
from services.projections.engine.positions import Step, advance
from tests.projections.engine.lab import Lab
from tests.projections.engine.words import STEPS

WORDS = [*(f"word-{number}" for number in range(150)), "poison", *(f"word-{number}" for number in range(149))]
ONCE = Counter(word for word in WORDS if word != "poison")


@pytest.fixture
async def lab(stack: Running, tmp_path: Path) -> AsyncIterator[Lab]:
    opened = await Lab.open(stack, tmp_path)
    yield opened
    await opened.close()


async def test_a_worker_killed_at_any_step_of_the_transaction_loses_nothing_and_doubles_nothing(
    stack: Running, tmp_path: Path
) -> None:
    lab = await Lab.open(stack, tmp_path, *(step.replace("-", "_") for step in STEPS))
    try:
        lab.append(WORDS)
        for _ in range(2):
            # The second life of each finds what the first one left.
            workers = [
                lab.start_worker(name, WORDS_FAIL_AT=step, WORDS_FAILED=str(tmp_path / step))
                for name, step in zip(lab.names, STEPS, strict=True)
            ]
            if not (tmp_path / STEPS[0]).exists():
                for worker in workers:
                    assert await asyncio.to_thread(worker.wait, 60) == -signal.SIGKILL
        for name in lab.names:
            await lab.until_applied(len(WORDS), name)
            assert await lab.rows(name) == await lab.counts(name) == ONCE
            assert [entry["reason"] for entry in await lab.set_aside(name)] == ["not-a-word"]
    finally:
        await lab.close()


async def test_a_zombie_writes_nothing_after_others_have_moved_the_position(lab: Lab) -> None:
    version = Version(lab.names[0], 1, "live", 1, None)
    steps = [Step(Partition(lab.topic, number), 0, 10, 1) for number in (2, 0)]
    await lab.database.executemany(
        "INSERT INTO projection.position VALUES ($1, 1, $2, $3, 0)", [(lab.names[0], lab.topic, n) for n in range(3)]
    )
    zombie = await asyncpg.connect(lab.settings["DOMICILE_DATABASE_URL"])
    try:
        async with lab.database.transaction():
            assert await advance(lab.database, version, steps) == {step.partition for step in steps}
            late = asyncio.create_task(advance(zombie, version, [*steps, Step(Partition(lab.topic, 1), 0, 5, 1)]))
            await asyncio.sleep(0.1)
            assert not late.done()
        assert await late == {Partition(lab.topic, 1)}
        await lab.database.execute(
            "UPDATE projection.version SET state = 'retired' WHERE projection = $1", lab.names[0]
        )
        assert await advance(zombie, version, [Step(Partition(lab.topic, 0), 10, 11, 1)]) == set()
    finally:
        await zombie.close()


async def test_a_worker_frozen_in_a_transaction_does_not_block_its_successor_and_writes_nothing_later(
    lab: Lab,
) -> None:
    frozen = lab.start_worker(lab.names[0], WORDS_FREEZE_AT="after-rows")
    lab.append(WORDS)

    async def is_frozen() -> bool:
        return psutil.Process(frozen.pid).status() == psutil.STATUS_STOPPED

    await lab.until(is_frozen, True)
    lab.start_worker(lab.names[0])
    await lab.until_applied(len(WORDS))
    frozen.send_signal(signal.SIGCONT)
    lab.append(["later"] * 40)
    await lab.until_applied(len(WORDS) + 40)
    assert await lab.rows() == await lab.counts() == ONCE + Counter(later=40)


@pytest.mark.parametrize("server", ["kafka-1", "postgres"])
async def test_nothing_is_lost_or_doubled_when_a_server_is_killed_under_load(lab: Lab, server: str) -> None:
    service = await asyncio.to_thread(lab.start, 1, DOMICILE_PROJECTIONS_BATCH_MAX="100")
    lab.append(WORDS * 10)
    await lab.until_some_applied()
    lab.stack.get_process(server).kill()
    if server == "postgres":
        await lab.reconnect()
    lab.append(["after"] * 50)
    await lab.until_applied(len(WORDS) * 10 + 50)
    expected = Counter({word: count * 10 for word, count in ONCE.items()}) + Counter(after=50)
    assert await lab.rows() == await lab.counts() == expected
    await lab.until(lambda: asyncio.to_thread(service.is_ready), True)
