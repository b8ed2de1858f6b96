"""Scorecards as they are told: JSON and CSV. Every figure with its parts, its definition and its instant. Pure."""

import csv
import io
from typing import Any

from services.exchange.scorecards.cards import Card, Score, Scorecards
from services.exchange.scorecards.figures import FEWEST, Figure
from services.exchange.scorecards.indicators import BY_ID, WITHOUT, Indicator

DIGITS = 6
OBJECTION = (
    "Who doubts a figure doubts its obligations: each is listed with its conversation, and a DISCREPANCY conversation"
    " (501) about one of them is answered within five working days and decided within thirty."
)
_COLUMNS = (
    "region", "debtor", "creditor", "from", "to", "as_of", "indicator", "definition", "name", "term", "numerator",
    "denominator", "voided", "value", "low", "high", "median_days", "p90_days", "can_rank", "provisional", "why_not",
)  # fmt: skip


def tell_scorecards(cards: Scorecards, paths: dict[str, list[tuple[str, int]]] | None = None) -> dict[str, Any]:
    """The whole corridor. `paths`: by debtor, how often each field differed."""
    period = cards.period
    return {
        "region": cards.region,
        "corridor": cards.partner,
        "from": period.first,
        "to": period.last,
        "as_of": period.as_of,
        "provisional": period.is_provisional,
        "weights": {
            "version": cards.weights.version,
            "valid_from": cards.weights.valid_from,
            "of": dict(cards.weights.of),
        },
        "shared": [tell_figure(each) for each in cards.shared],
        "directions": [_tell_card(each, (paths or {}).get(each.debtor, [])) for each in cards.cards],
        "objection": OBJECTION,
        "not_here": WITHOUT,
    }


def tell_figure(figure: Figure) -> dict[str, Any]:
    """One figure; what is not told is null, and `why_not` says why."""
    indicator = figure.indicator
    return {
        "indicator": indicator.id,
        "definition": indicator.definition_id,
        "name": indicator.name,
        "term": indicator.term,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "voided": figure.voided,
        "value": _short(figure.value),
        "interval": None if figure.low is None else [_short(figure.low), _short(figure.high)],
        "days": None if figure.days is None else figure.days._asdict(),
        "parts": dict(figure.parts) or None,
        "better": "low" if indicator.is_better_low else "high",
        "can_rank": figure.can_rank,
        "why_not": figure.why_not,
    }


def tell_definitions() -> list[dict[str, Any]]:
    """All declarations, as data."""
    return [tell_definition(each) for each in BY_ID.values()]


def tell_definition(indicator: Indicator) -> dict[str, Any]:
    """One declaration."""
    names = ("id", "name", "term", "definition", "numerator", "denominator", "void_rule", "cohort_rule", "source")
    return {"definition_id": indicator.definition_id} | {name: getattr(indicator, name) for name in names}


def write_csv(cards: Scorecards) -> bytes:
    """A row for each figure and each score; UTF-8 with CRLF."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for card in cards.cards:
        row = _row(cards, card.debtor, card.creditor)
        for figure in card.figures:
            writer.writerow(row | _cells(figure))
        writer.writerow(row | _score_cells(cards, card.score))
    for figure in cards.shared:
        writer.writerow(_row(cards, "both", "both") | _cells(figure))
    return out.getvalue().encode()


def _tell_card(card: Card, paths: list[tuple[str, int]]) -> dict[str, Any]:
    score = card.score
    return {
        "debtor": card.debtor,
        "creditor": card.creditor,
        "figures": [tell_figure(each) for each in card.figures],
        "score": {
            "value": _short(score.value),
            "parts": [
                each._asdict() | {"weight": _short(each.weight), "quality": _short(each.quality)}
                for each in score.parts
            ],
            "missing": dict(score.missing),
            "can_rank": score.can_rank,
            "why_not": score.why_not,
        },
        "different_paths": {path: n for path, n in paths if n >= FEWEST},
    }


def _row(cards: Scorecards, debtor: str, creditor: str) -> dict[str, Any]:
    period = cards.period
    return {
        "region": cards.region,
        "debtor": debtor,
        "creditor": creditor,
        "from": period.first,
        "to": period.last,
        "as_of": period.as_of,
        "provisional": str(period.is_provisional).lower(),
    }


def _cells(figure: Figure) -> dict[str, Any]:
    told = tell_figure(figure)
    low, high = told["interval"] or (None, None)
    days = told["days"] or {}
    kept = {name: value for name, value in told.items() if name in _COLUMNS}
    return kept | {
        "low": low,
        "high": high,
        "median_days": days.get("median"),
        "p90_days": days.get("p90"),
        "can_rank": str(figure.can_rank).lower(),
    }


def _score_cells(cards: Scorecards, score: Score) -> dict[str, Any]:
    return {
        "indicator": "S",
        "definition": f"S/{cards.weights.version}",
        "name": "Score",
        "value": _short(score.value),
        "can_rank": str(score.can_rank).lower(),
        "why_not": score.why_not,
    }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
