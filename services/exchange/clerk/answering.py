"""Answers of the origin: who is meant, whether that can be, and what is held otherwise."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

import asyncpg

from services.exchange.clerk import words
from services.exchange.clerk.concern import keep_concerned
from services.exchange.clerk.desk import Case, Desk, find_own
from services.exchange.clerk.outflows import TOO_MANY, Outflows
from services.exchange.clerk.plans import Plan
from services.exchange.clerk.work import Work
from services.exchange.journal.entry import Join, PersonKnown
from services.exchange.pairing.pairer import Pairer
from services.exchange.pairing.pairing import NEEDS_PEOPLE, Kind, Pairing, Question
from services.exchange.pairing.state import find_objection
from services.exchange.particulars.documents import Stated
from services.exchange.particulars.forms import SUBJECT
from services.exchange.particulars.identification import Identification, WrongParticulars
from services.exchange.protocol.conversation import Conversation
from services.exchange.protocol.failures import NOT_FOUND, PROTECTED
from services.exchange.protocol.joining import JOINABLE
from services.exchange.protocol.states import Role, Talk
from services.exchange.protocol.stimuli import Find, Finding, Tick
from services.exchange.register.comparing import compare
from services.exchange.register.held import Held
from services.exchange.register.snapshots import Look, Snapshots
from services.kernel.clock import Clock

Parts = Mapping[str, Mapping[str, Mapping[str, Any]]]
NOTHING_SAID = Identification()
_TOLERANCE = timedelta(days=1)
"""Of dates, as in ingest: it is tomorrow somewhere."""


class Cases(Protocol):
    """Where people decide who is meant."""

    async def open(self, pairings: Sequence[tuple[Question, Pairing]]) -> None: ...


class Answering:
    """`read`: the pool of the login that may only look."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        read: asyncpg.Pool,
        desk: Desk,
        pairer: Pairer,
        cases: Cases,
        snapshots: Snapshots,
        clock: Clock,
        outflows: Outflows,
    ) -> None:
        self._pool, self._read, self._desk, self._pairer = pool, read, desk, pairer
        self._cases, self._snapshots, self._clock, self._outflows = cases, snapshots, clock, outflows

    async def pair(self, cases: Sequence[Case]) -> Work:
        """Who is meant; of whom that is beyond doubt, the answer too."""
        parts = await self._desk.open_parts(messages_of(cases))
        questions = [question_of(case, parts) for case in cases]
        async with self._read.acquire() as connection:
            pairings = await self._pairer.pair(connection, questions)
        asked = [each for each in zip(cases, pairings, strict=True) if each[0].conversation.talk is not Talk.MOVE]
        concerned = iter(await self._keep_concerned(asked))
        # A notice of a move says of itself what the partner has to do with somebody.
        pairings = [
            p if c.conversation.talk is Talk.MOVE else next(concerned) for c, p in zip(cases, pairings, strict=True)
        ]
        work = Work()
        unclear = []
        for case, question, pairing in zip(cases, questions, pairings, strict=True):
            if pairing.kind in NEEDS_PEOPLE and case.conversation.talk is not Talk.DISCREPANCY:
                unclear.append((question, pairing))
                work.plans.append(Plan(case, [Find(Finding.AMBIGUOUS)]))
            else:
                work.plans.append(Plan(case, *_conclude(case, pairing)))
        if unclear:
            await self._cases.open(unclear)
        await self._join(work.plans)
        await self._add_answers(work.plans, parts)
        return work

    async def answer(self, cases: Sequence[Case]) -> Work:
        """Of whom people have said who is meant: whether it can be, and the answer."""
        parts = await self._desk.open_parts(messages_of(cases))
        work = Work(people={case.id: "in-the-future" for case in cases if self._is_ahead(case)})
        work.plans = [Plan(case) for case in cases if case.id not in work.people]
        too_many = await self._add_answers(work.plans, parts, check=True)
        work.people |= dict.fromkeys(too_many, TOO_MANY)
        work.plans = [plan for plan in work.plans if plan.case.id not in too_many]
        work.later = [plan.case for plan in work.plans if not plan.steps]
        work.plans = [plan for plan in work.plans if plan.steps]
        return work

    async def respond(self, cases: Sequence[Case]) -> Work:
        """102. Who is not found beyond doubt, or may not be told of, is answered without a word more."""
        parts = await self._desk.open_parts(messages_of(cases))
        async with self._read.acquire() as connection:
            pairings = await self._pairer.pair(connection, [question_of(case, parts) for case in cases])
        pairings = await self._keep_concerned(list(zip(cases, pairings, strict=True)))
        async with self._read.acquire() as connection:
            known = {
                case.id: pairing.person_id
                for case, pairing in zip(cases, pairings, strict=True)
                if pairing.kind is Kind.PAIRED and pairing.refusal is None and pairing.person_id is not None
            }
            partners = {case.id: case.conversation.partner for case in cases}
            looks = [Look(case_id, person_id, partners[case_id]) for case_id, person_id in known.items()]
            held = await self._snapshots.read(connection, looks, "record")
        work = Work()
        for case, pairing in zip(cases, pairings, strict=True):
            person, about = held.get(case.id), case.duty.about
            if person is not None and not person.is_protected:
                said = words.record(person, case.conversation, about, self._clock.now().date())
                work.plans.append(Plan(case, [said], _person(pairing)))
            else:
                work.plans.append(Plan(case, [words.Words("102", {"outcome": _deny(pairing, person)}, None, about)]))
        return work

    async def _keep_concerned(self, asked: Sequence[tuple[Case, Pairing]]) -> list[Pairing]:
        return await keep_concerned(
            self._pool, self._read, [(case.conversation.partner, pairing) for case, pairing in asked]
        )

    async def _join(self, plans: Sequence[Plan]) -> None:
        """The departure that was announced and the arrival that is told of are one move."""
        wanted: dict[str, dict[UUID, Plan]] = {}
        for plan in plans:
            c = plan.case.conversation
            if plan.person is not None and c.role is Role.ORIGIN and c.talk is Talk.MOVE and c.departure is None:
                wanted.setdefault(c.partner, {})[plan.person.person_id] = plan
        for partner, by_person in wanted.items():
            async with self._pool.acquire() as connection:
                rows = await find_own(connection, Role.ORIGIN, partner, list(by_person))
            for row in rows:
                is_waiting = row["departure_event_id"] is not None and row["registration_id"] is None
                plan = by_person[UUID(bytes=row["person_id"].bytes)]
                if is_waiting and row["state"] in JOINABLE and not isinstance(plan.steps[0], Join):
                    plan.steps.insert(0, Join(str(row["conversation_id"])))

    async def _add_answers(self, plans: Sequence[Plan], parts: Parts, *, check: bool = False) -> set[str]:
        """203 to those of whom it is known who is meant and nothing is said yet. `check`: also whether it can be.

        Those that are left to people, because their partner claims too many.
        """
        open_ = [plan for plan in plans if _is_answerable(plan) and not self._is_ahead(plan.case)]
        looks = [
            Look(plan.case.id, person, plan.case.conversation.partner)
            for plan in open_
            if (person := _who(plan)) is not None
        ]
        if not looks:
            return set()
        now = self._clock.now()
        room = await self._outflows.find_room([each.partner for each in looks], now)
        async with self._read.acquire() as connection:
            held = await self._snapshots.read(connection, looks, "comparison")
        too_many: set[str] = set()
        for plan in open_:
            found, partner = held.get(plan.case.id), plan.case.conversation.partner
            if found is None:
                continue
            if room[partner] <= 0:
                self._outflows.tell(partner, now)
                too_many.add(plan.case.id)
                continue
            room[partner] -= 1
            plan.steps.append(self._answer(plan.case, found, parts, joined=_joins(plan), check=check))
        return too_many

    def _is_ahead(self, case: Case) -> bool:
        """Whether the move lies in the future: the register would not take it, so nothing is confirmed."""
        moved_on = words.moved_in_on(case.conversation, case.duty.about)
        return moved_on is not None and moved_on > self._clock.now().date() + _TOLERANCE

    def _answer(self, case: Case, held: Held, parts: Parts, *, joined: bool, check: bool) -> words.Words:
        c, about = case.conversation, case.duty.about
        if held.is_protected:
            return words.refusal(PROTECTED, about)
        if check:
            objection = find_objection(held.state, question_of(case, parts))
            if objection is not None and not (objection.code == "B-F" and objection.region == c.partner):
                return words.refusal(objection.code, about, forward_to=objection.region, since=objection.since)
        results = compare(asserted_in(c, parts), held, self._clock.now().date())
        return words.feedback(results, held, c, about, joined=joined)


