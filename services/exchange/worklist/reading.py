"""Reads the lists: pages in the order of due time, across lists, and how many there are."""

import base64
import binascii
import heapq
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.exchange.clerk.conditions import differing_paths
from services.exchange.delivery.chains import list_chains
from services.exchange.ledger.documents import read_conversation
from services.exchange.protocol.conversation import Conversation
from services.exchange.protocol.deadlines import Kind
from services.exchange.protocol.failures import FAILURES
from services.exchange.protocol.states import Clock as ClockState
from services.exchange.worklist.actions import actions_of
from services.exchange.worklist.drafting import items_asked
from services.exchange.worklist.lists import SAYS, List
from services.exchange.worklist.queries import QUERIES, count_of, page_of
from services.kernel.database import Connection

Place = tuple[datetime, datetime, str]
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. `knows_protected`: whether the caller may know that somebody protected is meant; `may`: the
    routes that they may use; `corridors`: partners with which there is one; `members`: all members.
    """

    own: str
    now: datetime
    lists: tuple[List, ...]
    knows_protected: bool
    may: frozenset[str]
    corridors: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    partner: str | None = None
    due_before: datetime | None = None
    office: str | None = None

    def parameters(self) -> tuple[object, ...]:
        """As the questions number them."""
        return (
            self.own,
            self.now,
            self.knows_protected,
            list(self.corridors),
            list(self.members),
            self.partner,
            self.due_before,
            self.office,
        )


async def read_page(
    pool: asyncpg.Pool, asked: Asked, after: Place | None, limit: int
) -> tuple[list[Any], Place | None]:
    """Items in the order of due time, what is not due at all last; and the place of the last one where there are more.

    Nothing of anybody: ids, words and times.
    """
    broken = _only_after(await _find_broken(pool, asked), after) if List.CHAIN in asked.lists else []
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        found = [await _find(connection, each, asked, after, limit + 1) for each in asked.lists if each in QUERIES]
        merged = heapq.merge(broken, *found, key=_place_of)
        rows = [row for row, _ in zip(merged, range(limit + 1), strict=False)]
        conversations = await _read_conversations(connection, rows[:limit])
    items = [_tell(row, conversations.get(row["conversation_id"]), asked) for row in rows[:limit]]
    return items, _place_of(rows[limit - 1]) if len(rows) > limit else None


async def count(pool: asyncpg.Pool, asked: Asked) -> dict[str, int]:
    """How many items each list holds."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        counts = {
            each.value: await connection.fetchval(count_of(each), *asked.parameters())
            for each in asked.lists
            if each in QUERIES
        }
    if List.CHAIN in asked.lists:
        counts[List.CHAIN.value] = len(await _find_broken(pool, asked))
    return counts


def write_place(place: Place | None) -> str | None:
    """A place as it stands in an address."""
    if place is None:
        return None
    text = json.dumps([place[0].isoformat(), place[1].isoformat(), place[2]])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_place(text: str) -> Place:
    """ValueError for what is none."""
    try:
        due, since, key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        instants = [datetime.fromisoformat(each) for each in (due, since)]
        if any(each.tzinfo is None for each in instants) or "\0" in key or not key.isascii():
            raise ValueError("no place in a list")
        return instants[0].astimezone(UTC), instants[1].astimezone(UTC), str(key)
    except (binascii.Error, AttributeError, TypeError, ValueError, RecursionError, OverflowError):
        raise ValueError("no place in a list") from None


def _place_of(row: Mapping[str, Any]) -> Place:
    return row["due_at"] or NEVER, row["since"], row["key"]


def _only_after(rows: Sequence[dict[str, Any]], after: Place | None) -> list[dict[str, Any]]:
    return sorted((row for row in rows if after is None or _place_of(row) > after), key=_place_of)


async def _find(
    connection: Connection, name: List, asked: Asked, after: Place | None, limit: int
) -> list[dict[str, Any]]:
    rows = await connection.fetch(page_of(name), *asked.parameters(), *(after or (None, None, None)), limit)
    return [{**row, "list": name} for row in rows]


