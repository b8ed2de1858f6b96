"""Who is meant, where no machine may say: GET /exchange/v1/pairings, …/{conversation_id}, POST …:decide.

The list names nobody. A question is shown with what the partner said and with the records that may be meant, for the
purpose `exchange` and a case, and each of these people is recorded as read before. Questions in which somebody
protected may be meant are there for approvers only.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.exchange.door.answering import answer
from services.exchange.journal.entry import Entry, Outcome
from services.exchange.ledger.documents import read_conversation
from services.exchange.pairing import cases
from services.exchange.pairing.deciding import Case, Choice, Chosen, Step, Taken, make_entry, take_step
from services.exchange.pairing.pairing import Found
from services.exchange.pairing.records import PersonRecord, RecordReader
from services.exchange.protocol.conversation import Conversation
from services.exchange.protocol.failures import FAILURES
from services.kernel.clock import Clock
from services.kernel.codec.posts.dates import EPOCH
from services.kernel.database import Connection
from services.kernel.errors import Conflict, Forbidden, NotFound, Rejected, Unavailable
from services.kernel.http.bodies import EVENT_BYTES_MAX, Body, ByteBudget
from services.kernel.http.door import Door
from services.kernel.http.parameters import require_known_parameters
from services.kernel.identity.caller import Caller
from services.kernel.identity.matrix import read_purposes
from services.kernel.reading.purpose import require_case, settle_purpose
from services.kernel.reading.recorder import Reading, ReadRecorder
from services.kernel.telemetry.metrics import Metrics

PATH = "/exchange/v1/pairings"
PURPOSE = "exchange"
PAGE = 100
_ROLES = ("approver", "registrar")
_TOLD = ("full_name", "family_name", "given_names", "name_variants", "identifiers", "birth_place", "address")


class Journal(Protocol):
    """Where a decision is appended, and what became of it."""

    async def append_and_wait(self, entries: Sequence[Entry], timeout_s: float = 10.0) -> list[Outcome | None]: ...


class Letters(Protocol):
    """What partners wrote of people, opened: message → role → document."""

    async def open_parts(self, message_ids: Sequence[str]) -> Mapping[str, Mapping[str, Mapping[str, Any]]]: ...


class _Decision(msgspec.Struct, forbid_unknown_fields=True):
    revision: int
    outcome: Chosen | None = None
    person_id: UUID | None = None
    agrees: bool | None = None


class PairingRoutes:
    """`pool`: of the exchange's own login; `read_pool`: of the one that may look at the register."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        read_pool: asyncpg.Pool,
        records: RecordReader,
        letters: Letters,
        journal: Journal,
        audit: ReadRecorder,
        clock: Clock,
        budget: ByteBudget,
        metrics: Metrics,
        region: str,
    ) -> None:
        self._pool, self._read_pool = pool, read_pool
        self._records, self._letters, self._journal = records, letters, journal
        self._audit, self._clock, self._budget, self._metrics = audit, clock, budget, metrics
        self._region = region
        self._purposes = read_purposes()

    def routes(self, door: Door) -> list[Route]:
        return [
            door.guarded("GET", PATH, self.list),
            door.guarded("GET", f"{PATH}/{{conversation_id}}", self.show),
            door.guarded("POST", f"{PATH}/{{conversation_id}}:decide", self.decide),
        ]

    async def list(self, request: Request, caller: Caller) -> Response:
        """What waits, oldest first; `?after=` goes on after a conversation id of the page before."""
        require_known_parameters(request, {"after"})
        role = _get_role(caller)
        async with self._pool.acquire() as connection:
            after = await self._find_place(connection, request.query_params.get("after"))
            found = await cases.list_open(connection, after, PAGE, with_protected=role == _ROLES[0])
        return answer({"items": [_tell_line(each, caller) for each in found], "more": len(found) == PAGE})

    async def show(self, request: Request, caller: Caller) -> Response:
        """The question, what the partner said, and the records that may be meant."""
        require_known_parameters(request, {"purpose", "case"})
        role = self._settle_role(caller, request.query_params.get("purpose"))
        reference = require_case(request.query_params.get("case"))
        async with self._pool.acquire() as connection:
            case = await self._get_case(connection, request, role)
            conversation = await _get_conversation(connection, case.conversation_id)
        records = await self._open(case, caller, role, reference, f"GET {PATH}/{{conversation_id}}")
        told = _tell_line(case, caller) | {
            "asked": await self._find_asked(conversation),
            "found": [_tell_found(each, records.get(each.person_id)) for each in case.found],
            "outcome": case.proposal.chosen if case.proposal else None,
            "person_id": str(case.proposal.person_id) if case.proposal and case.proposal.person_id else None,
        }
        return answer(told)

    async def decide(self, request: Request, caller: Caller) -> Response:
        """This person, nobody, or several that cannot be told apart; a second person where two are needed.

        Answers once the journal's entry was applied. The same decision again is Conflict("pairing-settled").
        """
        require_known_parameters(request, {"purpose", "case", "office"})
        role = self._settle_role(caller, request.query_params.get("purpose"))
        reference = require_case(request.query_params.get("case"))
        async with Body(request, self._budget, EVENT_BYTES_MAX) as body:
            decision = _read_decision(body)
        async with self._pool.acquire() as connection, connection.transaction():
            case = await self._get_case(connection, request, role, for_deciding=True)
            if case.revision != decision.revision:
                raise Conflict("pairing-settled" if case.decided_at else "pairing-changed")
            taken = take_step(case, Choice(decision.outcome, decision.person_id, decision.agrees), caller.sub)
            if taken.decided_by:
                office = request.query_params.get("office", "")
                await self._append(connection, case, taken, reference, office)
            await cases.keep_step(connection, case, taken, caller.sub, reference, self._clock.now())
        self._count(case, taken)
        return answer({"step": taken.step, "outcome": taken.chosen, "revision": case.revision + 1})

    async def _append(self, connection: Connection, case: Case, taken: Taken, reference: str, office: str) -> None:
        conversation = await _get_conversation(connection, case.conversation_id)
        entry = make_entry(conversation, case, taken, self._clock.now(), reference, office)
        (outcome,) = await self._journal.append_and_wait([entry])
        if outcome is None:
            raise Unavailable("log-unavailable", retry_after_s=2.0, outcome_unknown=True)
        if outcome.denial is not None:
            raise Conflict("pairing-settled")

    def _settle_role(self, caller: Caller, asked: str | None) -> str:
        """In which role the caller looks at people, for the purpose `exchange`."""
        role = _get_role(caller)
        settle_purpose(caller, asked, self._purposes[role] & {PURPOSE})
        return role

    async def _find_place(self, connection: Connection, after: str | None) -> tuple[datetime, UUID] | None:
        if after is None:
            return None
        case = await cases.find_case(connection, _read_id(after, "?after"))
        if case is None:
            raise Rejected("wrong-parameter", "?after", rule="It names no question.")
        return case.opened_at, case.conversation_id

    async def _get_case(
        self, connection: Connection, request: Request, role: str, *, for_deciding: bool = False
    ) -> Case:
        conversation_id = _read_id(request.path_params["conversation_id"], "/conversation_id")
        case = await cases.find_case(connection, conversation_id, for_deciding=for_deciding)
        if case is None or (case.has_protected and role != _ROLES[0]):
            raise NotFound("unknown-pairing")
        return case

    async def _open(
        self, case: Case, caller: Caller, role: str, reference: str, route: str
    ) -> dict[UUID, PersonRecord]:
        """The records of a case. Who is protected by now is not shown to ordinary staff, nor is the question."""
        today = self._clock.now().toordinal() - EPOCH
        async with self._read_pool.acquire() as connection:
            ids = [each.person_id for each in case.found]
            records = await self._records.find(connection, ids, today)
            if role != _ROLES[0] and any(record.state.is_protected for record in records.values()):
                raise NotFound("unknown-pairing")
            await self._record(case, records, caller, role, reference, route)
            await self._records.open(connection, records.values())
        return records

    async def _record(
        self,
        case: Case,
        records: Mapping[UUID, PersonRecord],
        caller: Caller,
        role: str,
        reference: str,
        route: str,
    ) -> None:
        people = sorted({person_id for record in records.values() for person_id in record.people})
        if people:
            reading = Reading(
                people=tuple((self._region, person_id) for person_id in people),
                reader=caller,
                role=role,
                purpose=PURPOSE,
                route=route,
                fields=(*(f"civil.{name}" for name in _TOLD), "current.born_on", "current.sex"),
                compartments=("civil",),
                case_reference=reference,
            )
            await self._audit.record([reading])

    async def _find_asked(self, conversation: Conversation) -> Any:
        """The latest identification that the partner sent; None where it is forgotten."""
        opened = await self._letters.open_parts([each.id for each in conversation.taken])
        documents = [opened.get(each.id, {}).get("subject", {}) for each in conversation.taken]
        return next((each["subject"] for each in reversed(documents) if each.get("subject")), None)

    def _count(self, case: Case, taken: Taken) -> None:
        if taken.step is not Step.PROPOSED:
            self._metrics.counter(
                "domicile_exchange_pairing_decisions_total",
                kind=case.kind.value,
                outcome=taken.step.value if taken.step is Step.REFUSED else taken.chosen.value,
                override=str(taken.is_override).lower(),
            ).inc()


