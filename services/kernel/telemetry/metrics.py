"""Metrics, declared once as data; `docs/metrics.md` is generated from the table.

A process makes one `Metrics` and asks it for the children that it counts on; a name or label that is not
declared raises KeyError or ValueError. Labels have few values, known beforehand: never an id or a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_COUNTS = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0, 5000.0)

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
    Metric("domicile_events_total", "counter", "events by outcome", ("context", "outcome")),
    Metric("domicile_refusals_total", "counter", "refusals by error code", ("code",)),
    Metric("domicile_append_seconds", "histogram", "time from append to the broker's confirmation, seconds"),
    Metric("domicile_append_in_flight", "gauge", "events sent to the broker and not confirmed yet"),
    Metric("domicile_append_bytes_in_flight", "gauge", "bytes sent to the broker and not confirmed yet"),
    Metric("domicile_claims_per_statement", "histogram", "event ids claimed by one statement", (), _COUNTS),
    Metric("domicile_token_verifications_total", "counter", "tokens looked at", ("outcome",)),
    Metric("domicile_areas_known", "gauge", "areas that the map knows"),
    Metric("domicile_geography_offset", "gauge", "next offset of the geography topic to be read"),
)


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self) -> None:
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

    def _make(self, metric: Metric) -> Counter | Gauge | Histogram:
        if metric.kind == "counter":
            return Counter(metric.name, metric.doc, metric.labels, registry=self._registry)
        if metric.kind == "gauge":
            return Gauge(metric.name, metric.doc, metric.labels, registry=self._registry)
        return Histogram(metric.name, metric.doc, metric.labels, registry=self._registry, buckets=metric.buckets)
