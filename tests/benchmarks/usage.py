"""What the machine spends: processor seconds and memory of every process of the stack, bytes on disk."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import psutil

from deploy.local.layout import Layout
from deploy.local.processes import measure_memory
from deploy.local.stack import Running
from tests.benchmarks.workload import REGION

Seconds = Mapping[str, float]
CORES = psutil.cpu_count() or 1


def read_stack_cpu(running: Running) -> dict[str, float]:
    """Processor seconds so far of each process of the stack, what it started included."""
    spent: dict[str, float] = {}
    for process in running.list_processes():
        live = running.get_process(process.name)
        spent[process.name] = _cpu_with_children(live)
        supervisor = live.parent()
    if supervisor is not None:
        spent["supervisor"] = _own_cpu(supervisor)
    return spent


def _cpu_with_children(process: psutil.Process) -> float:
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue  # its seconds are now among its parent's
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _own_cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def subtract(after: Seconds, before: Seconds) -> dict[str, float]:
    return {name: after[name] - before.get(name, 0.0) for name in after}


@dataclass
class Meter:
    """Measures what a piece of work costs: `with Meter(running) as meter: ...`, then its attributes.

    `cpu`: seconds by process. `others_s`: seconds that the machine spent on anything else. `log_bytes`,
    `database_bytes`: growth on disk.
    """

    running: Running
    cpu: dict[str, float] = field(default_factory=dict)
    wall_s: float = 0.0
    others_s: float = 0.0
    log_bytes: int = 0
    database_bytes: int = 0

    def __enter__(self) -> "Meter":
        self._disk = self._read_disk()
        self._machine, self._cpu, self._at = _machine_busy_s(), read_stack_cpu(self.running), time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall_s = time.monotonic() - self._at
        self.cpu |= subtract(read_stack_cpu(self.running), self._cpu)
        machine_s = _machine_busy_s() - self._machine
        self.others_s = max(machine_s - sum(self.cpu.values()), 0.0)
        log, database = self._read_disk()
        self.log_bytes, self.database_bytes = log - self._disk[0], database - self._disk[1]

    def add_client(self, seconds: float) -> None:
        """What the sender spent; to be told after the work is done."""
        self.cpu["client"] = self.cpu.get("client", 0.0) + seconds
        self.others_s = max(self.others_s - seconds, 0.0)

    @property
    def cpu_s(self) -> float:
        """Of the whole machine, as far as it worked for this."""
        return sum(self.cpu.values())

    def _read_disk(self) -> tuple[int, int]:
        layout = Layout(self.running.home)
        segments = layout.kafka.glob(f"*/log/{REGION}.*/*.log")
        return sum(file.stat().st_size for file in segments), _database_bytes(self.running.regions[REGION].database)


def combine(meters: Sequence[Meter]) -> Meter:
    """Several pieces of the same work as one."""
    total = Meter(meters[0].running)
    for meter in meters:
        for name, seconds in meter.cpu.items():
            total.cpu[name] = total.cpu.get(name, 0.0) + seconds
        total.wall_s += meter.wall_s
        total.others_s += meter.others_s
        total.log_bytes += meter.log_bytes
        total.database_bytes += meter.database_bytes
    return total


def _machine_busy_s() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0))


def _database_bytes(url: str) -> int:
    import asyncio

    import asyncpg

    async def ask() -> int:
        connection = await asyncpg.connect(url)
        try:
            return int(await connection.fetchval("SELECT pg_database_size(current_database())"))
        finally:
            await connection.close()

    return asyncio.run(ask())


class MemorySampler:
    """Bytes in memory of each process, once a second, for as long as the `with` lasts.

    `further`: name and pid of processes outside the stack, asked each time.
    """

    def __init__(self, running: Running, further: Callable[[], Mapping[str, int]] = dict) -> None:
        self._running, self._further = running, further
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.samples: list[dict[str, int]] = []

    def __enter__(self) -> "MemorySampler":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._sample()

    def peaks(self) -> dict[str, int]:
        names = {name for sample in self.samples for name in sample}
        return {name: max(sample.get(name, 0) for sample in self.samples) for name in sorted(names)}

    def series(self, name: str) -> list[int]:
        return [sample[name] for sample in self.samples if sample.get(name)]

    def _run(self) -> None:
        self._sample()
        while not self._stop.wait(1.0):
            self._sample()

    def _sample(self) -> None:
        sample = {
            process.name: measure_memory(process.identity) or 0
            for process in self._running.list_processes()
            if process.identity
        }
        for name, pid in self._further().items():
            try:
                sample[name] = psutil.Process(pid).memory_info().rss
            except psutil.NoSuchProcess:
                continue
        self.samples.append(sample)


def name_limit(meter: Meter) -> str:
    """The resource that was used up, as far as processor time tells."""
    busy = {name: seconds / meter.wall_s for name, seconds in meter.cpu.items()}
    first, share = max(busy.items(), key=lambda one: one[1])
    total = sum(busy.values())
    shares = ", ".join(f"{name} {one:.0%}" for name, one in sorted(busy.items(), key=lambda one: -one[1]) if one > 0.04)
    if share > 0.85 and first != "postgres" and not first.startswith("kafka"):
        return f"one core: {first} ({shares})"
    if total + meter.others_s / meter.wall_s > 0.9 * CORES:
        return f"all {CORES} cores ({shares})"
    return f"waiting, not processors ({shares})"
