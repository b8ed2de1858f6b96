"""The tables folded anew from the journal, beside the live ones, and compared with them.

What is not folded is not compared and stays as it is: when a letter is brought next, what the clerk noted of a duty,
our own signatures, and whatever other parts of the exchange keep in tables of their own.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from services.exchange.ledger.applying import SCHEMA, Ledger
from services.exchange.ledger.aside import Placed
from services.exchange.ledger.memory import MEMORY
from services.exchange.ledger.positions import Step, get_positions
from services.kernel.database import Connection
from services.kernel.log.reader import LogReader, Partition, Range, offset_of, partition_of

REBUILT = "exchange_rebuilt"
FOLDED: Mapping[str, tuple[str, ...]] = {
    "conversation": ("duty", "duty_about", "duty_why", "duty_at", "duty_tries", "office"),
    "alias": (),
    "obligation": (),
    "escalation": (),
    "message": ("send_at", "jws", "answer", "answered_at"),
    "part": (),
    "chain": (),
    "finding": (),
    "applied": (),
    "assessed": (),
    "tally": (),
}
"""Tables that are the fold and nothing else, and their columns that are not."""
OTHERS = ("register_outbox", "journal_outbox", "position", "set_aside", "halt")
BATCH = 500


class Difference(NamedTuple):
    """One table: rows that only the live one has (as they stand), and only the rebuilt one."""

    table: str
    only_live: int
    only_rebuilt: int


async def make_schema(owner: Connection, service_role: str, schema: str = REBUILT) -> None:
    """Empty tables like the live ones, for the service to write."""
    await owner.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE; CREATE SCHEMA "{schema}"')
    for table in (*FOLDED, *OTHERS):
        await owner.execute(f'CREATE TABLE "{schema}".{table} (LIKE {SCHEMA}.{table} INCLUDING ALL)')
    await owner.execute(
        f'GRANT USAGE ON SCHEMA "{schema}" TO "{service_role}";'
        f' GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{schema}" TO "{service_role}"'
    )


async def fold_up_to(
    pool: asyncpg.Pool,
    ledger: Ledger,
    bootstrap: str,
    ends: Mapping[Partition, int],
    tell: Callable[[int], None] = lambda count: None,
    schema: str = REBUILT,
) -> int:
    """Folds the journal from its beginning up to the positions; how many records that were."""
    with contextlib.closing(LogReader(bootstrap)) as reader:
        positions = dict(await get_positions(pool, ends, schema))
        spans = {each: Range(positions[each], end) for each, end in ends.items() if positions[each] < end}
        count = 0
        for batch in reader.read_range(spans, BATCH):
            records = [Placed(partition_of(each), offset_of(each), each.value() or b"") for each in batch]
            steps = _steps(records, positions)
            await ledger.apply(pool, records, steps)
            positions.update({step.partition: step.next_offset for step in steps})
            count += len(records)
            tell(count)
    return count


async def compare(connection: Connection, now: datetime, schema: str = REBUILT) -> list[Difference]:
    """The tables that differ."""
    found = []
    for table, unfolded in FOLDED.items():
        rows = await connection.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2"
            " ORDER BY column_name",
            SCHEMA,
            table,
        )
        columns = ", ".join(row[0] for row in rows if row[0] not in unfolded)
        # What may have been forgotten in the live table by now is not compared.
        kept = f" WHERE applied_at > '{(now - MEMORY).isoformat()}'" if table == "applied" else ""
        live = f"SELECT {columns} FROM {SCHEMA}.{table}{kept}"
        rebuilt = f'SELECT {columns} FROM "{schema}".{table}{kept}'
        only_live = await connection.fetchval(f"SELECT count(*) FROM ({live} EXCEPT {rebuilt}) AS d")
        only_rebuilt = await connection.fetchval(f"SELECT count(*) FROM ({rebuilt} EXCEPT {live}) AS d")
        if only_live or only_rebuilt:
            found.append(Difference(table, only_live, only_rebuilt))
    return found


async def switch(owner: Connection, schema: str = REBUILT) -> None:
    """The rebuilt rows take the place of the live ones, in one transaction. What only the live ones knew is kept where
    there is a row for it; events for the register are offered again, which ingest knows by their ids.
    """
    async with owner.transaction():
        await owner.execute(
            f'UPDATE "{schema}".message AS m SET jws = coalesce(m.jws, l.jws), answer = coalesce(m.answer, l.answer),'
            f" answered_at = coalesce(m.answered_at, l.answered_at) FROM {SCHEMA}.message AS l"
            " WHERE (l.message_id, l.is_ours) = (m.message_id, m.is_ours)"
        )
        await owner.execute(
            f'DELETE FROM "{schema}".journal_outbox WHERE event_id IN (SELECT event_id FROM "{schema}".applied)'
        )
        for table in (*FOLDED, "register_outbox", "journal_outbox", "set_aside"):
            columns = await _writable(owner, table)
            await owner.execute(f"DELETE FROM {SCHEMA}.{table}")
            await owner.execute(
                f'INSERT INTO {SCHEMA}.{table} ({columns}) SELECT {columns} FROM "{schema}".{table}'
                + (" ORDER BY ordinal" if table.endswith("_outbox") else "")
            )
        await owner.execute(
            f"INSERT INTO {SCHEMA}.position (topic, partition, next_offset)"
            f' SELECT topic, partition, next_offset FROM "{schema}".position'
            " ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset, moved_at = now()"
        )
        await owner.execute(f'DROP SCHEMA "{schema}" CASCADE')


async def _writable(owner: Connection, table: str) -> str:
    rows = await owner.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2"
        " AND is_identity = 'NO' ORDER BY ordinal_position",
        SCHEMA,
        table,
    )
    return ", ".join(f'"{row[0]}"' for row in rows)


def _steps(records: Sequence[Placed], positions: Mapping[Partition, int]) -> list[Step]:
    ends: dict[Partition, int] = {}
    for each in records:
        ends[each.partition] = max(ends.get(each.partition, 0), each.offset + 1)
    return [Step(partition, positions[partition], end) for partition, end in ends.items()]
