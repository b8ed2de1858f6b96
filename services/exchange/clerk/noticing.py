"""First words: 201 for an arrival, 202 for a departure, 501 for what goes on as a discrepancy."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from services.exchange.clerk import words
from services.exchange.clerk.desk import Case, Desk
from services.exchange.clerk.plans import Plan
from services.exchange.clerk.work import Work
from services.exchange.ledger.documents import read_conversation
from services.exchange.particulars.forms import SUBJECT
from services.exchange.protocol.bodies import Body, read_body
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.conversation import Conversation
from services.exchange.register.following import conversation_id_of
from services.exchange.register.snapshots import Look, Snapshots

PARTNER_HOLDS_OTHER = "partner-holds-other"


class Noticing:
    """`read`: the pool of the login that may only look."""

    def __init__(self, pool: asyncpg.Pool, read: asyncpg.Pool, desk: Desk, snapshots: Snapshots, own: str) -> None:
        self._pool, self._read, self._desk, self._snapshots, self._own = pool, read, desk, snapshots, own

    async def notify(self, cases: Sequence[Case]) -> Work:
        """201. Nobody is looked at before the register shows the arrival; one that was annulled is not told."""
        rows = await self._read.fetch(
            "SELECT event_id FROM register.event WHERE event_id = ANY($1)", [UUID(each.duty.about) for each in cases]
        )
        shown = {UUID(bytes=row[0].bytes) for row in rows}
        looks = [
            Look(case.id, case.person_id, case.conversation.partner, event_id)
            for case in cases
            if case.person_id is not None and (event_id := UUID(case.duty.about)) in shown
        ]
        held = {}
        if looks:
            async with self._read.acquire() as connection:
                held = await self._snapshots.read(connection, looks, "notice")
        work = Work()
        for case in cases:
            person = held.get(case.id)
            if person is not None and person.is_protected:
                work.people[case.id] = "protected"
            elif person is None or person.event is None or person.civil is None:
                work.later.append(case)
            else:
                work.plans.append(Plan(case, [words.notice(person, person.event)]))
                work.arrived_from.add(case.conversation.partner)
        return work

    async def announce(self, cases: Sequence[Case]) -> Work:
        """202, by the register's own departure, or by that of the conversation that was forwarded."""
        departures = await self._find_departures(cases)
        looks = [
            Look(case.id, case.person_id, case.conversation.partner, departures[case.id])
            for case in cases
            if case.person_id is not None and case.id in departures
        ]
        async with self._read.acquire() as connection:
            held = await self._snapshots.read(connection, looks, "announcement")
        work = Work()
        for case in cases:
            person = held.get(case.id)
            if person is not None and person.is_protected:
                work.people[case.id] = "protected"
            elif person is None or person.event is None:
                work.later.append(case)
            else:
                said = words.announcement(person, person.event, case.conversation.partner)
                work.plans.append(Plan(case, [said]))
        return work

    async def _find_departures(self, cases: Sequence[Case]) -> dict[str, UUID]:
        parents = [UUID(case.duty.about) for case in cases if case.duty.about]
        rows = await self._pool.fetch(
            "SELECT conversation_id, departure_event_id FROM exchange.conversation WHERE conversation_id = ANY($1)",
            parents,
        )
        forwarded = {str(row[0]): row[1] for row in rows if row[1] is not None}
        found = {case.id: forwarded[case.duty.about] for case in cases if case.duty.about in forwarded}
        people = [case.person_id for case in cases if case.person_id is not None and case.id not in found]
        rows = await self._read.fetch(
            "SELECT d.event_id FROM register.departure d JOIN register.person p"
            " ON d.person_id = coalesce(p.merged_into, p.person_id) WHERE p.person_id = ANY($1)",
            people,
        )
        own = {conversation_id_of(self._own, UUID(bytes=row[0].bytes)): row[0] for row in rows}
        return found | {case.id: own[case.id] for case in cases if case.id in own}

    async def report(self, cases: Sequence[Case]) -> Work:
        """501, of the first field that was sent on, or of the report that is forwarded."""
        rows = await self._pool.fetch(
            "SELECT conversation_id, document FROM exchange.conversation WHERE conversation_id = ANY($1)",
            [UUID(case.duty.about) for case in cases if case.duty.about],
        )
        parents = {str(row[0]): read_conversation(row[1]) for row in rows}
        work = Work()
        for case in cases:
            parent = parents.get(case.duty.about)
            said = await self._say_report(parent) if parent is not None else None
            if said is None:
                work.later.append(case)
            else:
                work.plans.append(Plan(case, [said]))
        return work

    async def _say_report(self, parent: Conversation) -> words.Words | None:
        reports = [letter for letter in parent.letters if letter.code == "501"]
        if reports:
            opened = await self._desk.open_parts([reports[0].id])
            body = read_body(reports[0].envelope.payload, CATALOGUE["501"].items)
            return words.Words("501", body, opened.get(reports[0].id, {}).get(SUBJECT))
        path = _sent_on(parent)
        if path is None or parent.arrival is None:
            return None
        answers = [taken.id for taken in parent.taken if taken.code == "203"]
        opened = await self._desk.open_parts([parent.arrival, *answers])
        notice = opened.get(parent.arrival, {}).get(SUBJECT)
        if notice is None:
            return None
        values = [
            each
            for answer in answers
            for each in opened.get(answer, {}).get(SUBJECT, {}).get("values", ())
            if each["path"] == path
        ]
        seen = values[-1] if values else {}
        document = {"subject": notice["subject"], "seen": seen.get("held"), "other": seen.get("asserted")}
        body = {"path": path, "ground_of_doubt": PARTNER_HOLDS_OTHER}
        return words.Words("501", body, {name: each for name, each in document.items() if each is not None})


def _sent_on(parent: Conversation) -> str | None:
    """The first difference that people sent on as a discrepancy."""
    for letter in parent.letters:
        if letter.code == "213":
            body: Body = read_body(letter.envelope.payload, CATALOGUE["213"].items)
            decisions = body.get("decisions")
            for each in decisions if isinstance(decisions, list) else ():
                if isinstance(each, dict) and each.get("decision") == "SENT_TO_DISCREPANCY":
                    return str(each["path"])
    return None
