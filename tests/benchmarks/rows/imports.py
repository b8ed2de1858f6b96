"""`domicile import` of a large file, as an office would: what it costs, and whether memory stays flat."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import linear_regression
from typing import Any

from tests.benchmarks.load import ROOT
from tests.benchmarks.results import Cost, Figure, Row
from tests.benchmarks.stage import Stage
from tests.benchmarks.usage import MemorySampler, Meter
from tests.benchmarks.workload import REGION

TITLE = "domicile import, NDJSON"
_INGEST = f"{REGION}-ingest"
_BARS = "▁▂▃▄▅▆▇█"
_MB = 1 << 20


def measure(stage: Stage) -> Row:
    """One file, once."""
    events = stage.count(usual=1_000_000, quick=50_000)
    row = Row("import", TITLE, events)
    stage.say(f"import: writing a file of {events:,} events")
    file = stage.make_posts(events)
    stage.say(f"import: domicile import {REGION} {file.name} ({file.stat().st_size / 1e6:,.0f} MB)")
    summary, meter, memory = _import(stage, file)
    if summary.get("recorded") != events:
        raise RuntimeError(f"not all was recorded: {summary}")
    row.cost = Cost.of(meter, events, memory.peaks())
    row.figures = [
        Figure("import", events / meter.cpu_s, "events/s/core", floor=20_000, goal=50_000),
        *(_growth(name, memory.series(name), events) for name in (_INGEST, "client")),
    ]
    row.notes.append(f"{events / meter.wall_s:,.0f} events/s by the clock")
    row.notes += [_describe(name, memory.series(name)) for name in (_INGEST, "client")]
    return row


def _import(stage: Stage, file: Path) -> tuple[dict[str, Any], Meter, MemorySampler]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOMICILE_")}
    command = [sys.executable, "-m", "deploy.domicile", "import", REGION, str(file), "--quiet", "--json"]
    pids: dict[str, int] = {}
    with MemorySampler(stage.running, lambda: pids) as memory, Meter(stage.running) as meter:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**kept, "DOMICILE_HOME": str(stage.running.home)},
            stdout=subprocess.PIPE,
            text=True,
        )
        pids["client"] = process.pid
        assert process.stdout
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    meter.add_client(used.ru_utime + used.ru_stime)
    if process.returncode:
        raise RuntimeError(f"domicile import ended with {process.returncode}: {said[-400:]}")
    return json.loads(said), meter, memory


def _growth(name: str, series: Sequence[int], events: int) -> Figure:
    """Slope over the second half, when caches are full: what a file twice as long would add."""
    half = series[len(series) // 2 :]
    slope = linear_regression(range(len(half)), half).slope if len(half) > 2 else 0.0
    per_million = slope * len(series) / events * 1e6 / _MB
    return Figure(f"memory growth of {name}", per_million, "MB per million", smaller=True)


def _describe(name: str, series: Sequence[int]) -> str:
    if not series:
        return f"{name}: no samples"
    low, high = min(series) / _MB, max(series) / _MB
    return f"{name} memory, once a second: {sparkline(series)} {low:.0f} to {high:.0f} MB"


def sparkline(series: Sequence[int], width: int = 60) -> str:
    """Bars from zero to the highest, at most `width` of them, each the highest of its stretch."""
    step = max(1, -(-len(series) // width))
    stretches = [max(series[at : at + step]) for at in range(0, len(series), step)]
    top = max(stretches) or 1
    return "".join(_BARS[min(value * len(_BARS) // top, len(_BARS) - 1)] for value in stretches)
