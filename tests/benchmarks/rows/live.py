"""Following the log: one worker of the register that has fallen behind, against a stock Faust agent with the same fold
and rows, and against COPY of the same rows alone.
"""

import json
import subprocess
import sys
import time

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.benchmarks.load import ROOT
from tests.benchmarks.projecting import copy_alone, count_applied, count_log, database_bytes, worker
from tests.benchmarks.projecting import wait_until_applied as wait
from tests.benchmarks.results import Cost, Figure, Row
from tests.benchmarks.rows.imports import sparkline
from tests.benchmarks.stage import Stage
from tests.benchmarks.usage import MemorySampler, Meter
from tests.benchmarks.workload import REGION

TITLE = "live projection of the register, one worker"
_MB = 1 << 20
_START_EVENTS = 2_000
_FAUST_TIMEOUT_S = 300


def measure(stage: Stage) -> Row:
    """Events are posted while nobody follows; then a worker catches up, alone on the machine with the servers."""
    events = stage.count(usual=200_000, quick=10_000)
    row = Row("live", TITLE, events)
    stage.say(f"live: {events:,} events for one worker")
    # Whoever follows has nothing under way, so that no lock is held, and then stands still for the whole row.
    wait(stage, count_log(stage))
    with stage.alone("ingest"):
        began_at = count_log(stage)
        file = stage.make_posts(events + _START_EVENTS)
        stage.send("/v1/events:batch", file, per_request=1000, connections=4)[0].require(200)
        with worker(stage) as process:
            # The first batches pay for the start; what they were is not measured.
            wait(stage, began_at + _START_EVENTS)
            first = count_applied(stage)
            cpu_s = sum(process.cpu_times()[:2])
            pids = {"worker": process.pid}
            with MemorySampler(stage.running, lambda: pids) as memory, Meter(stage.running) as meter:
                wait(stage, began_at + events + _START_EVENTS)
            meter.cpu["worker"] = sum(process.cpu_times()[:2]) - cpu_s
        applied = began_at + events + _START_EVENTS - first
        rate = applied / meter.wall_s
        faust_rate, faust_us = _measure_faust(stage, events // 50)
    copied, _ = copy_alone(stage, 100_000)
    row.cost = Cost.of(meter, applied, memory.peaks())
    peak = memory.peaks().get("worker", 0)
    row.figures = [
        Figure("one worker", rate, "events/s", "Faust", faust_rate, floor=8_000, goal=15_000),
        Figure("of a Faust agent", rate, "events/s", "Faust", faust_rate, floor=3, goal=5, of_ratio=True),
        Figure("of COPY alone", rate, "events/s", "COPY", copied, of_ratio=True),
        Figure("memory of the worker", peak / _MB, "MB", floor=400, goal=250, smaller=True),
        Figure("database", database_bytes(stage) / count_applied(stage), "bytes/event"),
    ]
    series = memory.series("worker")
    row.notes += [
        f"worker: {meter.cpu['worker'] / applied * 1e6:,.1f} µs of processor time per event;"
        f" the Faust agent {faust_us:,.0f} µs",
        f"worker memory, once a second: {sparkline(series)}",
        "the Faust agent: event by event, the same read, fold and rows, a transaction each, no position with the rows",
    ]
    return row


def _measure_faust(stage: Stage, events: int) -> tuple[float, float]:
    stage.say(f"live: the Faust agent, {events:,} events")
    events = max(events, 100)
    database, topic = stage.running.regions[REGION].database, f"{REGION}.faust{time.time_ns()}"
    _copy_log(stage, topic, events)
    arguments = [stage.running.kafka, database, topic, str(events), topic]
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.faust_agent", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=_FAUST_TIMEOUT_S,
        check=False,
    )
    for line in ran.stdout.splitlines():
        if line.startswith("{"):
            told = json.loads(line)
            return float(told["rate"]), float(told["cpu_us"])
    raise RuntimeError(f"the Faust agent said nothing: {ran.stderr[-600:]}")


def _copy_log(stage: Stage, topic: str, events: int) -> None:
    """Records without compression: the client of the agent cannot read ours."""
    admin = AdminClient({"bootstrap.servers": stage.running.kafka})
    settings = {"message.timestamp.type": "LogAppendTime"}
    for made in admin.create_topics([NewTopic(topic, num_partitions=1, config=settings)]).values():
        made.result(30)
    producer = Producer({"bootstrap.servers": stage.running.kafka, "enable.idempotence": True})
    for value in stage.read_log(events):
        producer.produce(topic, value=value)
    if producer.flush(60):
        raise RuntimeError("the copy of the log was not confirmed")
