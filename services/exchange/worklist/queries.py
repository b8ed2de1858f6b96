"""What each list is: one question to folded tables for each. All have the same columns.

`$1` this region, `$2` now, `$3` whether protected people may be known of, `$4` partners with a corridor,
`$5` members.
"""
# ruff: noqa: S608 every word in these texts is ours

from collections.abc import Mapping

from services.exchange.worklist.lists import ELSEWHERE, List

_LISTED = ", ".join(f"'{each}'" for each in ELSEWHERE)
_UUID = "'^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$'"

# The earliest of what this region owes in a conversation.
_OWN_DUE = """LEFT JOIN LATERAL (
    SELECT min(o.due_at) AS due_at FROM exchange.obligation o
    WHERE o.conversation_id = c.conversation_id AND o.ended IS NULL AND o.debtor = $1
        AND o.kind <> 'REMINDER_REPLY' AND o.clock <> 'PAUSED'
) AS own ON true"""


def _of_people(where: str) -> str:
    return f"""
SELECT c.conversation_id::text AS key, c.since, own.due_at, c.duty_why AS why, c.partner, c.conversation_id,
    CASE WHEN c.duty_about ~ {_UUID} THEN c.duty_about::uuid END AS message_id,
    NULL::text AS obligation_id, NULL::uuid AS event_id, NULL::text AS about, c.office
FROM exchange.conversation c {_OWN_DUE}
WHERE c.duty = 'PEOPLE' AND {where}"""


def _of_obligations(why: str, where: str) -> str:
    return f"""
SELECT o.conversation_id::text || ' ' || o.obligation_id AS key, o.opened_at AS since, o.due_at, {why} AS why,
    c.partner, o.conversation_id, NULL::uuid AS message_id, o.obligation_id, NULL::uuid AS event_id, o.kind AS about,
    c.office
FROM exchange.obligation o JOIN exchange.conversation c USING (conversation_id)
WHERE o.ended IS NULL AND {where}"""


_PAIRING = f"""
SELECT c.conversation_id::text AS key, coalesce(p.opened_at, c.since) AS since, own.due_at,
    CASE WHEN p.proposed_by IS NOT NULL THEN 'second-person' WHEN p.kind = 'CONFLICT' THEN 'conflict'
        WHEN p.kind = 'CANDIDATES' THEN 'candidates' WHEN p.kind = 'NOT_UNIQUE' THEN 'not-unique'
        ELSE 'who-is-meant' END AS why,
    c.partner, c.conversation_id, NULL::uuid AS message_id, NULL::text AS obligation_id, NULL::uuid AS event_id,
    NULL::text AS about, c.office
FROM exchange.conversation c
LEFT JOIN exchange.pairing_case p ON p.conversation_id = c.conversation_id AND p.decided_at IS NULL {_OWN_DUE}
WHERE c.duty = 'PEOPLE' AND c.duty_why = 'who-is-meant' AND ($3 OR NOT coalesce(p.has_protected, false))"""

_DEAD = """
SELECT m.message_id::text AS key, coalesce(o.opened_at, m.said_at) AS since, o.due_at,
    CASE m.delivery WHEN 'REJECTED_TECH' THEN 'rejected-letter' ELSE 'not-brought' END AS why, m.partner,
    m.conversation_id, m.message_id, o.obligation_id, NULL::uuid AS event_id,
    concat_ws(' ', m.message_type, m.error_code) AS about, c.office
FROM exchange.message m JOIN exchange.conversation c USING (conversation_id)
LEFT JOIN exchange.obligation o ON o.conversation_id = m.conversation_id AND o.kind = 'MANUAL_DELIVERY'
    AND o.ended IS NULL AND o.obligation_id LIKE m.message_id::text || '#%'
WHERE m.is_ours AND (m.delivery = 'DEAD_LETTERED' OR (m.delivery = 'REJECTED_TECH' AND o.obligation_id IS NOT NULL))"""

_REFUSED = """
SELECT r.event_id::text AS key, coalesce(r.refused_at, c.since) AS since, NULL::timestamptz AS due_at,
    'refused-by-ingest' AS why, c.partner, r.conversation_id, NULL::uuid AS message_id, NULL::text AS obligation_id,
    r.event_id, r.type || ': ' || coalesce(r.problem, '') AS about, c.office
FROM exchange.register_outbox r JOIN exchange.conversation c USING (conversation_id)
WHERE r.next_at = 'infinity' AND NOT EXISTS (SELECT FROM exchange.given_up g WHERE g.event_id = r.event_id)"""

_UNHEARD = """
SELECT u.event_id::text AS key, u.registered_at AS since, NULL::timestamptz AS due_at,
    CASE WHEN u.region = ANY($5) THEN 'no-corridor' ELSE 'unknown-region' END AS why, u.region AS partner,
    NULL::uuid AS conversation_id, NULL::uuid AS message_id, NULL::text AS obligation_id, u.event_id,
    NULL::text AS about, u.office
FROM exchange.unheard_move u WHERE u.region <> ALL($4)"""

