"""Rebuilding the register: from the first offset to tables compared with the live ones; against COPY alone."""

import json
import os
import subprocess
import sys
import tempfile

from tests.benchmarks.load import ROOT
from tests.benchmarks.projecting import copy_alone, count_log, fill, wait_until_applied
from tests.benchmarks.results import Cost, Figure, Row
from tests.benchmarks.stage import Stage
from tests.benchmarks.usage import MemorySampler, Meter
from tests.benchmarks.workload import REGION

TITLE = "rebuild of the register"
OPENCRVS_PER_S = 8_800
_MB = 1 << 20


def measure(stage: Stage) -> Row:
    """The live build first catches up, so that there is something to compare with; ingest and the API stay idle."""
    wanted = stage.count(usual=500_000, quick=20_000)
    stage.say(f"rebuild: a log of at least {wanted:,} events, and the live build at its end")
    fill(stage, wanted)
    events = count_log(stage)
    wait_until_applied(stage, events)
    row = Row("rebuild", TITLE, events)
    stage.say(f"rebuild: {events:,} events")
    outcome, meter, memory = _rebuild(stage)
    seconds = outcome["seconds"]
    until_compared = sum(took for phase, took in seconds.items() if phase != "switch")
    if outcome["differences"] or not outcome["compared"]:
        raise RuntimeError(f"the tables differ: {outcome['differences']}")
    copied, rows = copy_alone(stage, 200_000)
    rate = events / until_compared
    row.cost = Cost.of(meter, events, memory.peaks())
    row.figures = [
        Figure("first offset to compared tables", rate, "events/s", "COPY", copied, floor=50_000, goal=120_000),
        Figure("of COPY alone", rate, "events/s", "COPY", copied, goal=0.3, of_ratio=True),
        Figure("of OpenCRVS's re-index", rate, "events/s", "OpenCRVS, 12 vCPU", OPENCRVS_PER_S, of_ratio=True),
        Figure("memory of a process", max(memory.peaks().values()) / _MB, "MB", floor=400, goal=250, smaller=True),
    ]
    phases = ", ".join(f"{phase} {took / events * 1e6:,.1f}" for phase, took in seconds.items())
    row.notes += [
        f"µs per event by the clock: {phases}",
        f"{outcome['rows']:,} rows found equal; the process started and ended in {meter.wall_s:,.1f} s",
        f"COPY alone: {rows:,} rows over two connections, from memory, without indexes",
    ]
    return row


def _rebuild(stage: Stage) -> tuple[dict, Meter, MemorySampler]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOMICILE_")}
    settings = stage.running.regions[REGION].get_settings("projections")
    pids: dict[str, int] = {}
    with tempfile.TemporaryDirectory(dir=stage.work) as folder:
        environment = {**kept, **settings, "DOMICILE_PROJECTIONS_REBUILD_FOLDER": folder, "DOMICILE_PORT": "1"}
        command = [sys.executable, "-m", "services.projections", "rebuild", "register", "--json"]
        with MemorySampler(stage.running, lambda: _family(pids)) as memory, Meter(stage.running) as meter:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
            pids["rebuild"] = process.pid
            assert process.stdout
            lines = [json.loads(line) for line in process.stdout]
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        meter.cpu["rebuild"] = used.ru_utime + used.ru_stime
    if process.returncode:
        raise RuntimeError(f"rebuild ended with {process.returncode}: {lines[-3:]}")
    memory.samples = [{k: v for k, v in each.items() if k.startswith("rebuild")} for each in memory.samples]
    return next(line["outcome"] for line in lines if "outcome" in line), meter, memory


def _family(pids: dict[str, int]) -> dict[str, int]:
    import psutil

    if "rebuild" not in pids:
        return {}
    try:
        children = psutil.Process(pids["rebuild"]).children()
    except psutil.NoSuchProcess:
        return {}
    return {"rebuild": pids["rebuild"], **{f"rebuild lane {n}": child.pid for n, child in enumerate(children)}}
