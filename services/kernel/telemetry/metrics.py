"""Metrics, declared once as data; `docs/metrics.md` is generated from the table.

A process makes one `Metrics` and asks it for the children that it counts on; a name or label that is not
declared raises KeyError or ValueError. Labels have few values, known beforehand: never an id or a person.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

CONTENT_TYPE = CONTENT_TYPE_LATEST


@dataclass(frozen=True, slots=True)
class Metric:
    """One declared metric."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    doc: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = _SECONDS


METRICS: tuple[Metric, ...] = (
    Metric("domicile_http_requests_total", "counter", "requests answered", ("route", "status")),
    Metric("domicile_http_seconds", "histogram", "time from request line to answer, seconds", ("route",)),
    Metric("domicile_http_in_flight", "gauge", "requests being served now"),
    Metric("domicile_http_bytes_in_flight", "gauge", "bytes of request bodies held now"),
    Metric(
        "domicile_events_total",
        "counter",
        "posted events; all types of services are `service`, what was refused before it was checked is `unread`",
        ("type", "outcome"),
    ),
    Metric(
        "domicile_pipeline_seconds",
        "histogram",
        "time from taking a sender's events in to knowing what became of them, seconds; once per request and kind",
        ("context", "outcome"),
    ),
    Metric(
        "domicile_burst_events",
        "histogram",
        "events that were claimed, appended and answered together",
        buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000),
    ),
    Metric(
        "domicile_claims_taken_over_total",
        "counter",
        "events whose outcome was unknown and that were appended again",
    ),
    Metric(
        "domicile_refusals_total",
        "counter",
        "refusals by error code, of whole requests and of single events",
        ("code",),
    ),
    Metric("domicile_events_in_flight", "gauge", "events taken in and not answered yet"),
    Metric("domicile_appends_in_flight", "gauge", "records sent to the broker and not confirmed yet"),
    Metric("domicile_areas_known", "gauge", "areas that the map knows"),
    Metric("domicile_geography_offset", "gauge", "next offset of the geography topic to be read"),
    Metric("domicile_projection_lag_events", "gauge", "records on the log that are not applied yet", ("projection",)),
    Metric(
        "domicile_projection_lag_seconds",
        "gauge",
        "for how long the log has held something that is not applied, seconds",
        ("projection",),
    ),
    Metric(
        "domicile_projection_set_aside",
        "gauge",
        "records that could not be applied; `waiting` for somebody, or `skipped`",
        ("projection", "state"),
    ),
    Metric("domicile_projection_halted", "gauge", "1 while nothing is taken in; somebody has to look", ("projection",)),
    Metric(
        "domicile_projection_troubled_seconds",
        "gauge",
        "for how long a worker has been trying the same batch again, seconds; 0: all is well",
        ("projection",),
    ),
    Metric(
        "domicile_projection_rebuild_wanted",
        "gauge",
        "1 while the live tables were made by another edition of the code",
        ("projection",),
    ),
    Metric(
        "domicile_exchange_pairing_decisions_total",
        "counter",
        "decisions of people about who is meant; `override`: not what the machine thought likeliest",
        ("kind", "outcome", "override"),
    ),
    Metric(
        "domicile_letters_refused_total",
        "counter",
        "letters of partners that were refused, and requests of nobody's (`unknown-member`)",
        ("partner", "code"),
    ),
    Metric("domicile_projection_worker_restarts", "gauge", "worker processes that ended and were started again"),
    Metric("domicile_exchange_lag_entries", "gauge", "records on the log that the exchange has not applied yet"),
    Metric(
        "domicile_exchange_set_aside",
        "gauge",
        "entries of the journal that could not be applied; `waiting` for somebody, or `skipped`",
        ("state",),
    ),
    Metric(
        "domicile_exchange_waiting",
        "gauge",
        "what is on its way: `letters` to partners, `dead` letters, entries of the `journal`, events of the `register`",
        ("what",),
    ),
    Metric("domicile_exchange_people_waited_for", "gauge", "conversations in which only people can go on"),
    Metric("domicile_exchange_halted", "gauge", "1 while no entry is applied; somebody has to look"),
    Metric("domicile_exchange_worker_restarts", "gauge", "worker processes that ended and were started again"),
    Metric("domicile_exchange_findings", "gauge", "links of which two registers do not agree, unsettled", ("kind",)),
    Metric(
        "domicile_exchange_reconciled_seconds_ago",
        "gauge",
        "since the last complete run of reconciliation with the partner that waits longest; 0: there was none yet",
    ),
)


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self) -> None:
        # A second series for every counter tells nobody anything here.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        self._made: Mapping[str, Counter | Gauge | Histogram] = {m.name: self._make(m) for m in METRICS}

    def counter(self, name: str, **labels: str) -> Counter:
        """The child of a declared counter for these labels: keep it and call `inc`."""
        made = self._made[name]
        if not isinstance(made, Counter):
            raise KeyError(name)
        return made.labels(**labels) if labels else made

    def gauge(self, name: str, **labels: str) -> Gauge:
        """The child of a declared gauge."""
        made = self._made[name]
        if not isinstance(made, Gauge):
            raise KeyError(name)
        return made.labels(**labels) if labels else made

    def histogram(self, name: str, **labels: str) -> Histogram:
        """The child of a declared histogram."""
        made = self._made[name]
        if not isinstance(made, Histogram):
            raise KeyError(name)
        return made.labels(**labels) if labels else made

    def render(self) -> bytes:
        """All metrics in the text format of Prometheus; content type `CONTENT_TYPE`."""
        return generate_latest(self._registry)

    def watch(self, name: str, value: Callable[[], float]) -> None:
        """Let a declared gauge ask for its value whenever metrics are read."""
        self.gauge(name).set_function(value)

    def _make(self, metric: Metric) -> Counter | Gauge | Histogram:
        if metric.kind == "counter":
            return Counter(metric.name, metric.doc, metric.labels, registry=self._registry)
        if metric.kind == "gauge":
            return Gauge(metric.name, metric.doc, metric.labels, registry=self._registry)
        return Histogram(metric.name, metric.doc, metric.labels, registry=self._registry, buckets=metric.buckets)


def render_page() -> str:
    """docs/metrics.md."""
    rows = [f"| `{m.name}` | {m.kind} | {', '.join(m.labels) or '-'} | {m.doc} |" for m in METRICS]
    return "\n".join(
        [
            "# Metrics",
            "",
            "Every service answers `GET /metrics` in the text format of Prometheus. Generated by",
            "`python -m services.kernel.telemetry.metrics`; do not edit. No label holds anything of a person. The",
            "route asks for no token: let only your monitoring reach it.",
            "",
            "| name | kind | labels | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    print(render_page(), end="")
