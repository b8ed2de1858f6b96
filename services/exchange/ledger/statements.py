"""Statements that write many rows at once, of one value for each column: a statement for each row costs the database
three times that. Whoever adds a column adds its name and its type here, and its value to the row in `writing.py`.
"""

from collections.abc import Sequence

from services.kernel.database import Connection


def _rows(types: str) -> str:
    columns = ", ".join(f"${number}::{each}[]" for number, each in enumerate(types.split(), 1))
    return f" SELECT * FROM unnest({columns})"  # noqa: S608 types of ours


PUT_CONVERSATIONS = (
    "INSERT INTO conversation (conversation_id, partner, talk, role, state, link, person_id, person_rule, link_id,"
    " registration_id, departure_event_id, parent_id, opened_at, since, wake_at, ended, duty, duty_about, duty_why,"
    " duty_at, revision, document, office, was_paused, person_since)"
    + _rows(
        "uuid text text text text text uuid text uuid uuid uuid uuid timestamptz timestamptz timestamptz bool text text"
        " text timestamptz bigint bytea text bool timestamptz"
    )
    + " ON CONFLICT (conversation_id) DO UPDATE SET state = excluded.state, link = excluded.link,"
    " person_id = excluded.person_id, person_rule = excluded.person_rule, link_id = excluded.link_id,"
    " registration_id = excluded.registration_id, departure_event_id = excluded.departure_event_id,"
    " parent_id = excluded.parent_id, opened_at = excluded.opened_at, since = excluded.since,"
    " wake_at = excluded.wake_at, ended = excluded.ended, revision = excluded.revision,"
    " document = excluded.document, duty = excluded.duty, duty_about = excluded.duty_about,"
    " duty_why = excluded.duty_why, office = excluded.office, was_paused = excluded.was_paused,"
    " person_since = excluded.person_since,"
    " duty_at = CASE WHEN (conversation.duty, conversation.duty_about) IS NOT DISTINCT FROM"
    "  (excluded.duty, excluded.duty_about) THEN conversation.duty_at ELSE excluded.duty_at END,"
    " duty_tries = CASE WHEN (conversation.duty, conversation.duty_about) IS NOT DISTINCT FROM"
    "  (excluded.duty, excluded.duty_about) THEN conversation.duty_tries ELSE 0 END"
)

PUT_OBLIGATIONS = (
    "INSERT INTO obligation"
    + _rows("uuid text text text text timestamptz timestamptz text int text int text timestamptz")
    + " ON CONFLICT (conversation_id, obligation_id) DO UPDATE SET opened_at = excluded.opened_at,"
    " due_at = excluded.due_at, calendar_version = excluded.calendar_version, clock = excluded.clock,"
    " reminders = excluded.reminders, ended = excluded.ended, ended_at = excluded.ended_at"
)

PUT_MESSAGES = (
    "INSERT INTO message AS m (message_id, is_ours, partner, conversation_id, message_type, outcome, in_reply_to,"
    " said_at, chain_position, signed_hash, previous_hash, jws, delivery, error_code, attempt, taken_at, send_at,"
    " answer, answered_at, payload)"
    + _rows(
        "uuid bool text uuid text text uuid timestamptz bigint bytea bytea bytea text text int timestamptz timestamptz"
        " bytea timestamptz bytea"
    )
    + " ON CONFLICT (message_id, is_ours) DO UPDATE SET conversation_id = excluded.conversation_id,"
    " outcome = excluded.outcome, delivery = excluded.delivery, error_code = excluded.error_code,"
    " attempt = excluded.attempt, taken_at = excluded.taken_at, jws = coalesce(excluded.jws, m.jws),"
    " payload = coalesce(excluded.payload, m.payload),"
    " chain_position = coalesce(excluded.chain_position, m.chain_position),"
    " signed_hash = coalesce(excluded.signed_hash, m.signed_hash),"
    " previous_hash = coalesce(excluded.previous_hash, m.previous_hash),"
    " answer = coalesce(excluded.answer, m.answer), answered_at = coalesce(excluded.answered_at, m.answered_at)"
)
PUT_MESSAGES_AND_TIMES = PUT_MESSAGES + ", send_at = excluded.send_at"

PUT_OUTCOMES = (
    "INSERT INTO applied (event_id, conversation_id, applied_at, outcome)"
    + _rows("uuid uuid timestamptz bytea")
    + " ON CONFLICT (event_id) DO UPDATE SET conversation_id = excluded.conversation_id,"
    " applied_at = excluded.applied_at, outcome = excluded.outcome"
)


async def put(connection: Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    """One of these, with rows of which no two have the same key."""
    if rows:
        await connection.execute(statement, *map(list, zip(*rows, strict=True)))
