"""From the moment an office sends an event until a reader sees it: posts at a steady rate, and probes among them that
ask for the record of the person that they posted about, with `wait_for` the place that their post was given. Every
look is recorded before its answer.
"""

import threading
import time
from statistics import median

import httpx

from tests.benchmarks.load import Client, Job
from tests.benchmarks.projecting import count_log, wait_until_applied
from tests.benchmarks.results import Cost, Figure, Row
from tests.benchmarks.stage import Stage
from tests.benchmarks.usage import MemorySampler, Meter
from tests.benchmarks.workload import REGION

TITLE = "post → visible in the register, over HTTP"
RATE_PER_S = 500
_PROBES_PER_S = 20
_CONNECTIONS = 64


def measure(stage: Stage) -> Row:
    """Latencies are of the probes; the rate is of all posts."""
    seconds = 20 if not stage.quick else 4
    events = RATE_PER_S * seconds
    row = Row("visible", TITLE, events)
    wait_until_applied(stage, count_log(stage))
    stage.say(f"visible: {RATE_PER_S} events/s for {seconds} s")
    file = stage.make_posts(events)
    probes = stage.make_posts(_PROBES_PER_S * seconds).read_bytes().splitlines()
    job = Job(stage.url("/v1/events"), stage.token(), str(file), connections=_CONNECTIONS, rate_per_s=RATE_PER_S)
    client = Client(job)
    latencies: list[float] = []
    stop = threading.Event()
    prober = threading.Thread(target=_probe, args=(stage, probes, latencies, stop))
    try:
        with MemorySampler(stage.running) as memory, Meter(stage.running) as meter:
            prober.start()
            load = client.run().require(201)
            stop.set()
            prober.join()
    finally:
        stop.set()
        client.close()
    meter.add_client(load.cpu_s)
    if len(latencies) < 10:
        raise RuntimeError(f"only {len(latencies)} probes came back")
    ranked = sorted(latencies)
    row.cost = Cost.of(meter, events, memory.peaks())
    row.figures = [
        Figure("p50", median(ranked), "ms", floor=100, goal=60, smaller=True),
        Figure("p99", ranked[len(ranked) * 99 // 100], "ms", floor=500, goal=250, smaller=True),
        Figure("longest", ranked[-1], "ms"),
    ]
    row.notes.append(f"{len(ranked)} probes; posts were answered at p50 {load.p50_ms:.0f} ms, p99 {load.p99_ms:.0f} ms")
    return row


def _probe(stage: Stage, posts: list[bytes], latencies: list[float], stop: threading.Event) -> None:
    region = stage.running.regions[REGION]
    headers = {"authorization": f"Bearer {stage.token()}", "content-type": "application/json"}
    reader = {"authorization": f"Bearer {region.token('registrar', purpose='civil-registration')}"}
    with httpx.Client(timeout=30) as http:
        for post in posts:
            if stop.is_set():
                return
            began = time.perf_counter()
            answer = http.post(stage.url("/v1/events"), content=post, headers=headers).raise_for_status().json()
            place = answer["position"]
            wait_for = f"{place['topic']}:{place['partition']}:{place['offset']}"
            url = f"{region.read}/v1/persons/{answer['subjects'][0]['person_id']}"
            http.get(url, params={"case": "bench/1", "wait_for": wait_for}, headers=reader).raise_for_status()
            latencies.append((time.perf_counter() - began) * 1000)
            stop.wait(max(0.0, 1 / _PROBES_PER_S - (time.perf_counter() - began)))
