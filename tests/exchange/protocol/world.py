"""Regions, a post that loses and doubles and shuffles, and clocks that jump: a world in which the protocol must hold.

Everything is decided by numbers that are given, so that a run can be repeated and made smaller. The oracle sits beside:
every decision is looked at, and at rest the whole world is (`invariants.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.exchange.protocol import Conversation, Decision, Directory, begin, decide, join, welcome
from services.exchange.protocol.actions import Action
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.deadlines import Profile
from services.exchange.protocol.envelope import Envelope, Receipt, Rejection, derive_id
from services.exchange.protocol.known_calendars import like_china, like_sweden
from services.exchange.protocol.states import Talk
from services.exchange.protocol.stimuli import (
    Find,
    Finding,
    Hear,
    Opening,
    Prove,
    Register,
    RegisterEvent,
    Requeue,
    Say,
    Stimulus,
    TakeReceipt,
    TakeRejection,
    Tick,
)
from tests.exchange.protocol.words import body_for

START = datetime(2026, 2, 3, 9, tzinfo=UTC)
DIRECTORY = Directory({"north": like_sweden("north"), "south": like_china("south"), "west": like_sweden("west")})
STEPS = tuple(timedelta(minutes=each) for each in (1, 7, 90, 26 * 60, 4 * 1440, 11 * 1440, 45 * 1440))
JUMPS = tuple(timedelta(hours=each) for each in (-30, -2, 0, 2, 30, 24 * 12))
Decider = Callable[[Stimulus, Conversation, datetime, Directory], Decision]


@dataclass
class Packet:
    """Something on its way to a region: a message, or the answer to one."""

    to: str
    what: Envelope | Receipt | Rejection


@dataclass
class Region:
    name: str
    offset: timedelta = timedelta()
    conversations: list[Conversation] = field(default_factory=list)
    events: list[tuple[str, RegisterEvent]] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)

    def find(self, conversation_id: str) -> Conversation | None:
        return next((each for each in self.conversations if conversation_id in each.ids), None)

    def keep(self, conversation: Conversation) -> None:
        rest = [each for each in self.conversations if not set(each.ids) & set(conversation.ids)]
        self.conversations = [*rest, conversation]

    def person_of(self, conversation: Conversation) -> str:
        return self.people.get(conversation.id, conversation.id)


class World:
    """`decider`: the protocol, or a sabotaged one. `watch`: looks at every decision."""

    def __init__(
        self, names: tuple[str, ...], decider: Decider = decide, watch: Any = None, profile: Profile = Profile.STD
    ) -> None:
        self.now = START
        self.profile = profile
        self.regions = {name: Region(name) for name in names}
        self.post: list[Packet] = []
        self.decider = decider
        self.watch = watch
        self.history: list[tuple[str, tuple[str, ...], Stimulus, datetime]] = []
        self.began: dict[tuple[str, str], datetime] = {}
        self.lost = self.doubled = self.opened = 0

    def clock(self, region: Region) -> datetime:
        return self.now + region.offset

    # What offices do ---------------------------------------------------------------------------------------------

    def open(self, region: str, partner: str, code: str, person: str, parent: Opening | None = None) -> None:
        """An office, or the exchange for it, begins a conversation."""
        own = self.regions[region]
        talk = {"301": Talk.VERIFY, "501": Talk.DISCREPANCY}.get(code, Talk.MOVE)
        role = CATALOGUE[code].by
        self.opened += 1
        id_ = derive_id(self.now, region, partner, code, person, self.opened)
        asked = parent.asked if parent else ()
        conversation = begin(
            id_,
            talk,
            region,
            partner,
            role,
            self.clock(own),
            profile=self.profile,
            asked=asked,
            parent_id=parent.parent_id if parent else None,
        )
        own.people[id_] = person
        own.keep(conversation)
        if code == "201":
            self.happen(own, conversation, Register(f"arrival-{person}", self.clock(own)))
        self.say(own, own.find(id_) or conversation, Action(code, ""), "", "")

    def say(
        self, region: Region, conversation: Conversation, action: Action, outcome: str, forward_to: str
    ) -> Decision:
        body = body_for(action, outcome, region.person_of(conversation), forward_to)
        count = len(conversation.letters) + len(conversation.taken)
        message_id = derive_id(self.now, region.name, conversation.id, action.what, count, "said")
        wish = Say(action.what, body, message_id, in_reply_to=action.in_reply_to, response_required=count % 2 == 0)
        return self.happen(region, conversation, wish)

    def act(self, region: Region, conversation: Conversation, action: Action, choice: int) -> None:
        """Takes one of the allowed actions; that it was allowed must be true."""
        if action.what in tuple(Finding):
            decision = self.happen(region, conversation, Find(Finding(action.what)))
        elif action.what == "requeue":
            decision = self.happen(region, conversation, Requeue(str(action.in_reply_to)))
        elif action.what == "prove":
            decision = self._bring(region, conversation, str(action.in_reply_to))
        else:
            outcomes = action.outcomes or _SAYS.get(action.what, ("",))
            others = [name for name in self.regions if name != region.name]
            outcome, to = outcomes[choice % len(outcomes)], others[choice % len(others)]
            decision = self.say(region, conversation, action, outcome, to)
        assert decision.denial is None, (action, decision.denial)

    def _bring(self, region: Region, conversation: Conversation, message_id: str) -> Decision:
        """An operator carries a dead letter to the partner's operator, and comes back with the receipt as proof."""
        letter = conversation.find_letter(message_id)
        assert letter is not None
        waiting = len(self.post)
        if letter.hash:
            self._hear(self.regions[conversation.partner], letter.envelope)
        reply = next((each.what for each in self.post[waiting:] if not isinstance(each.what, Envelope)), None)
        if isinstance(reply, Receipt):
            return self.happen(region, conversation, Prove(message_id, reply.received_at))
        return self.happen(region, conversation, Tick())

    def join(self, region: Region, announced: Conversation, arrived: Conversation) -> None:
        decision = join(announced, arrived, self.clock(region), DIRECTORY)
        if decision.denial is None:
            person = region.person_of(arrived)
            region.keep(decision.conversation)
            region.people.update(dict.fromkeys(decision.conversation.ids, person))
            self._follow(region, decision)

    # What the post does ------------------------------------------------------------------------------------------

    def deliver(self, index: int, *, again: bool = False) -> None:
        packet = self.post[index] if again else self.post.pop(index)
        self.doubled += again
        region = self.regions[packet.to]
        match packet.what:
            case Envelope():
                self._hear(region, packet.what)
            case Receipt() | Rejection() as answer:
                owner = [each for each in region.conversations if each.find_letter(answer.message_id)]
                for conversation in owner:
                    taking = TakeReceipt(answer) if isinstance(answer, Receipt) else TakeRejection(answer)
                    self.happen(region, conversation, taking)

    def deliver_unreadable(self, index: int) -> None:
        """A message of a version that the recipient does not know yet."""
        packet = self.post[index]
        region = self.regions[packet.to]
        if isinstance(packet.what, Envelope) and not any(
            each.find_taken(packet.what.message_id) for each in region.conversations
        ):
            self.post.pop(index)
            self._hear(self.regions[packet.to], replace(packet.what, schema_version=99))

    def lose(self, index: int) -> None:
        self.post.pop(index)
        self.lost += 1

    def tick(self, region: Region) -> None:
        for conversation in list(region.conversations):
            self.happen(region, conversation, Tick())

    def _hear(self, region: Region, envelope: Envelope) -> None:
        known = region.find(envelope.conversation_id)
        conversation = known or welcome(envelope, region.name, self.clock(region), self.profile)
        if isinstance(conversation, Rejection):
            self.post.append(Packet(envelope.sender_jurisdiction, conversation))
            return
        decision = self.happen(region, conversation, Hear(envelope), keep=known is not None)
        if known is None and (decision.conversation.taken or decision.conversation.refused):
            region.keep(decision.conversation)
            region.people[decision.conversation.id] = self._person_behind(envelope)
        if decision.reply is not None:
            self.post.append(Packet(envelope.sender_jurisdiction, decision.reply))

    def _person_behind(self, envelope: Envelope) -> str:
        sender = self.regions[envelope.sender_jurisdiction]
        conversation = sender.find(envelope.conversation_id)
        return sender.person_of(conversation) if conversation else envelope.conversation_id

    # What is decided ---------------------------------------------------------------------------------------------

    def happen(self, region: Region, conversation: Conversation, stimulus: Stimulus, keep: bool = True) -> Decision:
        now = self.clock(region)
        self.began.setdefault((region.name, conversation.id), conversation.now)
        decision = self.decider(stimulus, conversation, now, DIRECTORY)
        self.history.append((region.name, conversation.ids, stimulus, now))
        if self.watch is not None:
            self.watch(self, region, conversation, stimulus, now, decision)
        if keep:
            region.keep(decision.conversation)
        self._follow(region, decision)
        return decision

    def _follow(self, region: Region, decision: Decision) -> None:
        person = region.person_of(decision.conversation)
        region.events += [(person, event) for event in decision.register_events]
        region.openings += decision.openings
        self.post += [Packet(message.recipient_jurisdiction, message) for message in decision.messages]


_SAYS = {
    "102": ("FOUND", "NOT_FOUND", "REFUSED"), "402": ("APPLIED", "BEFORE_STATE_MISMATCH", "NOT_MINE"),
    "404": ("RETURNED", "MOVED_ON", "DECEASED"), "302": ("VERIFIED", "NOT_PERMITTED"),
}  # fmt: skip
