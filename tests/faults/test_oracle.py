"""The oracle against ingests that break a promise: each sabotage is caught, so a green run means something."""

import asyncio
import signal
from pathlib import Path

from deploy.local.stack import Running
from tests.faults.journal import Journal, Verdict, read_copies
from tests.faults.load import Load, make_births
from tests.faults.sabotaged import ANSWER_EARLY, NO_CLAIMS
from tests.ingest_process import IngestProcess
from tests.office import Office

MODULE = "tests.faults.sabotaged"


def judge(stack: Running, office: Office, journal: Journal) -> Verdict:
    return journal.judge(read_copies(stack.kafka, "north", office.code))


async def test_an_ingest_that_answers_before_the_broker_confirmed_is_caught_losing(
    stack: Running, office: Office, journal: Journal, tmp_path: Path
) -> None:
    with IngestProcess(stack.regions["north"], tmp_path / "log", f"{MODULE} {ANSWER_EARLY}") as ingest:
        load, births = Load(office.at(ingest.url), journal), make_births(office, 5000)
        sending = asyncio.create_task(load.send(births))
        await load.reach(200, sending)
        ingest.end(signal.SIGKILL)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    assert judge(stack, office, journal).lost


async def test_an_ingest_that_takes_every_post_for_new_is_caught_doubling(
    stack: Running, office: Office, journal: Journal, tmp_path: Path
) -> None:
    with IngestProcess(stack.regions["north"], tmp_path / "log", f"{MODULE} {NO_CLAIMS}") as ingest:
        load, births = Load(office.at(ingest.url), journal), make_births(office, 100)
        await load.send(births)
        await load.send(births)
    assert len(judge(stack, office, journal).faults["doubled"]) == 100
