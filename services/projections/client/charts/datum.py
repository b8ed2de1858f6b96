"""Answers of the statistics routes as data to draw: which place, which cell, when, as known when, and how much."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from services.projections.client.charts.model import Cell

Told = Mapping[str, Any]
WHOLE = "region"
_HIDDEN = ("disclosure-control", "denominator-too-small")
_SEXES = {
    "male": "Men",
    "female": "Women",
    "both sexes": "Both sexes",
    "other": "Other",
    "not stated": "Sex not stated",
}


class Datum(NamedTuple):
    """One figure. `label` is the place in words; `end` is the day after the period."""

    place: str
    label: str
    by: Mapping[str, str]
    start: date
    end: date
    vintage: str
    cell: Cell


class Material(NamedTuple):
    """What a picture is made of; `definition` in its own words, `parts` numerator and denominator in theirs."""

    id: str
    name: str
    words: str
    unit: str
    data: tuple[Datum, ...]
    parts: tuple[str, ...]
    population: str
    maps: tuple[str, ...]
    vintages: tuple[str, ...]
    rules: tuple[str, ...]
    missing: str
    failed: tuple[str, ...]


def read_indicator(answers: Sequence[Told]) -> Material:
    """Of GET /v1/indicators/{name}, one answer for each vintage, all pages of it put together."""
    indicator = answers[0]["indicator"]
    vintages = tell_vintages(answers)
    figures = [(known, figure) for known, answer in zip(vintages, answers, strict=True) for figure in answer["figures"]]
    data = [
        Datum(figure["place"], _label(figure), _by(figure["by"]), *_period(figure["period"]), known,
              _cell(figure["value"], figure["reason"]))
        for known, figure in figures
    ]  # fmt: skip
    parts = (figure[part] for _, figure in figures for part in ("numerator", "denominator"))
    return Material(
        indicator["definition"],
        indicator["name"],
        indicator["words"],
        indicator["unit"],
        tuple(data),
        _each(part["words"] for part in parts if part),
        figures[0][1]["population"] if figures else "usual",
        *_origins(answers),
        missing=tell_missing(answers),
        failed=_failed(figure["checks"] for _, figure in figures),
    )


def read_population(answers: Sequence[Told]) -> Material:
    """Of GET /v1/population."""
    vintages = tell_vintages(answers)
    rows = [(known, row) for known, answer in zip(vintages, answers, strict=True) for row in answer["rows"]]
    data = []
    for known, row in rows:
        day = date.fromisoformat(row["at"])
        by = {name: row[name] for name in answers[0]["by"]}
        cell = _cell(row["people"], row["reason"])
        after = day + timedelta(1)
        data.append(Datum(row["place"], _label(row), _by(by), day, after, known, cell))
    return Material(
        answers[0]["definition"],
        "Population",
        POPULATIONS[answers[0]["population"]],
        "people",
        tuple(data),
        (),
        answers[0]["population"],
        *_origins(answers),
        missing=tell_missing(answers),
        failed=_failed(checks for answer in answers for checks in answer["checks"].values()),
    )


POPULATIONS = {
    "usual": "Usual residents",
    "registered": "People registered there",
    "temporary": "Temporary residents",
    "inflow": "Usual residents who are registered elsewhere",
    "outflow": "People registered there who live elsewhere",
}


class Move(NamedTuple):
    """One row of GET /v1/flows, places in words."""

    origin: str
    destination: str
    start: date
    end: date
    cell: Cell


def read_moves(answer: Told) -> tuple[Move, ...]:
    """Over a border only: no moves within a place, nobody who was found; rows of one pair are added up."""
    found: dict[tuple[str, str, date, date], Cell] = {}
    for row in answer["rows"]:
        if row["kind"] == "found" or row["origin"] == row["destination"]:
            continue
        ends = _place(row["origin"], row["origin_name"]), _place(row["destination"], row["destination_name"])
        key = (*ends, *_period(row["period"]))
        found[key] = add_cells(found.get(key), _cell(row["moves"], row["reason"]))
    return tuple(Move(*key, cell) for key, cell in found.items())


def read_codes(rows: Iterable[Told]) -> dict[str, str]:
    """Names → codes, of every row that has both: what stands for a name that cannot be written."""
    pairs = (("place", "place_name"), ("origin", "origin_name"), ("destination", "destination_name"))
    return {row[name]: row[code] for row in rows for code, name in pairs if row.get(name) and row.get(code)}


def tell_vintages(answers: Sequence[Told]) -> tuple[str, ...]:
    """The instant of each answer: what was asked for, or when it was given, which is one for all that say `current`."""
    now = max((answer["answered_at"] for answer in answers), default="")
    return tuple(str(now if answer["vintage"] == "current" else answer["vintage"]) for answer in answers)


def tell_missing(answers: Sequence[Told]) -> str:
    """A sentence where records could not be applied yet, and so are in no figure; else nothing."""
    missing = max((answer.get("set_aside") or 0 for answer in answers), default=0)
    return f"INCOMPLETE: {missing:,} records could not be applied yet and are missing." if missing else ""


def age_of(words: str) -> float | None:
    """Where an age or group of ages stands on an axis: a group in its middle; None where it is not stated."""
    low, dash, high = words.partition("-")
    if dash and low.isdigit() and high.isdigit():
        return (int(low) + int(high) + 1) / 2 if high != low else float(low)
    return float(words.rstrip("+")) if words.rstrip("+").isdigit() else None


def _label(row: Told) -> str:
    if row.get("candidates"):
        return f"between {' and '.join(row['candidates'])}"
    return str(row.get("place_name") or row["place"])


def _place(code: str | None, name: str | None) -> str:
    if name:
        return name
    kind, _, rest = (code or "unknown").partition(":")
    if kind == "country":
        return "abroad" if rest in ("", "ZZ") else f"abroad, {rest}"
    return f"region {rest}" if kind == "region" else "not known" if kind == "unknown" else kind


def _by(by: Mapping[str, str]) -> dict[str, str]:
    return {name: _SEXES.get(value, value) if name == "sex" else str(value) for name, value in by.items()}


def _period(words: str) -> tuple[date, date]:
    start, _, end = words.partition("/")
    return date.fromisoformat(start), date.fromisoformat(end)


def _cell(value: float | None, reason: Told | None) -> Cell:
    if value is not None:
        return Cell(float(value))
    if reason is None:
        return Cell(None, "undefined")
    return Cell(None, "hidden" if reason["code"] in _HIDDEN else "undefined", str(reason["words"]))


def add_cells(before: Cell | None, cell: Cell) -> Cell:
    """Both together; hidden or undefined as soon as one of them is."""
    if before is None:
        return cell
    if before.value is None or cell.value is None:
        return before if before.value is None else cell
    return Cell(before.value + cell.value)


def _origins(answers: Sequence[Told]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    return (
        _each(answer["map"] for answer in answers),
        _each(tell_vintages(answers)),
        _each(answer["rule"] for answer in answers),
    )


def _failed(checks: Iterable[Sequence[Told]]) -> tuple[str, ...]:
    found = (check["name"] for each in checks for check in each if check["outcome"] == "failed")
    return _each(found)


def _each(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