def messages_of(cases: Sequence[Case]) -> list[str]:
    """The partner's messages that particulars are read from: the notice and what corrected it, or the question."""
    return [
        taken.id
        for case in cases
        for taken in case.conversation.taken
        if taken.code in ("101", "201", "202", "211", "301", "501")
    ]


def question_of(case: Case, parts: Parts) -> Question:
    """Whom the partner means. What is forgotten or cannot be read says nothing."""
    c = case.conversation
    subject: Mapping[str, Any] | None = None
    for taken in c.taken:
        subject = parts.get(taken.id, {}).get(SUBJECT, {}).get("subject", subject)
    try:
        identification = NOTHING_SAID if subject is None else Identification.from_document(subject)
    except WrongParticulars:
        identification = NOTHING_SAID
    link_id = UUID(c.arrival) if c.arrival is not None else None
    return Question(c.id, identification, c.partner, words.moved_in_on(c, case.duty.about), link_id)


def asserted_in(conversation: Conversation, parts: Parts) -> list[Stated]:
    """What the notice asserts, then what corrections of it do."""
    stated: list[Stated] = []
    for taken in conversation.taken:
        document = parts.get(taken.id, {}).get(SUBJECT, {})
        if taken.code == "201":
            stated = []
        for each in (
            *document.get("asserted_fields", ()),
            *(document.get("values", ()) if taken.code == "211" else ()),
        ):
            stated.append(Stated(path=each["path"], value=each.get("value")))
    return stated


