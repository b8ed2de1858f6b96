"""GET /exchange/v1/pauses, POST /exchange/v1/pauses and …:end: clocks that stand still because a partner cannot answer.

A supervisor confirms an outage of the debtor's exchange, or force majeure, for all that one partner owes. Nobody stops
the clock of their own debts: whoever owes asks the supervisor of the region that waits.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.exchange.door.answering import answer
from services.exchange.door.bodies import read_wish
from services.exchange.door.conversations import require_whole_region
from services.exchange.door.partners_known import require_partner
from services.exchange.journal.entry import Entry
from services.exchange.journal.journal import Waiting
from services.exchange.ledger.documents import read_conversation
from services.exchange.members import MembersFile
from services.exchange.protocol.conversation import Conversation, PauseReason
from services.exchange.protocol.deadlines import TIMES, AtDue, Kind
from services.exchange.protocol.states import Clock as ClockState
from services.exchange.protocol.stimuli import StartClock, Stimulus, StopClock
from services.kernel.clock import Clock
from services.kernel.errors import Rejected, Unavailable
from services.kernel.event_id import new_event_id
from services.kernel.http.bodies import ByteBudget
from services.kernel.http.door import Door
from services.kernel.http.parameters import require_known_parameters, word
from services.kernel.identity.caller import Caller
from services.kernel.reading.purpose import require_case

PATH = "/exchange/v1/pauses"
AT_ONCE = 500
PAGE = 500
_MAY_STOP = sorted(kind for kind in Kind if TIMES[kind].at_due is AtDue.REMIND)
_OURS_TO_END = (PauseReason.DEBTOR_OUTAGE, PauseReason.FORCE_MAJEURE)


class _Pause(msgspec.Struct, forbid_unknown_fields=True):
    partner: str
    reason: Literal["DEBTOR_OUTAGE", "FORCE_MAJEURE"]
    obligation_id: str | None = None


class _End(msgspec.Struct, forbid_unknown_fields=True):
    partner: str
    obligation_id: str | None = None


class PauseRoutes:
    """`journal`: where entries are appended; they are the audit: who, when, on which case."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        journal: Waiting,
        members: MembersFile | None,
        clock: Clock,
        budget: ByteBudget,
        own: str,
    ) -> None:
        self._pool, self._journal, self._members = pool, journal, members
        self._clock, self._budget, self._own = clock, budget, own

    def routes(self, door: Door) -> list[Route]:
        return [
            door.guarded("GET", PATH, self.show),
            door.guarded("POST", PATH, self.stop),
            door.guarded("POST", f"{PATH}:end", self.end),
        ]

    async def show(self, request: Request, caller: Caller) -> Response:
        """Pauses, those that last first, then the latest; of what is owed in the 500 conversations moved last."""
        require_known_parameters(request, {"partner", "reason"})
        require_whole_region(caller)
        partner = await require_partner(self._pool, self._names(), request.query_params.get("partner"))
        reason = word(request, "reason", [each.value for each in PauseReason])
        rows = await self._pool.fetch(
            "SELECT document FROM exchange.conversation WHERE was_paused AND ($1::text IS NULL OR partner = $1)"
            " ORDER BY since DESC, conversation_id LIMIT $2",
            partner,
            PAGE,
        )
        conversations = [read_conversation(row["document"]) for row in rows]
        told = [line for each in conversations for line in tell_pauses(each, self._clock.now())]
        told = [each for each in told if reason in (None, each["reason"])]
        told.sort(key=lambda each: (each["until"] is not None, -each["since"].timestamp()))
        return answer({"as_of": self._clock.now(), "items": told, "more": len(rows) == PAGE})

    async def stop(self, request: Request, caller: Caller) -> Response:
        """Every clock of what that partner owes, or that of one obligation; `case`: where the outage was declared."""
        case = require_case(request.query_params.get("case"))
        wish = await read_wish(request, self._budget, _Pause)
        reason = PauseReason(wish.reason)
        rows = await self._find(request, caller, wish, is_paused=False)
        acts = [(UUID(bytes=row[0].bytes), StopClock(row[1], reason)) for row in rows]
        return await self._do(caller, wish.partner, case, acts, "stopped")

    async def end(self, request: Request, caller: Caller) -> Response:
        """They run again, and the pause is made good. What waits for a clarification goes on waiting for it."""
        wish = await read_wish(request, self._budget, _End)
        rows = await self._find(request, caller, wish, is_paused=True)
        paused = [row for row in rows if _reason_of(row["document"], row["obligation_id"]) in _OURS_TO_END]
        acts = [(UUID(bytes=row[0].bytes), StartClock(row[1])) for row in paused]
        return await self._do(caller, wish.partner, request.query_params.get("case"), acts, "started")

    async def _find(
        self, request: Request, caller: Caller, wish: "_Pause | _End", is_paused: bool
    ) -> list[asyncpg.Record]:
        require_known_parameters(request, {"case"})
        require_whole_region(caller)
        if wish.partner == self._own:
            rule = "Who owes stops no clock of their own: the supervisor of the region that waits confirms the outage."
            raise Rejected("wrong-parameter", "/partner", rule=rule)
        await require_partner(self._pool, self._names(), wish.partner, "/partner")
        rows = await self._pool.fetch(
            "SELECT conversation_id, obligation_id, clock, c.document FROM exchange.obligation o"
            " JOIN exchange.conversation c USING (conversation_id)"
            " WHERE o.ended IS NULL AND o.debtor = $1 AND o.kind = ANY($2)"
            " AND ($3::text IS NULL OR o.obligation_id = $3) ORDER BY o.due_at",
            wish.partner,
            _MAY_STOP,
            wish.obligation_id,
        )
        if wish.obligation_id is not None and not rows:
            rule = "It is an open obligation of that partner's towards this region; duties of one's own house run on."
            raise Rejected("wrong-parameter", "/obligation_id", rule=rule)
        return [row for row in rows if (row["clock"] == ClockState.PAUSED) is is_paused]

    async def _do(
        self, caller: Caller, partner: str, case: str | None, acts: Sequence[tuple[UUID, Stimulus]], what: str
    ) -> Response:
        done = 0
        for first in range(0, len(acts), AT_ONCE):
            now = self._clock.now()
            entries = [
                Entry(
                    event_id=new_event_id(now),
                    partner=partner,
                    conversation_id=str(conversation_id),
                    at=now,
                    stimulus=stimulus,
                    actor=caller.sub,
                    case_reference=case,
                )
                for conversation_id, stimulus in acts[first : first + AT_ONCE]
            ]
            outcomes = await self._journal.append_and_wait(entries)
            if None in outcomes:
                raise Unavailable("not-applied-yet", retry_after_s=2.0, outcome_unknown=True)
            done += sum(each is not None and each.denial is None for each in outcomes)
        return answer({what: done})

    def _names(self) -> tuple[str, ...]:
        return () if self._members is None else tuple(each.region for each in self._members.current().partners())


def tell_pauses(conversation: Conversation, now: datetime) -> list[dict[str, Any]]:
    """Every pause of every obligation, and how long it has lasted."""
    return [
        {
            "conversation_id": conversation.id,
            "obligation_id": owed.id,
            "kind": owed.kind,
            "debtor": owed.debtor,
            "creditor": owed.creditor,
            "reason": pause.reason,
            "since": pause.since,
            "until": pause.until,
            "lasted_s": int(((pause.until or now) - pause.since).total_seconds()),
        }
        for owed in conversation.obligations
        for pause in owed.pauses
    ]


def _reason_of(document: bytes, obligation_id: str) -> PauseReason | None:
    found = (each for each in read_conversation(document).obligations if each.id == obligation_id)
    owed = next(found, None)
    return owed.pauses[-1].reason if owed is not None and owed.pauses else None
