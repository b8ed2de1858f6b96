"""PostgreSQL dies in the middle of a load."""

import asyncio
import signal

import pytest

from deploy.local.stack import Running
from tests.faults.journal import Journal, read_copies
from tests.faults.load import EVENTS, Load, make_births
from tests.office import Office


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "restarted"])
async def test_nothing_acknowledged_is_lost_or_doubled_when_the_database_goes_under_load(
    stack: Running, office: Office, journal: Journal, number: signal.Signals
) -> None:
    load, births = Load(office, journal), make_births(office, EVENTS)
    sending = asyncio.create_task(load.send(births))
    await load.reach(EVENTS // 4, sending)
    stack.get_process("postgres").send_signal(number)
    await sending
    await load.settle(births)
    verdict = journal.judge(read_copies(stack.kafka, "north", office.code))
    assert verdict.faults == {}
    assert verdict.acknowledged == EVENTS