def _conclude(case: Case, pairing: Pairing) -> tuple[list[Any], PersonKnown | None]:
    """Steps that follow from a pairing alone."""
    talk, about = case.conversation.talk, case.duty.about
    if pairing.kind is Kind.PAIRED:
        if talk is Talk.DISCREPANCY:
            return [Tick()], _person(pairing)
        steps: list[Any] = [Find(Finding.PAIRED)]
        if talk is Talk.MOVE and pairing.refusal is not None:
            steps.append(_refuse(pairing, about))
        return steps, _person(pairing)
    if talk is Talk.VERIFY:
        return [words.Words("302", {"outcome": "NOT_PERMITTED"}, None, about)], None
    if talk is Talk.DISCREPANCY:
        return [words.Words("503", {"outcome": "UNCHANGED", "reason": NOT_FOUND}, None, about)], None
    return [_refuse(pairing, about)], None


def _deny(pairing: Pairing, held: Held | None) -> str:
    """Who is protected, also since a moment ago, is nobody: another word would say that somebody is there."""
    if pairing.kind in NEEDS_PEOPLE:
        return "NOT_UNIQUE"
    is_told_of = pairing.kind is Kind.PAIRED and pairing.refusal is not None
    return "REFUSED" if is_told_of and not (held is not None and held.is_protected) else "NOT_FOUND"


def _refuse(pairing: Pairing, about: str) -> words.Words:
    return words.refusal(
        pairing.refusal or NOT_FOUND,
        about,
        forward_to=pairing.forward_to,
        since=pairing.since,
        missing=pairing.missing_fields,
    )


def _person(pairing: Pairing) -> PersonKnown | None:
    if pairing.person_id is None or pairing.rule is None:
        return None
    return PersonKnown(pairing.person_id, pairing.rule, pairing.score)


def _is_answerable(plan: Plan) -> bool:
    is_move = plan.case.conversation.talk is Talk.MOVE
    is_silent = not any(isinstance(step, words.Words) for step in plan.steps)
    return is_move and is_silent and _who(plan) is not None and Find(Finding.AMBIGUOUS) not in plan.steps


def _who(plan: Plan) -> UUID | None:
    return plan.person.person_id if plan.person else plan.case.person_id


def _joins(plan: Plan) -> bool:
    return any(isinstance(step, Join) for step in plan.steps)
