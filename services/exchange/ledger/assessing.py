"""Keeps what scorecards add up: rows of conversations that changed, and how many rows are alike.

One statement for a batch. It reads the old rows itself, so the sums are always those of the rows, whatever was folded
by an older edition of the rules.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import asyncpg
import msgspec

from services.exchange.ledger.changes import Changes, Held, MessageRow
from services.exchange.ledger.documents import read_conversation
from services.exchange.protocol.conversation import Directory
from services.exchange.scorecards.assessed import CONFIRMED, STANDING, TOLD_BY, Assessed, What
from services.exchange.scorecards.assessing import EDITION, Person, assess
from services.kernel.database import Connection

_ALIKE = (
    "partner", "cohort_day", "kind", "debtor", "answered_day", "days", "outcome", "standing", "on_time",
    "first_on_time", "differs", "voided_day", "contested_day", "overturned_day", "reminded_day", "escalated_day",
)  # fmt: skip
_PAGE = 500
_encoder = msgspec.json.Encoder()


async def write_assessment(
    connection: Connection, changes: Changes, held: Mapping[str, Held], own: str, directory: Directory
) -> None:
    """Before the messages of the batch are written: what they were is read from their table."""
    if not changes.changed and not changes.messages:
        return
    rows = [row for each in sorted(changes.changed) for row in _assess(held[each], directory)]
    touched = [UUID(each) for each in (*changes.changed, *(joined.gone_id for joined in changes.joined))]
    await _put(connection, rows, touched, changes.messages.values(), own)


async def assess_anew(pool: asyncpg.Pool, own: str, directory: Directory, schema: str = "exchange") -> int:
    """Makes both tables again where they were made by another edition; how many conversations that were.

    Nothing is applied meanwhile: who applies waits for the tables.
    """
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('search_path', $1, true)", schema)
        if await connection.fetchval("SELECT edition FROM assessment") == EDITION:
            return 0
        await connection.execute("LOCK TABLE assessed, tally IN EXCLUSIVE MODE")
        return await _assess_all(connection, own, directory)


async def _assess_all(connection: Connection, own: str, directory: Directory) -> int:
    await connection.execute("DELETE FROM assessed")
    await connection.execute("DELETE FROM tally")
    await connection.execute(_LETTERS_ANEW.replace("$4", "$1"), own)
    count, last = 0, UUID(int=0)
    while rows := await connection.fetch(_CONVERSATIONS, last, _PAGE):
        assessed: list[Assessed] = []
        for row in rows:
            person = Person(row["person_since"], row["person_rule"])
            assessed += assess(read_conversation(row["document"]), person, directory)
        await _put(connection, assessed, [], [], own)
        count, last = count + len(rows), rows[-1]["conversation_id"]
    await connection.execute(
        "INSERT INTO assessment (edition) VALUES ($1) ON CONFLICT (is_only) DO UPDATE SET edition = excluded.edition",
        EDITION,
    )
    return count


def _assess(held: Held, directory: Directory) -> list[Assessed]:
    return assess(held.conversation, Person(held.person_since, held.person_rule), directory)


async def _put(
    connection: Connection,
    rows: Iterable[Assessed],
    touched: Sequence[UUID],
    messages: Iterable[MessageRow],
    own: str,
) -> None:
    """`touched`: conversations of which all rows are given; those that are not given any more go."""
    documents = [row._asdict() for row in rows]
    letters = [
        {
            "message_id": row.message_id,
            "is_ours": row.is_ours,
            "partner": row.partner,
            "said_at": row.said_at,
            "taken_at": row.taken_at,
        }
        for row in messages
    ]
    if documents or touched or letters:
        said = _encoder.encode(documents).decode(), touched, _encoder.encode(letters).decode(), own
        await connection.execute(_PUT, *said)


def _list_alike(source: str) -> str:
    """Rows as they are added up. What stands is one more on the day of its beginning and one less on that of its end;
    outcomes are told apart where a figure is told by them."""
    standing = f"r.kind IN ({_quote(STANDING)})"
    told = {
        "cohort_day": "l.day",
        "outcome": f"CASE WHEN r.kind IN ({_quote(TOLD_BY)}) THEN r.outcome"
        f" WHEN r.outcome IN ({_quote(CONFIRMED)}) THEN 'CONFIRMED' ELSE '' END",
    }
    columns = ", ".join(told.get(name, f"r.{name}") for name in _ALIKE)
    return (
        f"SELECT {columns}, r.n * l.sign FROM ({source}) AS r CROSS JOIN LATERAL ("  # noqa: S608
        f"SELECT r.cohort_day AS day, 1 AS sign WHERE NOT {standing} OR r.ended_day > r.cohort_day"
        f" UNION ALL SELECT r.ended_day, -1 WHERE {standing} AND r.ended_day > r.cohort_day"
        ") AS l WHERE l.day < 'infinity'"
    )


def _list_letters(source: str) -> str:
    """Letters alike: by sender, the day on which their 24 hours end, and whether they were taken within them."""
    due = "m.said_at + interval '24 hours'"
    told = {
        "partner": "m.partner",
        "cohort_day": f"(({due}) AT TIME ZONE 'UTC')::date",
        "kind": f"'{What.LETTER}'",
        "debtor": "CASE WHEN m.is_ours THEN $4::text ELSE m.partner END",
        "answered_day": "coalesce((m.taken_at AT TIME ZONE 'UTC')::date, 'infinity')",
        "days": "-1",
        "outcome": "''",
        "standing": "''",
        "on_time": f"coalesce(m.taken_at <= {due}, false)",
        "first_on_time": "false",
        "differs": "false",
    }
    return "SELECT " + ", ".join(told.get(name, "'infinity'::date") for name in _ALIKE) + f" {source}"


def _quote(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))


_COLUMNS = ", ".join(Assessed._fields)
_EXCLUDED = ", ".join(f"excluded.{name}" for name in Assessed._fields)
_KEY = ", ".join(_ALIKE)
_SAME = " AND ".join(f"t.{name} = d.{name}" for name in _ALIKE)
_PUT = f"""
WITH fresh AS MATERIALIZED (SELECT {_COLUMNS} FROM jsonb_populate_recordset(NULL::assessed, $1::jsonb)),
old AS MATERIALIZED (
    SELECT {_COLUMNS} FROM assessed WHERE conversation_id = ANY($2::uuid[])
),
letter AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($3::jsonb)
        AS l (message_id uuid, is_ours boolean, partner text, said_at timestamptz, taken_at timestamptz)
),
gone AS (
    DELETE FROM assessed a WHERE a.conversation_id = ANY($2)
        AND NOT EXISTS (SELECT FROM fresh f WHERE (f.conversation_id, f.about) = (a.conversation_id, a.about))
),
put AS (
    INSERT INTO assessed ({_COLUMNS})
    SELECT {_COLUMNS} FROM fresh f WHERE NOT EXISTS (SELECT FROM old o WHERE o IS NOT DISTINCT FROM f)
    ON CONFLICT (conversation_id, about) DO UPDATE SET ({_COLUMNS}) = ({_EXCLUDED})
),
change AS (
    SELECT {_KEY}, sum(n) AS n FROM (
        {_list_alike("SELECT *, 1 AS n FROM fresh UNION ALL SELECT *, -1 FROM old")}
        UNION ALL SELECT *, 1 FROM ({_list_letters("FROM letter m")}) AS said
        UNION ALL SELECT *, -1 FROM ({_list_letters("FROM message m JOIN letter USING (message_id, is_ours)")}) AS was
    ) AS both_ways ({_KEY}, n) GROUP BY {_KEY} HAVING sum(n) <> 0
)
MERGE INTO tally t USING change d ON {_SAME}
WHEN MATCHED AND t.n + d.n = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET n = t.n + d.n
WHEN NOT MATCHED THEN INSERT ({_KEY}, n) VALUES ({", ".join(f"d.{name}" for name in _ALIKE)}, d.n)
"""  # noqa: S608 names of ours
ADD_UP = (
    f"INSERT INTO exchange.tally ({_KEY}, n) SELECT {_KEY}, sum(n) FROM ("  # noqa: S608 names of ours
    + _list_alike("SELECT *, 1 AS n FROM exchange.assessed WHERE partner = $1")
    + f") AS a ({_KEY}, n) GROUP BY {_KEY} HAVING sum(n) <> 0"
)
"""The sums of one partner's rows, made at once: for what was filled in another way than by folding."""
_LETTERS_ANEW = f"INSERT INTO tally ({_KEY}, n) SELECT {_KEY}, count(*) FROM ({_list_letters('FROM message m')}) AS l ({_KEY}) GROUP BY {_KEY}"  # noqa: S608, E501
_CONVERSATIONS = (
    "SELECT conversation_id, person_since, person_rule, document FROM conversation WHERE conversation_id > $1"
    " ORDER BY conversation_id LIMIT $2"
)
