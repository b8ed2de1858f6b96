"""Fetches what a batch of entries needs, in as few questions as there are tables."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from services.exchange.journal.entry import Entry, Join
from services.exchange.ledger.changes import Chains, Held
from services.exchange.ledger.documents import read_conversation
from services.kernel.database import Connection


async def look_up(connection: Connection, entries: Sequence[Entry]) -> tuple[dict[UUID, datetime], Chains]:
    """Which of the entries counted before, and when; and the heads of the chains with their partners."""
    row = await connection.fetchrow(
        "SELECT (SELECT array_agg((event_id, applied_at)) FROM applied WHERE event_id = ANY($1)) AS applied,"
        " (SELECT array_agg(c) FROM chain AS c WHERE partner = ANY($2)) AS chains",
        [entry.event_id for entry in entries],
        sorted({entry.partner for entry in entries}),
    )
    assert row is not None
    heads = {(each[0], each[1]): (each[2], each[3]) for each in row["chains"] or ()}
    return {UUID(bytes=each[0].bytes): each[1] for each in row["applied"] or ()}, Chains(heads)


def list_conversations(entries: Iterable[Entry]) -> set[str]:
    """The ids that the entries name."""
    named = {entry.conversation_id for entry in entries}
    return named | {entry.stimulus.other_id for entry in entries if isinstance(entry.stimulus, Join)}


async def load(connection: Connection, ids: Iterable[str]) -> tuple[dict[str, Held], dict[str, str]]:
    """The conversations that have one of the ids, by their first; and which ids lead to another."""
    wanted = [UUID(each) for each in ids]
    rows = await connection.fetch(
        "SELECT w.id, c.conversation_id, c.opened_at, c.person_id, c.person_rule, c.revision, c.document,"
        " c.person_since"
        " FROM unnest($1::uuid[]) AS w (id) LEFT JOIN alias a ON a.other_id = w.id"
        " JOIN conversation c ON c.conversation_id = coalesce(a.conversation_id, w.id)"
        " FOR NO KEY UPDATE OF c",
        wanted,
    )
    held: dict[str, Held] = {}
    aliases: dict[str, str] = {}
    for asked, found, opened_at, person_id, person_rule, revision, document, since in rows:
        id_ = str(found)
        if asked != found:
            aliases[str(asked)] = id_
        if id_ not in held:
            person = None if person_id is None else UUID(bytes=person_id.bytes)
            held[id_] = Held(read_conversation(document), opened_at, person, person_rule, revision, person_since=since)
    return held, aliases
