"""What the pipeline counts. Labels are looked up once per kind, never per event: the hot path is measured in
microseconds."""

from collections.abc import Sequence

from prometheus_client import Counter, Histogram

from services.ingest.pipeline.entry import Entry
from services.ingest.pipeline.outcome import REFUSED, Outcome
from services.kernel.contract.catalog import EventVersion
from services.kernel.telemetry.metrics import Metrics

UNREAD = "unread"
SERVICE = "service"


class Tally:
    """Counts of one process, by event type and outcome."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._bursts = metrics.histogram("domicile_burst_events")
        self._taken_over = metrics.counter("domicile_claims_taken_over_total")
        self._unread = metrics.counter("domicile_events_total", type=UNREAD, outcome=REFUSED)
        self._known: dict[tuple[int, str], tuple[Counter, Histogram]] = {}

    def count_burst(self, size: int, taken_over: int) -> None:
        """A burst of `size` events, `taken_over` of which somebody else had claimed and never answered."""
        self._bursts.observe(size)
        if taken_over:
            self._taken_over.inc(taken_over)

    def count_told(self, entries: Sequence[Entry], outcomes: Sequence[Outcome], unread: int, seconds: float) -> None:
        """What became of one sender's events after `seconds`: each is counted, the time once per kind.

        `unread`: how many were refused before they became entries.
        """
        if unread:
            self._unread.inc(unread)
        kinds: dict[tuple[int, str], int] = {}
        for entry, outcome in zip(entries, outcomes, strict=True):
            kind = (entry.event.schema_id, outcome.status)
            kinds[kind] = kinds.get(kind, 0) + 1
        waited = set()
        for kind, count in kinds.items():
            known = self._known.get(kind)
            if known is None:
                event = next(entry.event for entry in entries if entry.event.schema_id == kind[0])
                known = self._known[kind] = self._make(event, kind[1])
            known[0].inc(count)
            waited.add(known[1])
        for histogram in waited:
            histogram.observe(seconds)

    def _make(self, event: EventVersion, outcome: str) -> tuple[Counter, Histogram]:
        # Metrics are read by more people than the log: nobody shall see in them that a service was just declined.
        name = SERVICE if event.context == SERVICE else event.name
        return (
            self._metrics.counter("domicile_events_total", type=name, outcome=outcome),
            self._metrics.histogram("domicile_pipeline_seconds", context=event.context, outcome=outcome),
        )
