"""Ingest with one promise broken on purpose: `python -m tests.faults.sabotaged WHICH`. The oracle must notice."""

import asyncio
import sys
from collections.abc import Iterable, Sequence

from services.ingest.__main__ import main
from services.ingest.pipeline import line
from services.ingest.pipeline.claim import Claimed
from services.ingest.pipeline.entry import Entry
from services.kernel.database import Connection
from services.kernel.log.producer import LogProducer, Position, Record
from services.kernel.privacy.newcomers import Newcomers

ANSWER_EARLY, NO_CLAIMS = "answer-before-the-broker-confirmed", "every-post-is-new"
_append = LogProducer.append
_tasks: set["asyncio.Task[object]"] = set()


async def append_later(producer: LogProducer, records: Sequence[Record]) -> list[Position | None]:
    """Says that all is recorded, and sees to it afterwards."""

    async def later() -> None:
        await asyncio.sleep(60)  # much longer than the test needs to kill it
        await _append(producer, records)

    task = asyncio.create_task(later())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return [Position(record.topic, 0, 0, 0) for record in records]


async def claim_all(
    connection: Connection, owner: int, running: Iterable[int], entries: Sequence[Entry], newcomers: Newcomers
) -> Claimed:
    """Never looks whether an id was taken before."""
    number = await connection.fetchval("INSERT INTO ingest.batch (owner) VALUES ($1) RETURNING number", owner)
    return Claimed(number, dict(enumerate(entries)))


if __name__ == "__main__":
    if sys.argv[1] == ANSWER_EARLY:
        LogProducer.append = append_later  # type: ignore[method-assign]
    elif sys.argv[1] == NO_CLAIMS:
        line.claim = claim_all  # type: ignore[assignment]
    sys.exit(main())
