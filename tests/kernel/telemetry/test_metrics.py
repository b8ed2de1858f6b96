"""Metrics are those of the table."""

from pathlib import Path

import pytest

from services.kernel.telemetry.metrics import METRICS, Metrics, render_page

ROOT = Path(__file__).parents[3]


def test_every_declared_metric_is_rendered() -> None:
    text = Metrics().render().decode()
    for metric in METRICS:
        assert f"# HELP {metric.name} {metric.doc}" in text


def test_a_counter_counts_by_its_labels() -> None:
    metrics = Metrics()
    metrics.counter("domicile_events_total", type="BirthRegistered", outcome="recorded").inc(3)
    assert b'domicile_events_total{outcome="recorded",type="BirthRegistered"} 3.0' in metrics.render()


def test_a_gauge_that_is_watched_asks_when_it_is_read() -> None:
    metrics, held = Metrics(), [1]
    metrics.watch("domicile_http_in_flight", lambda: held[0])
    held[0] = 7
    assert b"domicile_http_in_flight 7.0" in metrics.render()


def test_what_is_not_declared_is_refused() -> None:
    with pytest.raises(KeyError):
        Metrics().counter("domicile_people_total")
    with pytest.raises(KeyError):
        Metrics().gauge("domicile_events_total")
    with pytest.raises(ValueError, match="label"):
        Metrics().counter("domicile_events_total", person="x")


def test_two_processes_in_one_do_not_share_counts() -> None:
    one, other = Metrics(), Metrics()
    one.counter("domicile_refusals_total", code="bad-date").inc()
    assert b"bad-date" not in other.render()


def test_the_page_of_metrics_is_up_to_date() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    assert page == render_page(), "run: .venv/bin/python -m services.kernel.telemetry.metrics > docs/metrics.md"
