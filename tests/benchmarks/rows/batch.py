"""Many events per request, as lines; against encoding the same records alone, and against Kafka's own producer."""

from services.kernel.contract.catalog import Catalog
from tests.benchmarks import peers
from tests.benchmarks.results import Cost, Figure, Row
from tests.benchmarks.stage import Stage
from tests.benchmarks.usage import MemorySampler, Meter, combine

TITLE = "batch POST, NDJSON"
SIZES = (1_000, 5_000)
CONNECTIONS = 4


def measure(stage: Stage) -> Row:
    """Every size of batch gets half of the events; the peers come right after."""
    per_size = stage.count(usual=200_000, quick=20_000) // 2
    row = Row("batch", TITLE, per_size * len(SIZES))
    meters: list[Meter] = []
    with MemorySampler(stage.running) as memory:
        for size in SIZES:
            stage.say(f"batch: {per_size:,} events in batches of {size:,}")
            file = stage.make_posts(per_size)
            load, meter = stage.send("/v1/events:batch", file, per_request=size, connections=CONNECTIONS)
            load.require(200)
            meters.append(meter)
            row.figures.append(_per_core(f"batches of {size:,}", per_size, meter))
            row.notes.append(f"batches of {size:,}: {per_size / load.wall_s:,.0f} events/s by the clock")
    row.cost = Cost.of(combine(meters), row.events, memory.peaks())
    best = max(figure.measured for figure in row.figures)
    stage.say("batch: the peers")
    encode = peers.measure_encode(stage.read_log(per_size), Catalog.load())
    produce = peers.measure_producer(stage, stage.count(usual=1_000_000, quick=200_000))
    row.figures += [
        Figure("of encoding alone", best, "events/s/core", "fastavro", encode, goal=0.6, of_ratio=True),
        Figure(
            "of producing alone", best, "events/s/core", "ProducerPerformance", produce.records_per_core, of_ratio=True
        ),
    ]
    row.notes.append(
        f"ProducerPerformance: {produce.record_bytes} bytes a record, "
        f"{produce.records_per_s:,.0f} records/s by its clock"
    )
    return row


def _per_core(what: str, events: int, meter: Meter) -> Figure:
    return Figure(what, events / meter.cpu_s, "events/s/core", floor=20_000, goal=40_000)
