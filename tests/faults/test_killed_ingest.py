"""Ingest is killed, stopped and starved in the middle of a load; the journal says what must be on the log."""

import asyncio
import signal
from pathlib import Path

from deploy.local.stack import Running
from tests.faults.journal import Journal, Verdict, read_copies
from tests.faults.load import EVENTS, Load, make_births
from tests.ingest_process import IngestProcess
from tests.office import Office


def judge(stack: Running, office: Office, journal: Journal) -> Verdict:
    return journal.judge(read_copies(stack.kafka, "north", office.code))


async def test_nothing_acknowledged_is_lost_or_doubled_when_ingest_is_killed_under_load(
    stack: Running, office: Office, journal: Journal, tmp_path: Path
) -> None:
    with IngestProcess(stack.regions["north"], tmp_path / "ingest.log") as ingest:
        load, births = Load(office.at(ingest.url), journal), make_births(office, EVENTS)
        sending = asyncio.create_task(load.send(births))
        for share in (4, 2):
            await load.reach(EVENTS // share, sending)
            assert ingest.end(signal.SIGKILL) == -signal.SIGKILL
            await asyncio.to_thread(ingest.start)
        await sending
        await load.settle(births)
    verdict = judge(stack, office, journal)
    assert verdict.faults == {}
    assert verdict.acknowledged == EVENTS
    assert verdict.was_unknown, "the kill came when nothing was under way"


async def test_a_stop_under_load_finishes_what_was_taken_in(
    stack: Running, office: Office, journal: Journal, tmp_path: Path
) -> None:
    with IngestProcess(stack.regions["north"], tmp_path / "ingest.log") as ingest:
        load, births = Load(office.at(ingest.url), journal), make_births(office, EVENTS)
        sending = asyncio.create_task(load.send(births))
        await load.reach(EVENTS // 3, sending)
        assert await asyncio.to_thread(ingest.end, signal.SIGTERM) == 0
        assert judge(stack, office, journal).faults.keys() <= {"unsettled"}
        await asyncio.to_thread(ingest.start)
        await sending
        await load.settle(births)
    verdict = judge(stack, office, journal)
    assert verdict.faults == {}
    assert verdict.acknowledged == EVENTS
