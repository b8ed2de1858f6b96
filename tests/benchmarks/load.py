"""The client of the HTTP rows, a process of its own: `python -m tests.benchmarks.load`, driven by `Client` below.

As lean as it gets in Python (uvloop, requests prepared beforehand, answers only counted), because it shares the
machine with what it measures; and the same for a row and its peer. Closed loop: each connection sends the next request
once the last was answered. Paced: requests fall due at random moments at a mean rate, and wait from then on, so that a
server that stands still is charged for all who came meanwhile.
"""

import asyncio
import json
import random
import resource
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate, islice
from pathlib import Path
from typing import Self, cast

import uvloop

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Job:
    """`file`: posts, one per line, of which each request takes `per_request` as `content_type`.

    `rate_per_s`: requests per second; None for a closed loop.
    """

    url: str
    token: str
    file: str
    content_type: str = "application/json"
    per_request: int = 1
    connections: int = 64
    rate_per_s: float | None = None


@dataclass(frozen=True)
class Load:
    """What the client saw. Latencies in milliseconds."""

    events: int
    requests: int
    statuses: dict[str, int]
    wall_s: float
    cpu_s: float
    p50_ms: float
    p99_ms: float
    longest_ms: float
    sent_bytes: int
    sample: str

    @property
    def requests_per_s(self) -> float:
        return self.requests / self.wall_s

    def require(self, status: int) -> Self:
        """Raises RuntimeError unless every answer had `status`."""
        if set(self.statuses) != {str(status)}:
            raise RuntimeError(f"expected {status} only, got {self.statuses}: {self.sample[:400]}")
        return self


class Client:
    """The process, ready to start: everything is prepared when the constructor returns, and `run` only sends."""

    def __init__(self, job: Job) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.load"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        try:
            self._tell(json.dumps(asdict(job)))
            self._hear()
        except BaseException:
            self.close()
            raise

    def run(self) -> Load:
        self._tell("go")
        load = Load(**json.loads(self._hear()))
        self.close()
        return load

    def close(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _tell(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _hear(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the load client ended early")
        return line


class _Connection(asyncio.Protocol):
    """One keep-alive connection; one request at a time. Understands the answers of our own server only."""

    def __init__(self, driver: "_Driver") -> None:
        self._driver = driver
        self._transport: asyncio.Transport
        self._head = b""
        self._missing = -1
        self._status = ""
        self._due_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def send(self, request: bytes, due_s: float) -> None:
        self._due_s = due_s
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._missing < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            self._missing = _content_length(self._head[:end]) - (len(self._head) - end - 4)
            self._status = self._head[9:12].decode()
        else:
            self._missing -= len(data)
        if self._missing == 0:
            answer, self._head, self._missing = self._head, b"", -1
            self._driver.answered(self, self._status, self._due_s, answer)

    def connection_lost(self, error: Exception | None) -> None:
        self._driver.lost(error)


def _content_length(head: bytes) -> int:
    at = head.find(b"content-length: ")
    if at < 0:
        return 0
    end = head.find(b"\r\n", at)
    return int(head[at + 16 : end if end > 0 else None])


class _Driver:
    """Hands requests to connections and counts answers."""

    def __init__(self, requests: Sequence[bytes], rate_per_s: float | None) -> None:
        self._requests, self._rate_per_s = requests, rate_per_s
        self._next = 0
        self._idle: deque[_Connection] = deque()
        self._due: deque[float] = deque()
        self.latencies_s: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.sample = b""
        self._expected = ""
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self, connections: Sequence[_Connection]) -> None:
        if self._rate_per_s is None:
            for connection in connections:
                self._send(connection, time.perf_counter())
            await self._done
            return
        self._idle.extend(connections)
        lots, rate = random.Random(7), self._rate_per_s
        began = time.perf_counter()
        for due_s in accumulate((lots.expovariate(rate) for _ in self._requests[1:]), initial=began):
            await _sleep_until(due_s)
            if self._idle:
                self._send(self._idle.popleft(), due_s)
            else:
                self._due.append(due_s)
        await self._done

    def _send(self, connection: _Connection, due_s: float) -> None:
        if self._next < len(self._requests):
            connection.send(self._requests[self._next], due_s)
            self._next += 1

    def answered(self, connection: _Connection, status: str, due_s: float, answer: bytes) -> None:
        now = time.perf_counter()
        self.latencies_s.append(now - due_s)
        self.statuses[status] += 1
        self._expected = self._expected or status
        if not self.sample or status != self._expected:
            self.sample = answer
        if len(self.latencies_s) == len(self._requests):
            self._done.set_result(None)
        elif self._rate_per_s is None:
            self._send(connection, now)
        elif self._due:
            self._send(connection, self._due.popleft())
        else:
            self._idle.append(connection)

    def lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(error or ConnectionError("the server closed a connection"))


async def _sleep_until(at_s: float) -> None:
    # Timers may fire early by less than they can count.
    while (ahead := at_s - time.perf_counter()) > 0:  # noqa: ASYNC110 - it is the time that is waited for
        await asyncio.sleep(ahead)


def _prepare(job: Job, host: str, path: str) -> tuple[list[bytes], int]:
    """Whole requests, and how many events are in them."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {job.token}\r\n"
        f"content-type: {job.content_type}\r\ncontent-length: "
    ).encode()
    requests, events = [], 0
    with Path(job.file).open("rb") as lines:
        while part := list(islice(lines, job.per_request)):
            body = b"".join(part).rstrip(b"\n")
            events += len(part)
            requests.append(head + b"%d\r\n\r\n" % len(body) + body)
    return requests, events


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def _main() -> None:
    job = Job(**json.loads(sys.stdin.readline()))
    host, _, path = job.url.removeprefix("http://").partition("/")
    requests, events = _prepare(job, host, f"/{path}")
    driver = _Driver(requests, job.rate_per_s)
    loop = asyncio.get_running_loop()
    address = host.split(":")
    connections = []
    for _ in range(min(job.connections, len(requests))):
        _, connection = await loop.create_connection(lambda: _Connection(driver), address[0], int(address[1]))
        connections.append(connection)
    print("ready", flush=True)
    sys.stdin.readline()
    cpu_s, began = _cpu_s(), time.perf_counter()
    await driver.run(connections)
    wall_s, cpu_s = time.perf_counter() - began, _cpu_s() - cpu_s
    ranked = sorted(latency * 1000 for latency in driver.latencies_s)
    load = Load(
        events,
        len(requests),
        dict(driver.statuses),
        wall_s,
        cpu_s,
        ranked[len(ranked) // 2],
        ranked[len(ranked) * 99 // 100],
        ranked[-1],
        sum(map(len, requests)),
        driver.sample.decode(errors="replace"),
    )
    print(json.dumps(asdict(load)), flush=True)


if __name__ == "__main__":
    uvloop.run(_main())
