"""One turn: a conversation on its way to what is decided. Lives for one call of `decide` and is never seen outside."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from services.exchange.protocol.bodies import Body, text_of
from services.exchange.protocol.changing import replaced
from services.exchange.protocol.conversation import Conversation, Directory, Letter, Obligation, Taken
from services.exchange.protocol.envelope import Envelope, Receipt, Rejection
from services.exchange.protocol.states import FINAL, Role, State
from services.exchange.protocol.stimuli import Decision, Denial, Escalation, Opening, RegisterEvent

NOTHING: Mapping[str, str] = {}


class Cause(NamedTuple):
    """What brought a transition about: a message, heard or said, or something that lapsed."""

    id: str
    code: str
    on: date
    body: Body = NOTHING
    outcome: str = ""
    in_reply_to: str | None = None
    is_ours: bool = True
    response_required: bool = False

    def text(self, name: str) -> str | None:
        return text_of(self.body, name)


class Turn:
    """`at` is the instant that is being worked on: when several timers have run out, each has its own."""

    def __init__(self, conversation: Conversation, now: datetime, directory: Directory) -> None:
        self.now = max(now, conversation.now)
        self.at = self.now
        self.before = conversation
        self.c = replaced(conversation, now=self.now)
        self.directory = directory
        self.reply: Receipt | Rejection | None = None
        self.messages: list[Envelope] = []
        self.events: list[RegisterEvent] = []
        self.openings: list[Opening] = []
        self.escalations: list[Escalation] = []

    def change(self, **fields: Any) -> None:
        self.c = replaced(self.c, **fields)

    def move_to(self, state: State | None) -> None:
        """A state that is entered anew starts anew: time in it is counted from here."""
        if state is not None:
            self.change(state=state, since=self.at)

    @property
    def is_over(self) -> bool:
        return self.c.state in FINAL

    def region_of(self, role: Role) -> str:
        return self.c.own if role is self.c.role else self.c.partner

    def put_obligation(self, obligation: Obligation) -> None:
        """Adds it, or replaces the one of that id."""
        known = [each.id for each in self.c.obligations]
        if obligation.id not in known:
            self.change(obligations=(*self.c.obligations, obligation))
        else:
            self.change(
                obligations=tuple(obligation if each.id == obligation.id else each for each in self.c.obligations)
            )

    def put_letter(self, letter: Letter) -> None:
        if self.c.find_letter(letter.id) is None:
            self.change(letters=(*self.c.letters, letter))
        else:
            self.change(letters=tuple(letter if each.id == letter.id else each for each in self.c.letters))

    def put_taken(self, taken: Taken) -> None:
        self.change(taken=(*self.c.taken, taken))

    def log(self, type_: str, cause: Cause, link_id: str | None = None, **facts: object) -> RegisterEvent:
        """An event for the register, named by its cause and its place among the cause's events."""
        ordinal = sum(event.caused_by == cause.id for event in self.events)
        stated = tuple((name, value) for name, value in facts.items() if value is not None)
        event = RegisterEvent(type_, cause.id, ordinal, cause.on, stated, link_id)
        self.events.append(event)
        return event

    def decide(self) -> Decision:
        before = {each.id: each for each in self.before.obligations}
        changed = tuple(each for each in self.c.obligations if before.get(each.id) != each)
        return Decision(
            self.c,
            self.reply,
            tuple(self.messages),
            changed,
            tuple(self.events),
            tuple(self.openings),
            tuple(self.escalations),
        )

    def deny(self, why: str, path: str = "") -> Decision:
        """Nothing that this turn did counts, but that time has passed."""
        return self.decide()._replace(denial=Denial(why, path))
