"""What must hold, each with its name. `AFTER_EVERY_STEP` looks at one decision, `AT_REST` at the world at the end.

I1 one residence, never none. I2 replay gives the same. I3 one obligation, one end. I4 duplicates change nothing but a
counter. I5 an answer to something else is refused. I6 neutral answers tell nothing. I7 links are symmetric. I8 what is
undone is undone by new events. I9 in order, gaps stop one conversation only. ENDS conversations end. WAITS nothing
waits without an obligation. AGREE both sides come to the same state.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from services.exchange.protocol import Conversation, Decision, begin, wake_at
from services.exchange.protocol.bodies import read_body
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.contents import EMPTY_WHERE_NOTHING_IS_TOLD
from services.exchange.protocol.conversation import Directory
from services.exchange.protocol.deadlines import Kind
from services.exchange.protocol.envelope import Rejection, Urgency
from services.exchange.protocol.obligations import due_time
from services.exchange.protocol.owing import owed_by
from services.exchange.protocol.states import RESTING, TAKEN, UNDER_WAY, Clock, Delivery, End, Link, Role, State
from services.exchange.protocol.stimuli import Hear, Stimulus, Tick
from tests.exchange.protocol.world import DIRECTORY, Decider, Region, World


class Violation(AssertionError):
    """An invariant does not hold; the first argument is its name."""


class Seen(NamedTuple):
    """One decision, with what it was decided from."""

    before: Conversation
    stimulus: Stimulus
    now: datetime
    decision: Decision
    decider: Decider

    @property
    def after(self) -> Conversation:
        return self.decision.conversation


def _require(name: str, holds: bool, *of: object) -> None:
    if not holds:
        raise Violation(name, *of)


# After every step ----------------------------------------------------------------------------------------------------


def i1_departures_are_confirmed_or_lapse(seen: Seen) -> None:
    """Who left is confirmed elsewhere, or has never left: never neither."""
    if seen.after.role is not Role.ORIGIN:
        return
    before = {each.id: each for each in seen.before.obligations}
    told = [event.type for event in seen.decision.register_events]
    for each in seen.decision.obligations:
        ended_now = each.end is not None and (each.id not in before or before[each.id].end is None)
        if each.kind is Kind.CONFIRMATION and ended_now:
            if each.end is End.LAPSED:
                _require("I1", told.count("DepartureLapsed") == 1, each)
            if each.end is End.FULFILLED:
                _require("I1", "DepartureConfirmed" in told, each)


def i3_obligations_end_once(seen: Seen) -> None:
    after = {each.id: each for each in seen.after.obligations}
    _require("I3", len(after) == len(seen.after.obligations), "two of one id")
    for each in seen.before.obligations:
        _require("I3", each.id in after, "vanished", each)
        _require("I3", each.end is None or after[each.id] == each, "ended twice", each)


def i3_exactly_one_obligation(seen: Seen) -> None:
    """Every message that requires a response has one in the book of who has delivered it, and of who heard it."""
    after = seen.after
    sent = [(each.envelope, each.outcome, False) for each in after.letters if each.delivery in TAKEN]
    heard = [(each.envelope, each.outcome, True) for each in after.taken]
    for envelope, outcome, is_heard in (*sent, *heard):
        owed = owed_by(CATALOGUE[envelope.message_type], outcome, envelope.response_required)
        known = [
            each
            for each in after.obligations
            if each.opened_by == envelope.message_id and each.kind is not Kind.RECONFIRM
        ]
        if owed and (is_heard or owed[0].kind is not Kind.COMPENSATION):
            _require("I3", [each.kind for each in known] == [owed[0].kind], envelope.message_type, known)


def i4_duplicates_change_nothing(seen: Seen) -> None:
    """Compared with time passing alone."""
    if not isinstance(seen.stimulus, Hear) or seen.before.find_taken(seen.stimulus.envelope.message_id) is None:
        return
    alone = seen.decider(Tick(), seen.before, seen.now, DIRECTORY)
    counted = replace(alone.conversation, duplicates=alone.conversation.duplicates + 1)
    _require("I4", seen.after == counted)
    _require("I4", seen.decision.register_events == alone.register_events)
    _require("I4", seen.decision.messages == alone.messages)
    known = seen.before.find_taken(seen.stimulus.envelope.message_id)
    _require("I4", known is not None and seen.decision.reply == known.receipt)


def i5_answers_to_something_else_are_refused(seen: Seen) -> None:
    """The same answer, but to another request than was sent: tried beside every answer that comes."""
    if not isinstance(seen.stimulus, Hear) or not CATALOGUE[seen.stimulus.envelope.message_type].answers:
        return
    if isinstance(seen.decision.reply, Rejection):
        return
    forged = replace(seen.stimulus.envelope, message_id="forged", request_hash="00" * 32)
    if seen.before.find_taken(seen.stimulus.envelope.message_id) is None:
        tried = seen.decider(Hear(forged), seen.before, seen.now, DIRECTORY)
        _require("I5", tried.reply == Rejection("forged", "E-TEC-07", "/request_hash"), tried.reply)
        _require("I5", tried.conversation.taken == seen.before.taken)


def i6_neutral_answers_tell_nothing(seen: Seen) -> None:
    for envelope in seen.decision.messages:
        message = CATALOGUE[envelope.message_type]
        body = read_body(envelope.payload, message.items)
        told = EMPTY_WHERE_NOTHING_IS_TOLD.get((message.code, message.outcome_of(body)))
        if told is not None:
            _require("I6", set(body) <= told and not envelope.parts, envelope)
            _require("I6", (envelope.occurred_on, envelope.effective_on, envelope.sender_office) == (None, None, ""))
        _require("I6", message.outcome_of(body) != "B-P")


def i8_nothing_is_deleted(seen: Seen) -> None:
    for name in ("letters", "taken", "refused", "ids"):
        ids = [getattr(each, "id", each) for each in getattr(seen.before, name)]
        kept = [getattr(each, "id", each) for each in getattr(seen.after, name)]
        _require("I8", kept[: len(ids)] == ids, name)
    if seen.before.outflow is not None and seen.after.outflow is None:
        acts = [event for event in seen.decision.register_events if event.type == "EventAnnulled"]
        undone = [event for event in acts if dict(event.facts)["target_type"] == seen.before.outflow.type]
        _require("I8", len(undone) == 1, "an outflow was taken back without an event")


def i9_in_order(seen: Seen) -> None:
    for thread in seen.after.ids:
        numbers = [each.envelope.seq for each in seen.after.taken if each.envelope.conversation_id == thread]
        _require("I9", numbers == list(range(1, len(numbers) + 1)), numbers)


def nothing_waits_without_an_obligation(seen: Seen) -> None:
    after = seen.after
    under_way = any(each.delivery in UNDER_WAY for each in after.letters)
    if after.state not in RESTING:
        _require("WAITS", bool(after.open_obligations) or under_way, after.state)
    running = any(each.clock is not Clock.PAUSED for each in after.open_obligations)
    _require("WAITS", not (running or under_way) or wake_at(after) is not None, after.state)


AFTER_EVERY_STEP: tuple[Callable[[Seen], None], ...] = (
    i1_departures_are_confirmed_or_lapse,
    i3_obligations_end_once,
    i3_exactly_one_obligation,
    i4_duplicates_change_nothing,
    i5_answers_to_something_else_are_refused,
    i6_neutral_answers_tell_nothing,
    i8_nothing_is_deleted,
    i9_in_order,
    nothing_waits_without_an_obligation,
)


def watch(
    world: World, region: Region, before: Conversation, stimulus: Stimulus, now: datetime, decision: Decision
) -> None:
    """For `World(watch=…)`."""
    seen = Seen(before, stimulus, now, decision, world.decider)
    for check in AFTER_EVERY_STEP:
        check(seen)


# At rest -------------------------------------------------------------------------------------------------------------


def conversations_end(world: World) -> None:
    for region in world.regions.values():
        for each in region.conversations:
            _require("ENDS", each.is_at_rest, region.name, each.state, each.open_obligations)


def i3_all_obligations_ended(world: World) -> None:
    for region in world.regions.values():
        for conversation in region.conversations:
            for each in conversation.obligations:
                _require("I3", each.end is not None or each.kind is Kind.RECONFIRM, each)


def i2_replay_gives_the_same(world: World) -> None:
    """Every conversation that was never joined, decided again from the first stimulus on."""
    for region in world.regions.values():
        for conversation in region.conversations:
            if len(conversation.ids) == 1:
                again = _replay(world, region, conversation)
                _require("I2", again == conversation, region.name, conversation.id)


def _replay(world: World, region: Region, conversation: Conversation) -> Conversation:
    steps = [each for each in world.history if each[0] == region.name and each[1] == conversation.ids]
    again = begin(
        conversation.id,
        conversation.talk,
        conversation.own,
        conversation.partner,
        conversation.role,
        world.began[region.name, conversation.id],
        profile=world.profile,
        asked=conversation.asked[:-1],
        parent_id=conversation.parent_id,
    )
    for _, _, stimulus, now in steps:
        again = world.decider(stimulus, again, now, DIRECTORY).conversation
    return again


def i2_due_dates_are_the_same_years_later(world: World) -> None:
    """Worked out again from a history of calendars to which ten more years of changes were added."""
    later = _years_later(DIRECTORY)
    for region in world.regions.values():
        for conversation in region.conversations:
            urgent = {
                each.id
                for each in (*conversation.letters, *conversation.taken)
                if each.envelope.urgency is Urgency.URGENT
            }
            for each in conversation.obligations:
                if each.kind is not Kind.CONFIRMATION and not each.pauses:
                    calendar = later.calendars[each.debtor]
                    due = due_time(calendar, each.kind, conversation.profile, each.opened_at, each.opened_by in urgent)
                    _require("I2", due == (each.due_at, each.calendar_version), each)


def _years_later(directory: Directory) -> Directory:
    changed = {}
    for name, calendar in directory.calendars.items():
        last = calendar.versions[-1]
        days = frozenset(date(2027, 1, 1) + timedelta(ahead) for ahead in range(0, 3000, 3))
        new = last._replace(version=last.version + 1, published_at=datetime(2036, 1, 1, tzinfo=UTC), holidays=days)
        changed[name] = calendar._replace(versions=(*calendar.versions, new))
    return Directory(changed)


def i7_links_are_symmetric(world: World) -> None:
    """Or there is something that an office sees: a letter that never came through, or a time-out."""
    for region in world.regions.values():
        for mine in region.conversations:
            theirs = _find_same(mine, world.regions[mine.partner])
            if mine.link is Link.OPEN and not (theirs is not None and _is_explained(mine, theirs)):
                _require("I7", theirs is not None and theirs.link is Link.OPEN, mine.role, mine.state, theirs)
                origin = mine if mine.role is Role.ORIGIN else theirs
                _require("I7", origin is not None and origin.outflow is not None, "no outflow")


def both_sides_agree(world: World) -> None:
    """On one arrival, whether or not the sides joined it with an announcement; without one, on one conversation."""
    for mine, theirs in _pairs(world):
        same = mine.arrival == theirs.arrival and (mine.arrival or len(mine.ids) == len(theirs.ids) == 1)
        if same and not _is_explained(mine, theirs):
            _require("AGREE", mine.state is theirs.state, mine.role, mine.state, theirs.state)


def _pairs(world: World) -> list[tuple[Conversation, Conversation]]:
    regions = world.regions.values()
    everything = [(each, world.regions[each.partner]) for region in regions for each in region.conversations]
    return [(mine, theirs) for mine, partner in everything if (theirs := _find_same(mine, partner)) is not None]


def _find_same(mine: Conversation, partner: Region) -> Conversation | None:
    """The partner's book of the same arrival, or of the same conversation."""
    by_arrival = (each for each in partner.conversations if mine.arrival and each.arrival == mine.arrival)
    return next(by_arrival, None) or partner.find(mine.id)


def _is_explained(mine: Conversation, theirs: Conversation) -> bool:
    undelivered = (Delivery.DEAD_LETTERED, Delivery.REJECTED_TECH)
    lapsed = State.LAPSED in (mine.state, theirs.state)
    return lapsed or any(each.delivery in undelivered for each in (*mine.letters, *theirs.letters))


AT_REST: tuple[Callable[[World], None], ...] = (
    conversations_end,
    i3_all_obligations_ended,
    i2_replay_gives_the_same,
    i2_due_dates_are_the_same_years_later,
    i7_links_are_symmetric,
    both_sides_agree,
)
