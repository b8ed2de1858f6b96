"""Writes what a batch came to: a statement for each table that it touches. Table names are those of the search path."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.exchange.journal.entry import Entry
from services.exchange.journal.findings import FindingNote
from services.exchange.journal.records import EntryCoder
from services.exchange.ledger import statements
from services.exchange.ledger.changes import Chains, Changes, Held, Joined, MessageRow, Send
from services.exchange.ledger.documents import write_conversation, write_outcome
from services.exchange.ledger.house import FindDuty
from services.exchange.ledger.statements import put
from services.exchange.protocol import wake_at
from services.exchange.protocol.conversation import Conversation, Obligation
from services.exchange.protocol.states import Link
from services.kernel.database import Connection

DUTIES, LETTERS, POSTS, FOLLOW_UPS = "exchange_duty", "exchange_letter", "exchange_register", "exchange_follow_up"
"""Channels: conversations changed, letters must leave, there are events for the register, entries for the journal."""


async def write(
    connection: Connection,
    changes: Changes,
    held: dict[str, Held],
    chains: Chains,
    find_duty: FindDuty,
    coder: EntryCoder,
) -> None:
    """All of it; part of the transaction that moves the position."""
    for joined in changes.joined:
        await _join(connection, joined)
    await _write_conversations(connection, [held[each] for each in sorted(changes.changed)], find_duty)
    await _write_aliases(connection, changes.aliases)
    await _write_obligations(connection, changes.obligations)
    await _write_messages(connection, list(changes.messages.values()))
    await _write_parts(connection, changes)
    await _write_chains(connection, chains)
    await _write_escalations(connection, changes)
    await _write_posts(connection, changes)
    await _write_follow_ups(connection, changes.follow_ups, coder)
    await _write_findings(connection, changes.findings)
    await _write_outcomes(connection, changes)


async def _join(connection: Connection, joined: Joined) -> None:
    gone, kept = UUID(joined.gone_id), UUID(joined.kept_id)
    await connection.execute("DELETE FROM conversation WHERE conversation_id = $1", gone)
    await connection.execute("DELETE FROM obligation WHERE conversation_id = $1", gone)
    for table in ("message", "escalation", "register_outbox", "alias"):
        await connection.execute(
            f"UPDATE {table} SET conversation_id = $2 WHERE conversation_id = $1",  # noqa: S608 names of ours
            gone,
            kept,
        )


async def _write_conversations(connection: Connection, held: Sequence[Held], find_duty: FindDuty) -> None:
    await put(connection, statements.PUT_CONVERSATIONS, [_conversation_row(each, find_duty) for each in held])


def _conversation_row(held: Held, find_duty: FindDuty) -> tuple[object, ...]:
    c = held.conversation
    duty = find_duty(c, held.person_id is not None)
    return (
        c.id,
        c.partner,
        c.talk,
        c.role,
        c.state,
        c.link,
        held.person_id,
        held.person_rule,
        _link_id(c),
        _id(c.registration_id),
        _id(c.departure_event_id),
        _id(c.parent_id),
        held.opened_at,
        c.since or held.opened_at,
        wake_at(c),
        c.has_ended,
        None if duty is None else duty.does,
        None if duty is None else duty.about,
        None if duty is None else duty.why,
        None if duty is None else held.duty_since,
        held.revision,
        write_conversation(c),
        _office(c),
        any(each.pauses for each in c.obligations),
        held.person_since,
    )


def _office(conversation: Conversation) -> str | None:
    """The office of ours that spoke last; where none did, the one that was spoken to."""
    spoke = (each.envelope.sender_office for each in reversed(conversation.letters))
    spoken_to = (each.envelope.recipient_office for each in reversed(conversation.taken))
    return next((office for office in (*spoke, *spoken_to) if office), None)


def _link_id(conversation: Conversation) -> UUID | None:
    """A link has the id of the notice of arrival."""
    return None if conversation.link is Link.NONE else _id(conversation.arrival)


def _id(text: str | None) -> UUID | None:
    """Ids of registrations come from partners; one that is no UUID is not looked for."""
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None


async def _write_aliases(connection: Connection, aliases: dict[str, str]) -> None:
    if aliases:
        await connection.executemany(
            "INSERT INTO alias VALUES ($1, $2) ON CONFLICT (other_id) DO UPDATE"
            " SET conversation_id = excluded.conversation_id",
            [(UUID(other), UUID(kept)) for other, kept in aliases.items()],
        )


async def _write_obligations(connection: Connection, obligations: dict[tuple[str, str], Obligation]) -> None:
    await put(connection, statements.PUT_OBLIGATIONS, [_obligation_row(*each) for each in obligations.items()])


def _obligation_row(key: tuple[str, str], each: Obligation) -> tuple[object, ...]:
    return (
        key[0],
        each.id,
        each.kind,
        each.debtor,
        each.creditor,
        each.opened_at,
        each.due_at,
        each.calendar_region,
        each.calendar_version,
        each.clock,
        each.reminders,
        each.end,
        each.ended_at,
    )


async def _write_messages(connection: Connection, rows: Sequence[MessageRow]) -> None:
    """Where the batch does not say when a letter leaves next, that stays as it is."""
    kept = [_message_row(row) for row in rows if row.send is Send.KEEP]
    changed = [_message_row(row) for row in rows if row.send is not Send.KEEP]
    await put(connection, statements.PUT_MESSAGES, kept)
    await put(connection, statements.PUT_MESSAGES_AND_TIMES, changed)


def _message_row(row: MessageRow) -> tuple[object, ...]:
    linked = row.linked
    return (
        row.message_id,
        row.is_ours,
        row.partner,
        row.conversation_id,
        row.message_type,
        row.outcome,
        _id(row.in_reply_to),
        row.said_at,
        linked.position if linked is not None else None,
        linked.signed_hash if linked is not None else None,
        linked.previous_hash if linked is not None else None,
        row.jws,
        row.delivery,
        row.error_code,
        row.attempt,
        row.taken_at,
        None if isinstance(row.send, Send) else row.send,
        row.answer,
        row.answered_at,
        row.payload,
    )


async def _write_parts(connection: Connection, changes: Changes) -> None:
    if changes.parts:
        await connection.executemany(
            "INSERT INTO part VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
            [(row.message_id, row.is_ours, *row.part) for row in changes.parts],
        )


async def _write_chains(connection: Connection, chains: Chains) -> None:
    if chains.moved:
        await connection.executemany(
            "INSERT INTO chain VALUES ($1, $2, $3, $4) ON CONFLICT (partner, is_ours) DO UPDATE"
            " SET position = excluded.position, signed_hash = excluded.signed_hash",
            [(*key, *chains.heads[key]) for key in sorted(chains.moved)],
        )


async def _write_escalations(connection: Connection, changes: Changes) -> None:
    if changes.escalations:
        await connection.executemany(
            "INSERT INTO escalation VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            [
                (UUID(key[0]), key[1], each.kind, each.debtor, each.creditor, each.due_at, at)
                for key, (each, at) in changes.escalations.items()
            ],
        )


async def _write_posts(connection: Connection, changes: Changes) -> None:
    if changes.posts:
        await connection.executemany(
            "INSERT INTO register_outbox (event_id, conversation_id, type, post) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT DO NOTHING",
            [(post.event_id, each, post.type, post.post) for each, post in changes.posts],
        )


async def _write_follow_ups(connection: Connection, entries: Sequence[Entry], coder: EntryCoder) -> None:
    if entries:
        await connection.executemany(
            "INSERT INTO journal_outbox (event_id, record) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            [(entry.event_id, coder.encode(entry).value) for entry in entries],
        )


async def _write_findings(connection: Connection, findings: Sequence[tuple[str, datetime, FindingNote]]) -> None:
    """One after the other: one may end what another of the batch began, and then there is room for the next."""
    for partner, at, note in findings:
        if note.ended is None:
            await connection.execute(
                "INSERT INTO finding (finding_id, partner, link_id, kind, found_at, run_id, conversation_id)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
                *(note.finding_id, partner, note.link_id, note.kind, at, note.run_id, note.verify_id),
            )
        else:
            await connection.execute(
                "UPDATE finding SET ended = $3, closed_at = $4"
                " WHERE finding_id = $1 AND partner = $2 AND ended IS NULL",
                *(note.finding_id, partner, note.ended, at),
            )


async def _write_outcomes(connection: Connection, changes: Changes) -> None:
    outcomes = changes.outcomes.items()
    rows = [(event_id, each.conversation_id, at, write_outcome(each)) for event_id, (at, each) in outcomes]
    await put(connection, statements.PUT_OUTCOMES, rows)


def list_channels(changes: Changes) -> list[str]:
    """Who works on in other processes, and may have something to do now."""
    told = {
        DUTIES: bool(changes.changed),
        LETTERS: any(isinstance(row.send, datetime) for row in changes.messages.values()),
        POSTS: bool(changes.posts),
        FOLLOW_UPS: bool(changes.follow_ups),
    }
    return [channel for channel, something in told.items() if something]
