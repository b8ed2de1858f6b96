"""What is to be done in one conversation, as entries of the journal: the same plan gives the same entries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.exchange.clerk.desk import Case, Desk, Sealing
from services.exchange.clerk.words import Words
from services.exchange.journal.entry import Entry, Join, PersonKnown, SealedPart
from services.exchange.particulars.commitments import OpenPart, commit
from services.exchange.particulars.forms import SUBJECT, check_parts
from services.exchange.particulars.identification import WrongParticulars
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.envelope import derive_id
from services.exchange.protocol.stimuli import Find, Say, Tick
from services.exchange.register.posts import instant_of
from services.kernel.contract.lints.forbidden import Phrase
from services.kernel.telemetry.logs import Log

Step = Words | Find | Tick | Join


@dataclass(slots=True)
class Plan:
    """Steps in their order. `person`: who is meant, as found now; it goes with the first step. `message_id`: of what
    is said, where it does not follow from what it is about."""

    case: Case
    steps: list[Step] = field(default_factory=list)
    person: PersonKnown | None = None
    message_id: str | None = None

    @property
    def holder(self) -> UUID:
        """Under whose key is kept what is said: the person's, as soon as it is known who that is."""
        known = self.person.person_id if self.person else self.case.person_id
        return known or UUID(self.case.id)


class Drafting:
    """Makes entries of plans. `phrases`: what no message may speak of."""

    def __init__(self, desk: Desk, own: str, phrases: Sequence[Phrase]) -> None:
        self._desk, self._own, self._phrases = desk, own, phrases
        self._log = Log("clerk")

    async def draft(self, plans: Sequence[Plan], now: datetime) -> list[Entry]:
        """A plan that would say what may not be said is left out, and told in the service's own log."""
        ready: list[tuple[Plan, dict[int, OpenPart]]] = []
        wanted: list[Sealing] = []
        for plan in plans:
            try:
                parts = self._open(plan)
            except WrongParticulars as wrong:
                self._log.error("not-to-be-said", conversation=plan.case.id, path=wrong.path, rule=wrong.rule)
                continue
            ready.append((plan, parts))
            for number, part in parts.items():
                wanted.append(Sealing(self._message_id(plan, plan.steps[number]), plan.holder, part))
        sealed = await self._desk.seal(wanted)
        return [
            self._entry(plan, number, now, parts.get(number), sealed)
            for plan, parts in ready
            for number in range(len(plan.steps))
        ]

    def _open(self, plan: Plan) -> dict[int, OpenPart]:
        """By the number of the step. Raises WrongParticulars."""
        parts: dict[int, OpenPart] = {}
        for number, step in enumerate(plan.steps):
            if isinstance(step, Words):
                said = [commit(SUBJECT, step.document)] if step.document is not None else []
                check_parts(step.code, CATALOGUE[step.code].outcome_of(step.body), said, self._phrases)
                if said:
                    parts[number] = said[0]
        return parts

    def _message_id(self, plan: Plan, step: Step) -> str:
        """One word for one cause, however often it is worked out."""
        if plan.message_id is not None:
            return plan.message_id
        assert isinstance(step, Words)
        conversation, about = plan.case.conversation, plan.case.duty.about
        outcome = CATALOGUE[step.code].outcome_of(step.body)
        return derive_id(_instant(plan), self._own, conversation.partner, step.code, outcome, about or plan.case.id)

    def _entry(
        self,
        plan: Plan,
        number: int,
        now: datetime,
        part: OpenPart | None,
        sealed: dict[str, tuple[SealedPart, ...]],
    ) -> Entry:
        step, case = plan.steps[number], plan.case
        event_id = derive_id(
            _instant(plan), self._own, case.id, case.revision, case.duty.does, case.duty.about, plan.message_id, number
        )
        kept: tuple[SealedPart, ...] = ()
        stimulus: Say | Find | Tick | Join
        if isinstance(step, Words):
            message_id = self._message_id(plan, step)
            kept = sealed.get(message_id, ())
            stimulus = Say(
                step.code,
                step.body,
                message_id,
                step.office,
                step.in_reply_to,
                step.on,
                step.on,
                parts=(part.part,) if part else (),
            )
        else:
            stimulus = step
        return Entry(
            event_id=UUID(event_id),
            partner=case.conversation.partner,
            conversation_id=case.id,
            at=now,
            stimulus=stimulus,
            person=plan.person if number == 0 else None,
            parts=kept,
        )


def _instant(plan: Plan) -> datetime:
    return instant_of(plan.case.duty.about or plan.case.id)
