"""Two regions that talk without losing anything: conversations told step by step."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.exchange.protocol import Conversation, Decision, begin, decide, welcome
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.conversation import Obligation
from services.exchange.protocol.deadlines import Kind, Profile
from services.exchange.protocol.envelope import Envelope, Receipt, Rejection
from services.exchange.protocol.states import Talk
from services.exchange.protocol.stimuli import (
    Escalation,
    Find,
    Finding,
    Hear,
    Opening,
    RegisterEvent,
    Say,
    Stimulus,
    TakeReceipt,
    TakeRejection,
    Tick,
)
from tests.exchange.protocol.words import body_of
from tests.exchange.protocol.world import DIRECTORY

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


class Sides:
    """`north` speaks the first word; what is said is delivered at once, unless `cut` says whose post is cut."""

    def __init__(self, first: str = "201", *, profile: Profile = Profile.STD, at: datetime = MONDAY) -> None:
        self.now = at
        self.profile = profile
        message = CATALOGUE[first]
        talk = next(talk for talk in (Talk.MOVE, Talk.VERIFY, Talk.DISCREPANCY) if talk in message.talks)
        self.sides: dict[str, Conversation] = {
            "north": begin("c-1", talk, "north", "south", message.by, at, profile=profile),
        }
        self.events: dict[str, list[RegisterEvent]] = {"north": [], "south": []}
        self.openings: list[Opening] = []
        self.escalations: list[Escalation] = []
        self.sent: list[Envelope] = []
        self.cut: set[str] = set()
        self._said = 0

    @property
    def states(self) -> tuple[str, str]:
        return self.sides["north"].state, self.sides["south"].state

    def told(self, side: str) -> list[str]:
        return [event.type for event in self.events[side]]

    def obligation(self, side: str, kind: Kind) -> Obligation:
        return next(each for each in reversed(self.sides[side].obligations) if each.kind is kind)

    def say(self, side: str, code: str, outcome: str = "", to: str | None = None, **facts: Any) -> Decision:
        """`to`: the code of the partner's latest message that it answers; found by itself where it must answer one."""
        self._said += 1
        answers = CATALOGUE[code].answers if to is None else {to}
        taken = self.sides[side].taken
        reply_to = next((each.id for each in reversed(taken) if each.code in answers), None)
        asked = facts.pop("response_required", False)
        body = body_of(code, outcome, **facts)
        return self.happen(side, Say(code, body, f"m-{self._said}", "office-1", reply_to, response_required=asked))

    def find(self, side: str, finding: Finding) -> Decision:
        return self.happen(side, Find(finding))

    def pass_days(self, days: float) -> None:
        self.now += timedelta(days=days)
        for side in list(self.sides):
            self.happen(side, Tick())

    def happen(self, side: str, stimulus: Stimulus) -> Decision:
        decision = decide(stimulus, self.sides[side], self.now, DIRECTORY)
        self.sides[side] = decision.conversation
        self.events[side] += decision.register_events
        self.openings += decision.openings
        self.escalations += decision.escalations
        for envelope in decision.messages:
            self.sent.append(envelope)
            if side not in self.cut:
                self._carry(side, envelope)
        return decision

    def _carry(self, side: str, envelope: Envelope) -> None:
        reply = self.hear(envelope)
        if isinstance(reply, Receipt):
            self.happen(side, TakeReceipt(reply))
        elif isinstance(reply, Rejection):
            self.happen(side, TakeRejection(reply))

    def hear(self, envelope: Envelope) -> Receipt | Rejection | None:
        to = envelope.recipient_jurisdiction
        known = self.sides.get(to) or welcome(envelope, to, self.now, self.profile)
        if isinstance(known, Rejection):
            return known
        self.sides[to] = known
        return self.happen(to, Hear(envelope)).reply

    def changed(self, envelope: Envelope, **fields: Any) -> Envelope:
        return replace(envelope, **fields)
