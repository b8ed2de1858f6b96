"""Projections that count words, for tests of the engine: `python -m tests.projections.engine.words [work]`.

WORDS names them. WORDS_FAIL_AT is where a process kills itself, once: the file WORDS_FAILED says that it has.
WORDS_FREEZE_AT is where it stops until it is told to go on. The word `poison` cannot be read, and while the file
WORDS_FIXED is absent, the word `bug` makes `apply` raise.
"""

import os
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.kernel.contract.catalog import Catalog
from services.kernel.database import Connection
from services.kernel.privacy.region_key import RegionKey
from services.projections.__main__ import main
from services.projections.engine import applying
from services.projections.engine.projection import Batch, Poison, Record, Table

MODULE = "tests.projections.engine.words"
STEPS = ("before-position", "after-position", "between-rows", "after-rows", "set-aside", "after-commit")


class Words:
    """Counts words, and keeps every record that was applied: a second time would be seen."""

    contexts = ("exchange",)
    edition = 1
    tables = (
        Table("word", ("word", "count"), "CREATE TABLE {schema}.word (word text PRIMARY KEY, count bigint NOT NULL)"),
        Table(
            "applied",
            ("topic", "partition", "offset", "word"),
            'CREATE TABLE {schema}.applied (topic text, partition integer, "offset" bigint, word text)',
            ('CREATE INDEX ON {schema}.applied (topic, partition, "offset")',),
        ),
    )

    def __init__(self, name: str) -> None:
        self.name = name

    def read(self, records: Sequence[Record]) -> Batch:
        poison = [Poison(i, "not-a-word") for i, record in enumerate(records) if record.value == b"poison"]
        rows = [(*record.place, record.value.decode()) for record in records if record.value != b"poison"]
        return Batch(rows, tuple(poison))

    async def apply(self, connection: Connection, schema: str, content: Any) -> None:
        if any(row[3] == "bug" for row in content) and not _exists("WORDS_FIXED"):
            raise ValueError("a word that nobody may see in a log")
        await connection.copy_records_to_table("applied", schema_name=schema, records=content)
        fail_at("between-rows")
        await connection.executemany(
            f"INSERT INTO {schema}.word VALUES ($1, $2)"
            " ON CONFLICT (word) DO UPDATE SET count = word.count + excluded.count",
            sorted(Counter(row[3] for row in content).items()),
        )
        fail_at("after-rows")

    def find_subjects(self, record: Record) -> tuple[str, ...]:
        return (record.key,)


def list_words(region: str, catalog: Catalog, region_key: RegionKey) -> tuple[Words, ...]:
    return tuple(Words(name) for name in os.environ["WORDS"].split(","))


def fail_at(step: str) -> None:
    if os.environ.get("WORDS_FREEZE_AT") == step:
        os.kill(os.getpid(), signal.SIGSTOP)
    if os.environ.get("WORDS_FAIL_AT") != step:
        return
    try:
        os.close(os.open(os.environ["WORDS_FAILED"], os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def sabotage() -> None:
    """Puts the fail points around the engine's own steps."""
    advance, keep, apply = applying.advance, applying.keep, applying.apply

    async def killed_at_position(*arguments: Any) -> Any:
        fail_at("before-position")
        advanced = await advance(*arguments)
        fail_at("after-position")
        return advanced

    async def killed_at_keeping(*arguments: Any) -> None:
        await keep(*arguments)
        fail_at("set-aside")

    async def killed_at_commit(*arguments: Any) -> Any:
        aside = await apply(*arguments)
        fail_at("after-commit")
        return aside

    applying.advance, applying.keep, applying.apply = killed_at_position, killed_at_keeping, killed_at_commit


def _exists(name: str) -> bool:
    return Path(os.environ.get(name, "/nonexistent")).exists()


if __name__ == "__main__":
    sabotage()
    sys.exit(main(MODULE, list_words))
