"""A projection that is live and follows, and rebuilds of it."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from deploy.local.stack import Running
from services.projections.engine.rebuild import Outcome, roll_back
from tests.ingest_process import ROOT, IngestProcess
from tests.projections.engine.lab import Lab
from tests.projections.engine.rebuild.counting import MODULE, Task, Witness, run


@dataclass
class Site:
    """`lab`: the live side; `service`: what follows and serves there."""

    lab: Lab
    task: Task
    service: IngestProcess | None = None

    def ask_for_rebuild(self) -> Any:
        """What GET /v1/projections says of it."""
        assert self.service
        return self.lab.client(self.service).get("/v1/projections").json()["projections"][0]["rebuild"]

    def change(self, **changes: Any) -> Task:
        return msgspec.structs.replace(self.task, **changes)

    async def rebuild(self, witness: Witness | None = None, **changes: Any) -> Outcome:
        return await run(self.change(**changes), witness or Witness())

    async def roll_back(self, **changes: Any) -> Outcome:
        task = self.change(**changes)
        return await roll_back(task.setup, task.make()(), Witness())

    def run_killed(self, **changes: Any) -> "subprocess.CompletedProcess[str]":
        """In a process of its own."""
        argument = msgspec.json.encode(self.change(**changes)).decode()
        return subprocess.run(
            [sys.executable, "-m", MODULE, argument], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )

    async def versions(self) -> list[tuple[int, str]]:
        rows = await self.lab.database.fetch(
            "SELECT number, state FROM projection.version WHERE projection = $1 ORDER BY 1", self.lab.names[0]
        )
        return [tuple(row) for row in rows]

    async def schemas(self) -> list[str]:
        rows = await self.lab.database.fetch(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE $1 ORDER BY 1", f"{self.lab.names[0]}_v%"
        )
        return [row[0].rpartition("_")[2] for row in rows]

    def files(self) -> list[Path]:
        return [path for path in Path(self.task.folder).rglob("*") if path.is_file()]


@pytest.fixture
async def site(stack: Running, tmp_path: Path) -> AsyncIterator[Site]:
    lab = await Lab.open(stack, tmp_path)
    connection = await asyncpg.connect(lab.settings["DOMICILE_DATABASE_URL"])
    role = await connection.fetchval("SELECT current_user")
    await connection.close()
    url = stack.regions["north"].database
    yield Site(lab, Task(lab.names[0], lab.region, stack.kafka, url, role, str(tmp_path / "rebuild")))
    for schema in await Site(lab, Task("", "", "", "", "", "")).schemas():
        await lab.database.execute(f"DROP SCHEMA {lab.names[0]}_{schema} CASCADE")
    await lab.database.execute("DELETE FROM projection.version WHERE projection = $1", lab.names[0])
    await lab.close()


Start = Callable[[], Awaitable[None]]


@pytest.fixture
async def live(site: Site) -> Site:
    """The same, with a worker that follows and 2,000 records behind it."""
    site.lab.append([f"word-{number % 300}" for number in range(2000)])
    site.service = await asyncio.to_thread(site.lab.start)
    await site.lab.until_applied(2000)
    return site
