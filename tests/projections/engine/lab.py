"""A region of its own for a test of the engine: a topic, projections that count words, processes that run them."""

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import asyncpg
import httpx
from confluent_kafka import Producer

from deploy.local.stack import Running
from services.kernel.database import migrate, read_migrations
from services.kernel.identity.local_keys import (
    ensure_signing_key,
    identity_folder,
    issue_token,
    local_audience,
    local_issuer,
)
from services.kernel.log.quiet import QUIET
from services.kernel.log.topics import CONTEXTS, ensure_topics
from services.projections.engine import builds
from tests.ingest_process import ROOT, IngestProcess
from tests.projections.engine.words import MODULE, Words

PARTITIONS = 4
PATIENCE_S = 120.0


@dataclass
class Lab:
    """`names`: of the projections. All processes that it starts are killed when it is closed."""

    stack: Running
    folder: Path
    names: Sequence[str]
    region: str
    database: asyncpg.Connection
    cleanup: ExitStack

    @classmethod
    async def open(cls, stack: Running, folder: Path, *prefixes: str) -> Self:
        mark = uuid4().hex[:8].translate(str.maketrans("0123456789", "ghijklmnop"))
        region = f"lab{mark}"
        names = [f"{prefix}_{mark}" for prefix in prefixes or ("words",)]
        await asyncio.to_thread(
            ensure_topics, stack.kafka, region, 1, dict.fromkeys(CONTEXTS, 1) | {"exchange": PARTITIONS}
        )
        north = stack.regions["north"]
        connection = await asyncpg.connect(north.database)
        lab = cls(stack, folder, names, region, connection, ExitStack())
        ensure_signing_key(identity_folder(folder, region))
        role = await _role_of(lab.settings["DOMICILE_DATABASE_URL"])
        await migrate(
            north.database,
            read_migrations("projections", ROOT / "services/projections/migrations"),
            {"service_role": role},
        )
        await builds.prepare(north.database, role, region, [Words(name) for name in names])
        return lab

    async def close(self) -> None:
        self.cleanup.close()
        for name in self.names:
            await self.database.execute(
                f"DROP SCHEMA IF EXISTS {name} CASCADE; DROP SCHEMA IF EXISTS {name}_v1 CASCADE"
            )
            for table in ("set_aside", "set_aside_action", "version"):
                await self.database.execute(f"DELETE FROM projection.{table} WHERE projection = $1", name)
        await self.database.close()

    @property
    def topic(self) -> str:
        return f"{self.region}.exchange"

    @property
    def settings(self) -> dict[str, str]:
        return {
            **self.stack.regions["north"].get_settings("projections"),
            "DOMICILE_REGION": self.region,
            "DOMICILE_JWKS": str(identity_folder(self.folder, self.region) / "jwks.json"),
            "DOMICILE_TOKEN_ISSUER": local_issuer(self.region),
            "DOMICILE_TOKEN_AUDIENCE": local_audience(self.region),
        }

    def append(self, words: Sequence[str], partition: int | None = None) -> None:
        """Returns when the broker has confirmed them. Round robin unless a partition is named."""
        producer = Producer(
            {"bootstrap.servers": self.stack.kafka, "enable.idempotence": True, "linger.ms": 5}, logger=QUIET
        )
        for index, word in enumerate(words):
            number = index % PARTITIONS if partition is None else partition
            producer.produce(self.topic, value=word.encode(), key=f"key-{word}".encode(), partition=number)
        assert producer.flush(PATIENCE_S) == 0

    def start(self, workers: int = 1, **environment: str) -> "IngestProcess":
        """The service with its workers; ready when this returns."""
        log = self.folder / f"projections-{uuid4().hex[:4]}.log"
        more = {"WORDS": ",".join(self.names), "WORDS_FIXED": str(self.folder / "fixed"), **environment}
        service = IngestProcess(
            self.stack.regions["north"], log, MODULE, **self.settings, DOMICILE_PROJECTIONS_WORKERS=str(workers), **more
        )
        return self.cleanup.enter_context(service)

    def start_worker(self, name: str, **environment: str) -> "subprocess.Popen[bytes]":
        """A worker of one projection, without a parent."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("DOMICILE_")}
        more = {"WORDS": name, "WORDS_FIXED": str(self.folder / "fixed"), "DOMICILE_PORT": "1"}
        with (self.folder / f"{name}.log").open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", MODULE, "work"],
                cwd=ROOT,
                env={**kept, **self.settings, **more, **environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        self.cleanup.callback(_end, worker)
        return worker

    def token(self, role: str) -> str:
        return issue_token(identity_folder(self.folder, self.region), self.region, role)

    def client(self, service: IngestProcess, role: str = "operator") -> httpx.Client:
        headers = {"authorization": f"Bearer {self.token(role)}"}
        client = httpx.Client(base_url=service.url, headers=headers, timeout=30)
        return self.cleanup.enter_context(client)

    async def rows(self, name: str | None = None) -> Counter[str]:
        """How often each word was applied."""
        found = await self.database.fetch(
            f"SELECT word, count(*) AS count FROM {name or self.names[0]}.applied GROUP BY 1"
        )
        return Counter({row["word"]: row["count"] for row in found})

    async def counts(self, name: str | None = None) -> Counter[str]:
        """What the projection counted; the same, if position and rows go together."""
        found = await self.database.fetch(f"SELECT word, count FROM {name or self.names[0]}.word")
        return Counter({row["word"]: row["count"] for row in found})

    async def until_applied(self, count: int, name: str | None = None) -> None:
        """Returns when so many records were passed, applied or set aside."""
        await self.until(lambda: self.passed(name), count)

    async def until_some_applied(self) -> None:
        """Returns when the first records were."""

        async def some() -> bool:
            return await self.passed() > 0

        await self.until(some, True)

    async def reconnect(self) -> None:
        """After the database was away."""
        give_up_at = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.database = await asyncpg.connect(self.stack.regions["north"].database, timeout=5)
                return
            except (OSError, asyncpg.PostgresError):
                assert time.monotonic() < give_up_at
                await asyncio.sleep(0.1)

    async def passed(self, name: str | None = None) -> int:
        query = "SELECT coalesce(sum(next_offset), 0)::bigint FROM projection.position WHERE projection = $1"
        return int(await self.database.fetchval(query, name or self.names[0]))

    async def until(self, look: Any, wanted: Any) -> None:
        give_up_at = time.monotonic() + PATIENCE_S
        while (found := await look()) != wanted:
            assert time.monotonic() < give_up_at, f"{found} is not {wanted}\n{self.logs()}"
            await asyncio.sleep(0.05)

    async def set_aside(self, name: str | None = None) -> list[dict[str, Any]]:
        query = 'SELECT * FROM projection.set_aside WHERE projection = $1 ORDER BY topic, partition, "offset"'
        return [dict(row) for row in await self.database.fetch(query, name or self.names[0])]

    def logs(self) -> str:
        return "\n".join(file.read_text(errors="replace")[-4000:] for file in sorted(self.folder.glob("*.log")))


async def _role_of(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("SELECT current_user"))
    finally:
        await connection.close()


def _end(worker: "subprocess.Popen[bytes]") -> None:
    worker.kill()
    worker.wait(10)
