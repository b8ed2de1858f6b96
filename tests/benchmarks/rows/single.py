"""One event per request, answered when the log has it; against a route of the same server that only echoes."""

from tests.benchmarks.disk import DiskSampler
from tests.benchmarks.load import Load
from tests.benchmarks.results import Cost, Figure, Row
from tests.benchmarks.stage import Stage
from tests.benchmarks.usage import MemorySampler, Meter, combine

TITLE = "single-event POST, acknowledged"
CONNECTIONS = 64
_ROUNDS = 3
HALF_LOAD_S = 20.0
"""A percentile needs some thousands of requests, and at half load they take twice as long to come."""


def measure(stage: Stage) -> Row:
    """Rounds of both by turns, so that a neighbour on the machine disturbs both alike; then each at half load."""
    per_round = max(stage.count(usual=60_000, quick=4_500) // _ROUNDS, CONNECTIONS)
    row = Row("single", TITLE, per_round * _ROUNDS)
    with MemorySampler(stage.running) as memory:
        echoes, posts, meters = [], [], []
        for number in range(_ROUNDS):
            stage.say(f"single: round {number + 1} of {_ROUNDS}")
            file = stage.make_posts(per_round)
            echoes.append(stage.send("/v1/echo", file, connections=CONNECTIONS))
            load, meter = stage.send("/v1/events", file, connections=CONNECTIONS)
            posts.append(load.require(201))
            meters.append(meter)
        rate, echo_rate = _rate(posts), _rate([load.require(200) for load, _ in echoes])
        stage.say(f"single: half load, {rate / 2:,.0f} requests a second")
        file = stage.make_posts(min(per_round, round(rate / 2 * HALF_LOAD_S)))
        with DiskSampler(stage.work) as disk:
            half = stage.send("/v1/events", file, connections=256, rate_per_s=rate / 2)[0].require(201)
        half_echo = stage.send("/v1/echo", file, connections=256, rate_per_s=rate / 2)[0].require(200)
    row.cost = Cost.of(combine(meters), row.events, memory.peaks())
    row.figures = [
        Figure("throughput", rate, "events/s", "echo route", echo_rate, floor=0.4, goal=0.6, of_ratio=True),
        Figure("p50 at half load", half.p50_ms, "ms", "echo route", half_echo.p50_ms, smaller=True),
        Figure("p99 at half load", half.p99_ms, "ms", "echo route", half_echo.p99_ms, goal=25.0, smaller=True),
        _cpu_figure(row, combine([meter for _, meter in echoes])),
    ]
    row.notes.append(f"at half load the longest took {half.longest_ms:.0f} ms; meanwhile {disk.tell()}")
    row.notes.append(f"{CONNECTIONS} connections; p99 at full load {max(load.p99_ms for load in posts):.0f} ms")
    return row


def _rate(loads: list[Load]) -> float:
    return sum(load.requests for load in loads) / sum(load.wall_s for load in loads)


def _cpu_figure(row: Row, echo: Meter) -> Figure:
    assert row.cost
    spent = row.cost.total_cpu_s
    return Figure("CPU per event", spent, "µs", "echo route", echo.cpu_s / row.events * 1e6, smaller=True)