_ONE_SIDED = (
    _of_people("c.duty_why = 'unanswered' AND c.talk = 'MOVE'")
    + """
UNION ALL
SELECT f.finding_id::text, f.found_at, NULL, f.kind, f.partner, f.conversation_id, NULL, NULL, NULL,
    'link ' || f.link_id, c.office
FROM exchange.finding f LEFT JOIN exchange.conversation c ON c.link_id = f.link_id WHERE f.ended IS NULL
UNION ALL
SELECT g.event_id::text, g.given_up_at, NULL, 'given-up', c.partner, g.conversation_id, NULL, NULL, g.event_id,
    g.type || ': ' || g.problem, c.office
FROM exchange.given_up g JOIN exchange.conversation c USING (conversation_id) WHERE g.settled_at IS NULL"""
)

_ESCALATED = """
SELECT e.conversation_id::text || ' ' || e.obligation_id AS key, e.escalated_at AS since, e.due_at,
    'escalated' AS why, c.partner, e.conversation_id, NULL::uuid AS message_id, e.obligation_id,
    NULL::uuid AS event_id, e.kind || ' owed by ' || e.debtor AS about, c.office
FROM exchange.escalation e JOIN exchange.obligation o USING (conversation_id, obligation_id)
JOIN exchange.conversation c USING (conversation_id)
WHERE o.ended IS NULL OR (o.ended = 'LAPSED' AND o.ended_at > $2::timestamptz - interval '90 days')"""

_READ = f"""
UNION ALL
SELECT c.conversation_id::text, c.since, NULL, 'lapsed', c.partner, c.conversation_id, NULL, NULL, NULL, NULL, c.office
FROM exchange.conversation c
WHERE c.duty = 'PEOPLE' AND c.duty_why = 'unanswered' AND c.talk <> 'MOVE'
UNION ALL
SELECT c.conversation_id::text, c.since, own.due_at, 'read-answer', c.partner, c.conversation_id, NULL, NULL,
    NULL, NULL, c.office
FROM exchange.conversation c {_OWN_DUE}
WHERE c.talk = 'VERIFY' AND c.role = 'ASKER' AND c.state = 'ANSWERED'"""
"""A question that we let lapse; and what was asked is answered, and may be asked about while the window is open: of
neither the table of duties says it."""

QUERIES: Mapping[List, str] = {
    List.ANSWER: _of_people(f"c.duty_why NOT IN ({_LISTED}) AND ($3 OR c.duty_why <> 'protected')") + _READ,
    List.OVERDUE: _of_obligations(
        "CASE WHEN o.debtor = $1 THEN 'owed-by-us' ELSE 'owed-to-us' END",
        "o.due_at <= $2 AND o.clock <> 'PAUSED' AND o.kind <> 'MANUAL_DELIVERY'"
        " AND NOT (o.kind = 'REACTION' AND c.state = 'CONTESTED')",
    ),
    List.PAIRING: _PAIRING,
    List.CONTESTED: _of_people("c.duty_why = 'contested'"),
    List.ONE_SIDED: _ONE_SIDED,
    List.DEAD_LETTER: _DEAD,
    List.REFUSED_POST: _REFUSED,
    List.UNKNOWN_PARTNER: _UNHEARD,
    List.PAUSED: _of_obligations("'paused'", "o.clock = 'PAUSED'"),
    List.ESCALATED: _ESCALATED,
}
"""All lists but CHAIN, which is worked out of the chains."""

_TYPED = "$1::text IS NOT NULL AND $2::timestamptz IS NOT NULL AND $3::bool IS NOT NULL AND $4::text[] IS NOT NULL" \
    " AND $5::text[] IS NOT NULL"  # fmt: skip
_ASKED = " AND ($6::text IS NULL OR partner = $6) AND ($7::timestamptz IS NULL OR due_at < $7)" \
    " AND ($8::text IS NULL OR office = $8 OR starts_with(office, $8 || '-'))"  # fmt: skip
NEVER = "'9999-12-31T00:00:00Z'::timestamptz"
"""What is not due at all comes last."""


def page_of(name: List) -> str:
    """A page in the order of due time. `$9` to `$11`: after which (due, since, key); `$12`: how many."""
    return (
        f"SELECT * FROM ({QUERIES[name]}) AS item WHERE {_TYPED}{_ASKED} AND ($9::timestamptz IS NULL OR"
        f' (coalesce(due_at, {NEVER}), since, key COLLATE "C") > ($9, $10::timestamptz, $11::text COLLATE "C"))'
        f' ORDER BY coalesce(due_at, {NEVER}), since, key COLLATE "C" LIMIT $12'
    )


def count_of(name: List) -> str:
    """How many there are, by the same filters."""
    return f"SELECT count(*) FROM ({QUERIES[name]}) AS item WHERE {_TYPED}{_ASKED}"
