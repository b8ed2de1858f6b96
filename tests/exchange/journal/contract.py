"""What every journal promises, whatever it is made of. The tests' own short one and the real one, over a broker and a
worker of its own process, are held to the same."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import uuid4

from services.exchange.journal.entry import Beginning, Entry
from services.exchange.journal.journal import Waiting
from services.exchange.protocol.states import Role, Talk
from services.exchange.protocol.stimuli import Requeue, Say, Stimulus, Tick
from services.kernel.event_id import new_event_id
from tests.exchange.protocol.words import body_of

Revision = Callable[[str], Awaitable[int | None]]
"""How many entries a conversation has seen; None where nobody knows it."""

ONE, OTHER = "partner1", "partner2"
"""Regions of which no directory knows: nothing is sent to them."""
_BEGINS = Beginning(Talk.MOVE, Role.DESTINATION)


def entry(conversation: str, stimulus: Stimulus, begins: Beginning | None = None, partner: str = ONE) -> Entry:
    now = datetime.now(UTC)
    return Entry(
        event_id=new_event_id(now),
        partner=partner,
        conversation_id=conversation,
        at=now,
        stimulus=stimulus,
        begins=begins,
    )


def notice(conversation: str, partner: str = ONE) -> Entry:
    """What begins a conversation."""
    said = Say("201", body_of("201", registration_id=str(uuid4())), str(uuid4()))
    return entry(conversation, said, _BEGINS, partner)


async def check_contract(journal: Waiting, revision: Revision) -> None:
    """All promises, each on conversations of its own."""
    await _outcomes_come_in_order(journal, revision)
    await _twice_is_once(journal, revision)
    await _nobody_reaches_into_a_conversation_of_another(journal, revision)
    await _positions_of_a_partner_grow_on_one_partition(journal)


async def _outcomes_come_in_order(journal: Waiting, revision: Revision) -> None:
    """One for each entry; each is applied after the one before it, and all of them when they are told."""
    one, other = str(uuid4()), str(uuid4())
    begun = notice(one)
    assert isinstance(begun.stimulus, Say)
    told = await journal.append_and_wait(
        [
            entry(one, Tick()),
            begun,
            entry(one, Requeue(begun.stimulus.message_id)),
            notice(other, OTHER),
            entry(one, Tick()),
        ]
    )
    assert [await revision(one), await revision(other)] == [3, 1]
    outcomes = [(each.conversation_id, each.denial and each.denial.why) for each in told if each is not None]
    assert outcomes == [
        (one, "unknown-conversation"),
        (one, None),
        (one, "no-dead-letter"),
        (other, None),
        (one, None),
    ]


async def _twice_is_once(journal: Waiting, revision: Revision) -> None:
    conversation = str(uuid4())
    begun, more = notice(conversation), entry(conversation, Tick())
    first = await journal.append_and_wait([begun, more])
    assert await journal.append_and_wait([begun]) == first[:1]
    await journal.append([more, begun])
    assert await journal.append_and_wait([more, begun]) == first[::-1]
    assert await revision(conversation) == 2


async def _nobody_reaches_into_a_conversation_of_another(journal: Waiting, revision: Revision) -> None:
    conversation = str(uuid4())
    (begun,) = await journal.append_and_wait([notice(conversation)])
    (reached,) = await journal.append_and_wait([entry(conversation, Tick(), partner=OTHER)])
    assert begun is not None
    assert begun.denial is None
    assert reached is not None
    assert reached.denial is not None
    assert await revision(conversation) == 1


async def _positions_of_a_partner_grow_on_one_partition(journal: Waiting) -> None:
    conversation = str(uuid4())
    positions = await journal.append([notice(conversation), entry(conversation, Tick())])
    positions += await journal.append([entry(conversation, Tick()), entry(conversation, Tick())])
    assert len({(each.topic, each.partition) for each in positions}) == 1
    offsets = [each.offset for each in positions]
    assert offsets == sorted(set(offsets))
