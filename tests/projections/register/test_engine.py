"""Real Kafka, real workers, real kills: still the tables of the fold."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random

import asyncpg
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from deploy.local.stack import Running
from services.kernel.database import migrate, read_migrations
from services.kernel.identity.local_keys import ensure_signing_key, identity_folder
from services.kernel.log.reader import LogReader, offset_of, partition_of
from services.projections.engine import builds
from services.projections.engine.projection import Place, Record
from tests.ingest_process import ROOT
from tests.projections.engine.lab import Lab
from tests.projections.register.comparing import assert_equal, fold_all, read_tables
from tests.projections.register.records import CATALOG, CONTEXTS, write_histories
from tests.projections.register.worker import MODULE, STEPS, NamedRegister

EVENTS = 30
PARTITIONS = 3
MIGRATIONS = ROOT / "services/projections/migrations"


class RegisterLab(Lab):
    """A log of its own and workers who follow it; no service above them."""

    def prepare(self, kills: Sequence[str]) -> None:
        (self.folder / "kills").mkdir()
        for step in kills:
            (self.folder / "kills" / step).touch()

    async def run_worker(self, batch_max: int) -> None:
        """Until it is cancelled; one that was killed is started again."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DOMICILE_")}
        more = {
            "DOMICILE_PROJECTIONS_BATCH_MAX": str(batch_max),
            "DOMICILE_PORT": "1",
            "REGISTER_NAME": self.names[0],
            "KILLS": str(self.folder / "kills"),
        }
        while True:
            with (self.folder / "workers.log").open("ab") as log:
                worker = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", MODULE, "work"),
                    cwd=ROOT,
                    env={**kept, **self.settings, **more},
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=log,
                )
            try:
                await worker.wait()
            except asyncio.CancelledError:
                worker.kill()
                await worker.wait()
                raise

    @property
    def topics(self) -> list[str]:
        return [f"{self.region}.{context}" for context in CONTEXTS]

    def produce(self, records: Sequence[Record]) -> None:
        """Shuffled over the partitions, every tenth twice."""
        random = Random(len(records))
        again = [*records, *random.sample(list(records), len(records) // 10)]
        random.shuffle(again)
        producer = Producer({"bootstrap.servers": self.stack.kafka, "linger.ms": 5})
        for record in again:
            producer.produce(record.place.topic, value=record.value, partition=random.randrange(PARTITIONS))
        assert producer.flush(30) == 0

    def read_log(self) -> list[Record]:
        reader = LogReader(self.stack.kafka)
        try:
            ranges = reader.ranges(reader.partitions(self.topics))
            return [
                Record(
                    Place(*partition_of(message), offset_of(message)),
                    message.timestamp()[1],
                    "",
                    message.value() or b"",
                )
                for batch in reader.read_range(ranges)
                for message in batch
            ]
        finally:
            reader.close()

    async def assert_tables(self, workers: int, batch_max: int) -> None:
        """After so many workers came to the end of the log."""
        records = await asyncio.to_thread(self.read_log)
        running = [asyncio.create_task(self.run_worker(batch_max)) for _ in range(workers)]
        await self.until_applied(len(records))
        for worker in running:
            worker.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        assert await self.set_aside() == []
        assert_equal(await read_tables(self.database, f"{self.names[0]}_v1"), fold_all(records))


@pytest.fixture
async def lab(stack: Running, tmp_path: Path) -> AsyncIterator[RegisterLab]:
    mark = "".join(Random(str(tmp_path)).choices("abcdefghijklmnop", k=8))
    region, name = f"reg{mark}", f"register_{mark}"
    database = await asyncpg.connect(stack.regions["north"].database)
    lab = RegisterLab(stack, tmp_path, [name], region, database, ExitStack())
    config = {"message.timestamp.type": "LogAppendTime"}
    topics = [NewTopic(topic, num_partitions=PARTITIONS, config=config) for topic in lab.topics]
    admin = AdminClient({"bootstrap.servers": stack.kafka})
    for created in admin.create_topics(topics).values():
        created.result(30)
    ensure_signing_key(identity_folder(tmp_path, region))
    url, role = stack.regions["north"].database, await role_of(lab.settings["DOMICILE_DATABASE_URL"])
    await migrate(url, read_migrations("projections", MIGRATIONS), {"service_role": role})
    await builds.prepare(url, role, region, [NamedRegister(CATALOG, name)])
    yield lab
    await lab.close()


async def test_two_workers_make_a_hundred_histories_the_tables_of_the_fold(lab: RegisterLab) -> None:
    lab.prepare(())
    await asyncio.to_thread(lab.produce, write_histories(range(7000, 7100), EVENTS, lab.region))
    await lab.assert_tables(workers=2, batch_max=150)


async def test_workers_killed_at_every_step_lose_nothing_and_double_nothing(lab: RegisterLab) -> None:
    lab.prepare(STEPS)
    await asyncio.to_thread(lab.produce, write_histories(range(8000, 8020), EVENTS, lab.region))
    await lab.assert_tables(workers=3, batch_max=15)
    assert list((lab.folder / "kills").iterdir()) == []


async def role_of(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("SELECT current_user"))
    finally:
        await connection.close()
