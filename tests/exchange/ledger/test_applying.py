"""Batches of entries become rows, once, whatever else lies in the batch."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.exchange.journal.entry import Beginning, Entry, Join, Linked, PersonKnown, SealedPart
from services.exchange.journal.finding_records import finding_entry
from services.exchange.journal.findings import FindingEnd, FindingKind, FindingNote
from services.exchange.ledger import rebuild
from services.exchange.ledger.applying import Halted, Ledger
from services.exchange.ledger.aside import Placed, Recent, TooManyAside
from services.exchange.ledger.house import House
from services.exchange.ledger.memory import MEMORY, Forgetting
from services.exchange.ledger.positions import Elsewhere, Step
from services.exchange.protocol.conversation import PauseReason
from services.exchange.protocol.envelope import Part, Receipt, Rejection
from services.exchange.protocol.states import Role, State, Talk
from services.exchange.protocol.stimuli import Find, Finding, Hear, Register, Requeue, Say, StartClock, StopClock, Tick
from services.exchange.wire.letters import payload_hash
from services.kernel.clock import FixedClock
from tests.exchange.ledger.desk import CODER, PARTITION, Desk, make_house
from tests.exchange.protocol.words import body_of


def new_id() -> str:
    return str(uuid4())


async def play_move(desk: Desk, conversation: str) -> None:
    """North tells of an arrival, south confirms, north settles."""
    await desk.apply(desk.say_arrival(conversation))
    await desk.apply(await desk.receipt_of(conversation))
    letter = (await desk.conversation(conversation)).letters[0]
    await desk.apply(desk.hear("203", conversation, outcome="CONFIRMED", about=letter.envelope))
    answer = (await desk.conversation(conversation)).taken[-1]
    say = Say("213", body_of("213"), new_id(), in_reply_to=answer.id)
    await desk.apply(desk.entry(say, conversation))
    await desk.apply(await desk.receipt_of(conversation))


async def test_a_move_is_folded_to_its_end_and_the_rows_say_so(desk: Desk) -> None:
    conversation = new_id()
    await play_move(desk, conversation)
    row = await desk.row(conversation)
    assert (row["state"], row["link"], row["partner"], row["role"]) == ("SETTLED", "OPEN", "south", "DESTINATION")
    assert str(row["link_id"]) == (await desk.conversation(conversation)).arrival
    assert row["revision"] == 5
    owed = await desk.rows("SELECT kind, ended FROM exchange.obligation ORDER BY kind")
    assert owed == [("FEEDBACK", "FULFILLED"), ("RECONFIRM", None), ("REVIEW", "FULFILLED")]
    assert row["wake_at"] is not None
    assert await desk.rows("SELECT type FROM exchange.register_outbox ORDER BY ordinal")


async def test_our_letters_are_chained_in_the_order_in_which_they_leave(desk: Desk) -> None:
    conversations = [new_id() for _ in range(5)]
    await desk.apply(*(desk.say_arrival(each) for each in conversations[:3]))
    await desk.apply(*(desk.say_arrival(each) for each in conversations[3:]))
    rows = await desk.rows(
        "SELECT chain_position, previous_hash, signed_hash, payload FROM exchange.message ORDER BY chain_position"
    )
    assert [row[0] for row in rows] == [1, 2, 3, 4, 5]
    assert rows[0][1] == bytes(32)
    assert [row[1] for row in rows[1:]] == [row[2] for row in rows[:-1]]
    assert all(payload_hash(row[3]) == row[2].hex() for row in rows)


async def test_a_letter_is_sent_again_when_its_time_has_come_with_the_same_bytes(desk: Desk) -> None:
    conversation = new_id()
    await desk.apply(desk.say_arrival(conversation))
    before = await desk.rows("SELECT payload, chain_position, attempt FROM exchange.message")
    await desk.pool.execute("UPDATE exchange.message SET send_at = NULL")
    await desk.apply(desk.entry(Find(Finding.RECONFIRMED), conversation))
    assert await desk.rows("SELECT send_at FROM exchange.message") == [(None,)]
    desk.now = (await desk.row(conversation))["wake_at"]
    await desk.apply(desk.entry(Tick(), conversation))
    after = await desk.rows("SELECT payload, chain_position, attempt FROM exchange.message")
    assert after == [(*before[0][:2], 2)]
    assert await desk.rows("SELECT send_at IS NOT NULL FROM exchange.message") == [(True,)]
    await desk.apply(await desk.receipt_of(conversation))
    assert await desk.rows("SELECT send_at, delivery, answer FROM exchange.message") == [
        (None, "RECEIPTED", b'{"901":1}')
    ]


async def test_an_entry_counts_once_however_often_it_stands_on_the_log(desk: Desk) -> None:
    conversation = new_id()
    said = desk.say_arrival(conversation)
    await desk.apply(said, said)
    first = await desk.conversation(conversation)
    await desk.apply(said)
    assert await desk.conversation(conversation) == first
    assert (await desk.row(conversation))["revision"] == 1


async def test_an_entry_of_a_conversation_that_nobody_knows_changes_nothing_and_says_so(desk: Desk) -> None:
    entry = desk.entry(Requeue(new_id()), new_id())
    await desk.apply(entry)
    outcome = await desk.outcome(entry)
    assert outcome is not None
    assert outcome.denial is not None
    assert outcome.denial.why == "unknown-conversation"
    assert await desk.rows("SELECT 1 FROM exchange.conversation") == []


async def test_what_a_partner_begins_is_kept_if_it_was_taken_and_not_if_it_may_come_again(desk: Desk) -> None:
    taken, gap = desk.hear("201", new_id()), desk.hear("201", new_id(), seq=3)
    await desk.apply(taken, gap)
    outcomes = [await desk.outcome(each) for each in (taken, gap)]
    assert [type(each.reply) for each in outcomes if each] == [Receipt, Rejection]
    assert await desk.rows("SELECT conversation_id::text, state FROM exchange.conversation") == [
        (taken.conversation_id, "DELIVERED")
    ]


async def test_what_is_refused_for_good_is_refused_with_the_same_words_for_ever(desk: Desk) -> None:
    heard = desk.hear("201", new_id(), entry={"linked": Linked(4, bytes(32), b"h" * 32)})
    broken = replace(heard.stimulus.envelope, schema_version=99)  # type: ignore[union-attr]
    entries = [desk.entry(Hear(broken), heard.conversation_id, linked=heard.linked) for _ in range(2)]
    await desk.apply(entries[0])
    await desk.apply(entries[1])
    first, second = [await desk.outcome(each) for each in entries]
    assert first is not None
    assert first == second
    assert first.reply == Rejection(broken.message_id, "E-TEC-03", "/schema_version")
    assert await desk.rows("SELECT error_code, chain_position FROM exchange.message") == [("E-TEC-03", 4)]


async def test_a_partner_cannot_reach_into_the_conversation_of_another(desk: Desk) -> None:
    conversation = new_id()
    await desk.apply(desk.say_arrival(conversation))
    before = await desk.conversation(conversation)
    foreign = desk.hear(
        "203", conversation, outcome="CONFIRMED", about=before.letters[0].envelope, entry={"partner": "west"}
    )
    wish = desk.entry(Find(Finding.PAIRED), conversation, partner="west")
    await desk.apply(foreign, wish)
    outcomes = [await desk.outcome(each) for each in (foreign, wish)]
    assert [each.reply and each.reply.error_code for each in outcomes if each] == ["E-TEC-06", None]  # type: ignore[union-attr]
    assert await desk.conversation(conversation) == before


async def test_particulars_are_kept_with_the_message_that_speaks_of_them_and_not_with_a_neutral_answer(
    desk: Desk,
) -> None:
    conversation, holder = new_id(), uuid4()
    part = SealedPart("subject", "a" * 64, holder, uuid4(), 5, bytes(12), b"sealed")
    heard = desk.hear("201", conversation, parts=(part,))
    await desk.apply(heard, desk.entry(Find(Finding.PAIRED), conversation, person=PersonKnown(holder, "ID", 99)))
    assert await desk.rows("SELECT commitment, is_ours, holder FROM exchange.part") == [("a" * 64, False, holder)]
    told = Part("subject", "b" * 64)
    no = Say("204", body_of("204", "B-G"), new_id(), in_reply_to=heard.stimulus.envelope.message_id, parts=(told,))  # type: ignore[union-attr]
    entry = desk.entry(no, conversation, parts=(part._replace(commitment="b" * 64),))
    await desk.apply(entry)
    assert (await desk.row(conversation))["person_id"] == holder
    assert await desk.rows("SELECT commitment FROM exchange.part") == [("a" * 64,)]


async def test_two_notices_that_crossed_become_one_conversation_under_the_smaller_id(desk: Desk) -> None:
    arrived, announced = new_id(), new_id()
    await desk.apply(desk.say_arrival(arrived))
    await desk.apply(desk.hear("202", announced, declared_destination="north", departure_event_id=new_id()))
    entry = desk.entry(Join(announced), arrived)
    await desk.apply(entry, desk.entry(Find(Finding.RECONFIRMED), announced))
    kept, gone = sorted((arrived, announced))
    assert await desk.rows("SELECT conversation_id::text FROM exchange.conversation") == [(kept,)]
    assert await desk.rows("SELECT other_id::text, conversation_id::text FROM exchange.alias") == [(gone, kept)]
    assert {row[0] for row in await desk.rows("SELECT conversation_id::text FROM exchange.message")} == {kept}
    assert {row[0] for row in await desk.rows("SELECT conversation_id::text FROM exchange.obligation")} == {kept}
    assert (await desk.conversation(kept)).ids == (kept, gone)
    late = desk.entry(Tick(), gone)
    await desk.apply(late)
    outcome = await desk.outcome(late)
    assert outcome is not None
    assert outcome.conversation_id == kept


async def test_a_notice_that_is_forwarded_begins_another_conversation_through_the_journal(desk: Desk) -> None:
    conversation = new_id()
    await desk.apply(desk.say_arrival(conversation))
    await desk.apply(await desk.receipt_of(conversation))
    letter = (await desk.conversation(conversation)).letters[0]
    moved_on = desk.hear("204", conversation, outcome="B-F", about=letter.envelope, forward_to_jurisdiction="west")
    await desk.apply(moved_on)
    ((record,),) = await desk.rows("SELECT record FROM exchange.journal_outbox")
    follow_up = CODER.decode(record)
    assert (follow_up.partner, follow_up.begins and follow_up.begins.parent_id) == ("west", conversation)
    await desk.apply(follow_up)
    row = await desk.row(follow_up.conversation_id)
    assert (row["partner"], row["state"], row["duty"], str(row["parent_id"])) == (
        "west",
        "NONE",
        "NOTIFY",
        conversation,
    )


async def test_a_clock_that_was_stopped_is_shown_as_paused_and_its_pause_is_made_good(desk: Desk) -> None:
    conversation = new_id()
    await desk.apply(desk.say_arrival(conversation))
    await desk.apply(await desk.receipt_of(conversation))
    owed = "SELECT clock, due_at FROM exchange.obligation WHERE kind = 'FEEDBACK'"
    ((_, due_at),) = await desk.rows(owed)
    ((id_,),) = await desk.rows("SELECT obligation_id FROM exchange.obligation WHERE kind = 'FEEDBACK'")
    await desk.apply(desk.entry(StopClock(id_, PauseReason.FORCE_MAJEURE), conversation))
    assert (await desk.rows(owed))[0][0] == "PAUSED"
    desk.now += timedelta(days=1)
    await desk.apply(desk.entry(StartClock(id_), conversation))
    ((clock, later),) = await desk.rows(owed)
    assert clock == "RUNNING"
    assert later > due_at


def note_finding(desk: Desk, link: UUID, ended: FindingEnd | None = None, id_: UUID | None = None) -> Entry:
    note = FindingNote(id_ or uuid4(), link, FindingKind.ONE_SIDED_AT_D, uuid4(), uuid4(), ended)
    desk.now += timedelta(seconds=1)
    return finding_entry(uuid4(), "south", desk.now, note)


async def test_of_one_link_and_kind_one_finding_is_open_and_another_one_when_it_has_ended(desk: Desk) -> None:
    link, first, third = uuid4(), uuid4(), uuid4()
    found = note_finding(desk, link, id_=first)
    await desk.apply(found, note_finding(desk, link), note_finding(desk, link, FindingEnd.MENDED, first))
    await desk.apply(note_finding(desk, link, id_=third), found, note_finding(desk, link, FindingEnd.ANSWERED, first))
    rows = await desk.rows("SELECT finding_id, ended, closed_at IS NULL FROM exchange.finding ORDER BY found_at")
    assert [(UUID(bytes=each[0].bytes), *each[1:]) for each in rows] == [(first, "MENDED", False), (third, None, True)]


# -- The three ends of failure


def choking_house() -> House:
    house = make_house()

    def make_posts(events: Any, conversation: Any, person: Any, at: Any) -> Any:
        if conversation.id.endswith("f"):
            raise ZeroDivisionError("Ex Ample was here")
        return house.make_posts(events, conversation, person, at)

    return replace(house, make_posts=make_posts)


def id_ending(letter: str) -> str:
    return new_id()[:-1] + letter


async def test_poison_is_set_aside_alone_by_its_place_and_the_type_of_error_only(desk: Desk) -> None:
    desk.ledger = Ledger(choking_house(), CODER, Recent(few=5))
    good, bad = [id_ending("0") for _ in range(6)], id_ending("f")
    entries = [desk.say_arrival(each) for each in (*good[:3], bad, *good[3:])]
    values = [CODER.encode(each).value for each in entries]
    asides = await desk.apply_bytes([*values[:2], b"\x00garbage", *values[2:]])
    assert {each.record.offset for each in asides} == {2, 4}
    rows = await desk.rows('SELECT "offset", conversation_id::text, reason, error FROM exchange.set_aside ORDER BY 1')
    assert rows[1] == (4, bad, "handler-raised", "ZeroDivisionError")
    assert rows[0][1:3] == (None, "unknown-schema-id")
    assert "Ample" not in str(rows)
    assert {row[0] for row in await desk.rows("SELECT conversation_id::text FROM exchange.conversation")} == set(good)


async def test_a_row_on_which_the_tables_choke_is_found_by_halves_and_set_aside_alone(desk: Desk) -> None:
    await desk.pool.execute("ALTER TABLE exchange.conversation ADD CHECK (right(conversation_id::text, 1) <> 'f')")
    good, bad = [id_ending("0") for _ in range(9)], id_ending("f")
    asides = await desk.apply(*(desk.say_arrival(each) for each in (*good[:5], bad, *good[5:])))
    assert [each.error for each in asides] == ["CheckViolationError"]
    assert {row[0] for row in await desk.rows("SELECT conversation_id::text FROM exchange.conversation")} == set(good)
    positions = [row[0] for row in await desk.rows("SELECT chain_position FROM exchange.message ORDER BY 1")]
    assert positions == list(range(1, 10))


async def test_so_much_poison_that_it_must_be_us_writes_nothing_at_all(desk: Desk) -> None:
    desk.ledger = Ledger(choking_house(), CODER, Recent(few=5))
    with pytest.raises(TooManyAside) as found:
        await desk.apply(*(desk.say_arrival(id_ending("f")) for _ in range(8)))
    assert len(found.value.asides) > 5
    assert await desk.rows("SELECT 1 FROM exchange.set_aside") == []
    assert await desk.rows("SELECT next_offset FROM exchange.position") == [(0,)]


async def test_while_it_is_halted_nothing_is_applied(desk: Desk) -> None:
    await desk.pool.execute("INSERT INTO exchange.halt (reason) VALUES ('look')")
    with pytest.raises(Halted):
        await desk.apply(desk.say_arrival(new_id()))
    await desk.pool.execute("DELETE FROM exchange.halt")
    assert await desk.apply(desk.say_arrival(new_id())) == []


async def test_weather_writes_nothing_and_the_same_batch_goes_in_afterwards(desk: Desk) -> None:
    entry = desk.say_arrival(new_id())
    blocker = await desk.pool.acquire()
    await blocker.execute("BEGIN; LOCK TABLE exchange.message IN EXCLUSIVE MODE")
    impatient = await asyncpg.create_pool(desk.url, min_size=1, max_size=1, server_settings={"lock_timeout": "200"})
    try:
        placed = [Placed(PARTITION, 0, CODER.encode(entry).value)]
        await desk.pool.execute("INSERT INTO exchange.position VALUES ($1, $2, 0)", *PARTITION)
        with pytest.raises(asyncpg.LockNotAvailableError):
            await desk.ledger.apply(impatient, placed, [Step(PARTITION, 0, 1)])
        await blocker.execute("ROLLBACK")
        assert await desk.ledger.apply(impatient, placed, [Step(PARTITION, 0, 1)]) == []
    finally:
        await desk.pool.release(blocker)
        await impatient.close()
    assert await desk.rows("SELECT count(*) FROM exchange.conversation") == [(1,)]


async def test_a_worker_whose_partition_went_to_another_writes_nothing(desk: Desk) -> None:
    first, second = desk.say_arrival(new_id()), desk.say_arrival(new_id())
    await desk.apply(first)
    with pytest.raises(Elsewhere):
        await desk.ledger.apply(desk.pool, [Placed(PARTITION, 0, CODER.encode(second).value)], [Step(PARTITION, 0, 1)])
    assert await desk.rows("SELECT count(*) FROM exchange.conversation") == [(1,)]


# -- The fold is the state


async def fold_anew(desk: Desk, owner: asyncpg.Connection, size: int) -> None:
    """Everything that was applied, beside it, in batches of that size."""
    await rebuild.make_schema(owner, "postgres")
    ledger = Ledger(make_house(), CODER, schema=rebuild.REBUILT, announces=False)
    await owner.execute(f'INSERT INTO "{rebuild.REBUILT}".position VALUES ($1, $2, 0)', *PARTITION)
    for start in range(0, len(desk.values), size):
        some = desk.values[start : start + size]
        placed = [Placed(PARTITION, start + place, value) for place, value in enumerate(some)]
        await ledger.apply(desk.pool, placed, [Step(PARTITION, start, start + len(some))])


async def test_what_counted_long_ago_is_forgotten_and_a_rebuild_comes_to_the_same(desk: Desk) -> None:
    conversation, begins = new_id(), Beginning(Talk.MOVE, Role.DESTINATION)
    opened = desk.entry(Register(new_id(), desk.now), conversation, begins)
    await desk.apply(opened, desk.say_arrival(new_id()))
    late = opened.at + MEMORY
    await desk.apply(replace(opened, at=late - timedelta(seconds=1)))
    assert (await desk.row(conversation))["revision"] == 1
    await desk.apply(replace(desk.entry(Tick(), conversation), at=late))
    before = await desk.conversation(conversation)
    await desk.apply(replace(opened, at=late), replace(opened, at=late))
    assert (await desk.row(conversation))["revision"] == 3, "it counts anew, once"
    assert await desk.conversation(conversation) == before, "and opens nothing that was opened before"
    now = late + timedelta(days=41)
    assert not await Forgetting(desk.pool, FixedClock(now)).run_once()
    kept = {row[0] for row in await desk.rows("SELECT applied_at FROM exchange.applied")}
    assert kept == {late}
    async with desk.pool.acquire() as owner:
        for size in (1, 500):
            await fold_anew(desk, owner, size)
            assert await rebuild.compare(owner, now) == []


async def test_folded_anew_in_batches_of_another_size_the_tables_are_the_same(desk: Desk) -> None:
    for _ in range(4):
        await play_move(desk, new_id())
    arrived, announced = new_id(), new_id()
    await desk.apply(desk.say_arrival(arrived))
    await desk.apply(desk.hear("202", announced, declared_destination="north", departure_event_id=new_id()))
    await desk.apply(desk.entry(Join(announced), arrived))
    link, ended = uuid4(), uuid4()
    await desk.apply(note_finding(desk, link, id_=ended), note_finding(desk, link, FindingEnd.EXPLAINED, ended))
    await desk.apply(note_finding(desk, link))
    async with desk.pool.acquire() as owner:
        for size in (1, 3, 500):
            await fold_anew(desk, owner, size)
            assert await rebuild.compare(owner, desk.now) == []
        await owner.execute(
            "UPDATE exchange.conversation SET state = 'CLOSED' WHERE conversation_id = $1",
            UUID(min(arrived, announced)),
        )
        assert [tuple(each) for each in await rebuild.compare(owner, desk.now)] == [("conversation", 1, 1)]


async def test_a_rebuilt_state_takes_the_place_of_a_lost_one(desk: Desk) -> None:
    conversation = new_id()
    await play_move(desk, conversation)
    before = await desk.conversation(conversation)
    async with desk.pool.acquire() as owner:
        await rebuild.make_schema(owner, "postgres")
        ledger = Ledger(make_house(), CODER, schema=rebuild.REBUILT, announces=False)
        await owner.execute(f'INSERT INTO "{rebuild.REBUILT}".position VALUES ($1, $2, 0)', *PARTITION)
        placed = [Placed(PARTITION, place, value) for place, value in enumerate(desk.values)]
        await ledger.apply(desk.pool, placed, [Step(PARTITION, 0, len(placed))])
        await owner.execute(
            "TRUNCATE exchange.conversation, exchange.message, exchange.applied, exchange.obligation, exchange.chain"
        )
        await rebuild.switch(owner)
    assert await desk.conversation(conversation) == before
    assert (await desk.row(conversation))["state"] == State.SETTLED
    await desk.apply(desk.entry(Tick(), conversation))
    assert (await desk.row(conversation))["revision"] == 6