async def _find_broken(pool: asyncpg.Pool, asked: Asked) -> list[dict[str, Any]]:
    """One item for each kind of break of each partner."""
    if asked.due_before is not None or asked.office is not None:
        return []
    found = []
    for chain in await list_chains(pool):
        partner = chain["partner"]
        if asked.partner not in (None, partner):
            continue
        breaks = [("root-fork", each, each) for each in chain["root_forks"]]
        breaks += [(each["what"].lower(), each["from"], each["to"]) for each in chain["breaks"]]
        found += [_broken(partner, *each) for each in breaks]
    return found


def _broken(partner: str, why: str, first: int, last: int) -> dict[str, Any]:
    nothing = dict.fromkeys(("due_at", "conversation_id", "message_id", "obligation_id", "event_id", "office"))
    about = f"letter {first}" if first == last else f"letters {first} to {last}"
    key = f"chain {partner} {why} {first:019d}"
    return {
        **nothing,
        "list": List.CHAIN,
        "why": why,
        "partner": partner,
        "since": _LONG_AGO,
        "key": key,
        "about": about,
    }


async def _read_conversations(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> dict[Any, Conversation]:
    wanted = {row["conversation_id"] for row in rows if row["conversation_id"] is not None}
    if not wanted:
        return {}
    found = await connection.fetch(
        "SELECT conversation_id, document FROM exchange.conversation WHERE conversation_id = ANY($1)", list(wanted)
    )
    return {row["conversation_id"]: read_conversation(row["document"]) for row in found}


def _tell(row: Mapping[str, Any], conversation: Conversation | None, asked: Asked) -> dict[str, Any]:
    told = {
        "list": row["list"],
        "why": row["why"],
        "says": SAYS.get(row["why"], ""),
        "since": None if row["since"] == _LONG_AGO else row["since"],
        "due_at": row["due_at"],
        "partner": row["partner"],
        **{name: _text(row[name]) for name in ("conversation_id", "message_id", "obligation_id", "event_id")},
        "about": row["about"],
        "office": row["office"],
        "talk": None,
        "state": None,
        "debtor": None,
        "reminders": 0,
        "reply_due_at": None,
        "allowed_actions": actions_of(row["list"], row["why"], row, conversation, asked.may),
    }
    if conversation is not None:
        told |= {"talk": conversation.talk, "state": conversation.state}
        told["about"] = row["about"] or _about(row["why"], conversation)
        told["event_id"] = told["event_id"] or conversation.registration_id or conversation.departure_event_id
        told |= _tell_reminded(conversation) | _tell_obligation(conversation, row["obligation_id"])
    return told


def _about(why: str, conversation: Conversation) -> str | None:
    """With which code the partner refused, in words; which fields differ; which items are asked for."""
    if why in ("refused", "contested"):
        code = next((each.outcome for each in reversed(conversation.taken) if each.code == "204"), None)
        return f"{code} {FAILURES[code].text}" if code in FAILURES else code
    if why == "differences":
        answer = next((each for each in reversed(conversation.taken) if each.code == "203"), None)
        return ", ".join(sorted(differing_paths(answer))) if answer is not None else None
    if why == "verify":
        asked = [one["path"] for each in conversation.taken for one in items_asked(conversation, each.id)]
        return ", ".join(asked) or None
    return None


def _tell_reminded(conversation: Conversation) -> dict[str, Any]:
    """How often the partner reminded of what this region owes, and until when it wants to know why (702)."""
    owed = [each for each in conversation.open_obligations if each.debtor == conversation.own]
    heard = sum(each.code == "701" for each in conversation.taken) if owed else 0
    replies = [each.due_at for each in owed if each.kind is Kind.REMINDER_REPLY]
    return {
        "reminders": heard,
        "reply_due_at": min(replies, default=None),
    }


def _tell_obligation(conversation: Conversation, obligation_id: str | None) -> dict[str, Any]:
    found = next((each for each in conversation.obligations if each.id == obligation_id), None)
    if found is None:
        return {}
    told: dict[str, Any] = {"debtor": found.debtor, "reminders": found.reminders}
    if found.clock is ClockState.PAUSED and found.pauses:
        told |= {"paused_because": found.pauses[-1].reason, "since": found.pauses[-1].since}
    return told


def _text(value: Any) -> str | None:
    return None if value is None else str(UUID(bytes=value.bytes) if isinstance(value, UUID) else value)
