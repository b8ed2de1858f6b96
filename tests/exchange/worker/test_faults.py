"""Workers, the database and the broker go while entries come: each counts once, in order, and none is lost."""

import asyncio
import contextlib
import random
import signal
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import psutil
import pytest

from deploy.local.stack import Running
from services.exchange.ledger.waiting import WaitingJournal
from services.kernel.log.producer import Record
from tests.exchange.journal.contract import check_contract
from tests.exchange.worker.load import Load
from tests.stacks import ROOT

CONVERSATIONS = 400


@pytest.fixture
async def load(fragile: Running) -> AsyncIterator[Load]:
    opened = Load.open(fragile, "east")
    yield opened
    await opened.producer.close()


async def send(load: Load, pause_s: float = 0.05) -> None:
    """All steps of all conversations, some at a time."""
    for step in load.make(CONVERSATIONS):
        for start in range(0, len(step), 40):
            await load.append(step[start : start + 40])
            await asyncio.sleep(pause_s)


async def check(load: Load) -> None:
    """Everything was applied once; folded anew, the tables are the same."""
    await load.settled()
    assert await load.revisions() == {4}
    assert await load.rows("SELECT 1 FROM exchange.set_aside WHERE skipped_at IS NULL") == []
    letters = await load.rows(
        "SELECT array_agg(chain_position ORDER BY chain_position) AS places FROM exchange.message"
        " WHERE is_ours GROUP BY partner"
    )
    assert all(row["places"] == list(range(1, len(row["places"]) + 1)) for row in letters)


async def test_several_workers_share_the_partitions(load: Load) -> None:
    async with asyncio.timeout(120):
        while True:
            told = load.ask("GET", "/exchange/v1/status").json()["workers"]
            held = [
                each["partitions"] for worker in told for each in worker["topics"] if each["topic"] == "east.exchange"
            ]
            if sorted(held) == [2, 2]:
                break
            await asyncio.sleep(0.2)
    assert sum(worker["leads"] for worker in told) == 1
    assert not (ROOT / "east.exchange-data").exists(), "Faust leaves a folder where the service was started"


async def test_the_journal_keeps_every_promise_of_a_journal(load: Load) -> None:
    pool = await asyncpg.create_pool(load.stack.regions["east"].database, min_size=1, max_size=4)
    journal = WaitingJournal(load.journal, pool)
    listening = asyncio.create_task(journal.run())

    async def revision(conversation: str) -> int | None:
        found: int | None = await pool.fetchval(
            "SELECT revision FROM exchange.conversation WHERE conversation_id = $1", UUID(conversation)
        )
        return found

    try:
        await check_contract(journal, revision)
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await pool.close()


async def test_workers_that_are_killed_again_and_again_lose_and_double_nothing(load: Load) -> None:
    sending = asyncio.create_task(send(load))
    for _ in range(5):
        await asyncio.sleep(random.uniform(0.3, 1.5))
        if workers := load.workers():
            random.choice(workers).kill()
    await sending
    await check(load)
    assert (rebuilt := load.rebuild()).returncode == 0, rebuilt.stderr


async def test_a_worker_that_is_frozen_is_replaced_and_does_no_harm_when_it_wakes(load: Load) -> None:
    frozen = next(iter(load.workers()))
    sending = asyncio.create_task(send(load))
    await asyncio.sleep(0.5)
    frozen.send_signal(signal.SIGSTOP)
    await sending
    await load.settled()
    with contextlib.suppress(psutil.NoSuchProcess):
        frozen.send_signal(signal.SIGCONT)
    await check(load)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "restarted"])
async def test_a_database_that_goes_and_comes_back_is_waited_for(
    load: Load, fragile: Running, number: signal.Signals
) -> None:
    sending = asyncio.create_task(send(load))
    await asyncio.sleep(1.0)
    fragile.get_process("postgres").send_signal(number)
    await sending
    await check(load)


async def test_a_broker_that_goes_and_comes_back_is_waited_for(load: Load, fragile: Running) -> None:
    sending = asyncio.create_task(send(load))
    await asyncio.sleep(1.0)
    fragile.get_process("kafka-1").kill()
    await sending
    await check(load)
    assert (rebuilt := load.rebuild()).returncode == 0, rebuilt.stderr


async def test_poison_is_set_aside_and_listed_and_can_be_given_up_while_all_else_goes_on(load: Load) -> None:
    steps = load.make(20)
    await load.append(steps[0])
    (position,) = await load.producer.append([Record("east.exchange", b"partner1", b"\x00garbage", [])])
    assert position is not None
    for step in steps[1:]:
        await load.append(step)
    await load.settled()
    (listed,) = load.ask("GET", "/exchange/v1/set-aside").json()["set_aside"]
    assert (listed["partition"], listed["offset"]) == (position.partition, position.offset)
    place = f"/exchange/v1/set-aside/east.exchange/{position.partition}/{position.offset}"
    assert load.ask("POST", f"{place}:retry").json() == {"applied": False}
    assert load.ask("POST", f"{place}:skip").json() == {"skipped": True}
    assert load.ask("GET", "/exchange/v1/set-aside").json()["set_aside"][0]["skipped_by"]
    assert load.ask("POST", place.rpartition("/")[0] + "/9999:skip").status_code == 404
    await check(load)