def _get_role(caller: Caller) -> str:
    """Records of the whole region may be meant, so whoever decides covers it. Forbidden("area-not-yours") else."""
    if not caller.whole_region:
        raise Forbidden("area-not-yours")
    return next(each for each in _ROLES if each in caller.roles)


async def _get_conversation(connection: Connection, conversation_id: UUID) -> Conversation:
    document = await connection.fetchval(
        "SELECT document FROM exchange.conversation WHERE conversation_id = $1", conversation_id
    )
    if document is None:
        raise NotFound("unknown-pairing")
    return read_conversation(document)


def _tell_line(case: Case, caller: Caller) -> dict[str, Any]:
    waits_for = "nobody" if case.decided_at else "second-person" if case.proposal else "decision"
    return {
        "conversation_id": str(case.conversation_id),
        "partner": case.partner,
        "kind": case.kind,
        "opened_at": case.opened_at.isoformat(),
        "revision": case.revision,
        "candidates": len(case.found),
        "best_score": max((each.score for each in case.found), default=0),
        "waits_for": waits_for,
        "proposed_by_you": case.proposal is not None and case.proposal.by == caller.sub,
    }


def _tell_found(found: Found, record: PersonRecord | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "person_id": str(found.person_id),
        "score": found.score,
        "explanation": [each._asdict() for each in found.explanation],
        "refusal": found.refusal,
        "refusal_says": FAILURES[found.refusal].text if found.refusal in FAILURES else "",
    }
    if record is not None:
        civil = record.civil or {}
        held = {name: civil[name] for name in _TOLD if civil.get(name)}
        told["held"] = {"sex": record.sex, "birth_on": record.birth_on, **held}
        told["died_on"] = record.state.died_on.isoformat() if record.state.died_on else None
    return told


def _read_decision(body: bytes) -> _Decision:
    try:
        return msgspec.json.decode(body, type=_Decision)
    except msgspec.ValidationError as wrong:
        field = str(wrong).rpartition("`$")[2].rstrip("`").replace(".", "/")
        if field == "/person_id":
            copied = "It is the id of one of those found: copy it from `domicile exchange pairing`."
            raise Rejected("bad-uuid", field, rule=copied) from None
        rule = "Say a revision, and an outcome (with PERSON a person_id) or whether you agree."
        raise Rejected("wrong-type", field, rule=rule) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Rejected("malformed-json") from None


def _read_id(text: str, path: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Rejected("bad-uuid", path) from None
