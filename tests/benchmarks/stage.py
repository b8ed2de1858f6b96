"""A stack of its own for one run of the benchmarks, with a map, tokens, fresh posts and the records on its log."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.local import stack as local
from deploy.local.options import Options
from services.ingest.client.areas import load_areas
from services.ingest.client.door import Door
from services.kernel.log.reader import LogReader
from tests.benchmarks.load import Client, Job, Load
from tests.benchmarks.usage import Meter
from tests.benchmarks.workload import REGION, make_areas, write_posts

NDJSON = "application/x-ndjson"
TOPIC = f"{REGION}.registration"
Say = Callable[[str], None]


@dataclass
class Stage:
    """`events`: how many each row shall send, if it was said. `work`: a folder for files of this run."""

    running: local.Running
    work: Path
    events: int | None
    quick: bool
    say: Say
    _next: int = 0

    def count(self, usual: int, quick: int) -> int:
        return self.events or (quick if self.quick else usual)

    def token(self, role: str = "importer") -> str:
        return self.running.regions[REGION].token(role)

    def make_posts(self, count: int) -> Path:
        """A file of posts that were never sent before."""
        path = write_posts(self.work / f"posts-{self._next}.ndjson", self._next, count)
        self._next += count
        return path

    def url(self, path: str) -> str:
        return f"{self.running.regions[REGION].ingest}{path}"

    def send(
        self,
        path: str,
        file: Path,
        *,
        per_request: int = 1,
        connections: int = 64,
        rate_per_s: float | None = None,
    ) -> tuple[Load, Meter]:
        """Sends all posts of `file`; what the client saw, and what it cost."""
        content_type = NDJSON if per_request > 1 else "application/json"
        token = self.token()
        client = Client(Job(self.url(path), token, str(file), content_type, per_request, connections, rate_per_s))
        try:
            with Meter(self.running) as meter:
                load = client.run()
        finally:
            client.close()
        meter.add_client(load.cpu_s)
        return load, meter

    def read_log(self, count: int) -> list[bytes]:
        """Values of up to `count` records of the registration topic, as they stand on the log."""
        values: list[bytes] = []
        reader = LogReader(self.running.kafka)
        try:
            for batch in reader.read_range(reader.ranges(reader.partitions([TOPIC]))):
                values += [message.value() or b"" for message in batch]
                if len(values) >= count:
                    break
        finally:
            reader.close()
        return values[:count]

    def measure_record(self, sample: int = 5000) -> int:
        """Mean bytes of a record: key, value, headers."""
        sizes: list[int] = []
        reader = LogReader(self.running.kafka)
        try:
            for batch in reader.read_range(reader.ranges(reader.partitions([TOPIC]))):
                for message in batch:
                    headers: list[tuple[str, bytes]] = list(message.headers() or ())  # type: ignore[arg-type]
                    sizes.append(
                        len(message.value() or b"")
                        + len(message.key() or b"")
                        + sum(len(name) + len(value) for name, value in headers)
                    )
                if len(sizes) >= sample:
                    break
        finally:
            reader.close()
        return round(sum(sizes) / len(sizes))

    @contextmanager
    def alone(self, service: str) -> Iterator[None]:
        """Stops the clock of the region's other services: a row is about one of them."""
        others = [
            live
            for process in self.running.list_processes()
            if process.name.startswith(f"{REGION}-") and process.name != f"{REGION}-{service}"
            for parent in [self.running.get_process(process.name)]
            for live in (parent, *parent.children(recursive=True))
        ]
        for one in others:
            one.suspend()
        try:
            yield
        finally:
            for one in others:
                # A worker that was silent for long is ended by its parent, which starts another.
                with suppress(psutil.NoSuchProcess):
                    one.resume()

    def warm_up(self) -> None:
        """Compilers (the broker's above all), caches, connections: nothing measured later is the first of its kind."""
        few, many = self.make_posts(500 if self.quick else 4_000), self.make_posts(5_000 if self.quick else 20_000)
        self.send("/v1/events:batch", many, per_request=1000, connections=4)[0].require(200)
        self.send("/v1/echo", few)[0].require(200)
        self.send("/v1/events", few)[0].require(201)


@contextmanager
def open_stage(home: Path, events: int | None, quick: bool, say: Say) -> Iterator[Stage]:
    """Starts from nothing and leaves nothing running, however it ends."""
    local.dangerous_reset(home)
    os.environ["DOMICILE_INGEST_ECHO"] = "1"
    work = home / "work"
    try:
        running = local.start(home, Options(regions=(REGION,)), say, bound_to_caller=True)
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        stage = Stage(running, work, events, quick, say)
        region = running.regions[REGION]
        door = Door(REGION, str(region.ingest), lambda: region.token("geographer"))
        loaded = load_areas(door, make_areas(), lambda text: None)
        if loaded.refused or not loaded.known:
            raise RuntimeError(f"the map was not taken: {loaded}")
        stage.warm_up()
        yield stage
    finally:
        local.dangerous_reset(home, keep_logs=True)
        shutil.rmtree(work, ignore_errors=True)
