"""Answers of the statistics routes, as short as a test needs them."""

from typing import Any

ANSWERED = "2026-11-22T12:50:00.000Z"
HIDDEN = {"code": "disclosure-control", "words": "Hidden: too few people."}
NOTHING = {"code": "denominator-zero", "words": "The denominator is zero."}


def figure(value: float | None, place: str = "0980", name: str | None = "Gotland", **more: Any) -> dict[str, Any]:
    """One figure; `year`, `by`, `period` and `reason` as asked."""
    year = more.get("year", 2015)
    return {
        "definition": "crude-birth-rate/1",
        "name": "Crude birth rate",
        "place": place,
        "place_name": name,
        "candidates": None,
        "by": more.get("by", {}),
        "period": more.get("period", f"{year}-01-01/{year + 1}-01-01"),
        "population": "usual",
        "value": value,
        "unit": "per 1,000",
        "scale": 1000,
        "numerator": {"id": "births", "words": "live births", "value": 491, "unit": "events"},
        "denominator": {"id": "lived", "words": "person-years lived", "value": 57324.2, "unit": "person-years"},
        "map": "event",
        "vintage": "current",
        "checks": more.get("checks", []),
        "reason": more.get("reason"),
        "notes": [],
        "rule": "none",
    }


def indicator(*figures: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The answer of GET /v1/indicators/{name}."""
    declared = {"id": "crude-birth-rate", "definition": "crude-birth-rate/1", "name": "Crude birth rate"}
    declared |= {"words": "Live births per 1,000 person-years.", "unit": "per 1,000", "family": "vital", "scale": 1000}
    return {
        "indicator": declared | more.get("indicator", {}),
        "map": more.get("map", "event"),
        "vintage": more.get("vintage", "current"),
        "answered_at": ANSWERED,
        "rule": more.get("rule", "none"),
        "next": None,
        "figures": list(figures),
    }


def population(*rows: dict[str, Any], by: tuple[str, ...] = ("sex", "age"), **more: Any) -> dict[str, Any]:
    """The answer of GET /v1/population."""
    return {
        "definition": "population/1",
        "population": "usual",
        "by": list(by),
        "map": "event",
        "vintage": "current",
        "answered_at": ANSWERED,
        "rule": "none",
        "next": None,
        "rows": list(rows),
        "checks": {},
    } | more


def people(n: int | None, sex: str, age: str, at: str = "2015-12-31", place: str = "0980") -> dict[str, Any]:
    """One of its rows; None: hidden."""
    row = {"place": place, "place_name": "Gotland", "candidates": None, "at": at, "sex": sex, "age": age, "people": n}
    return row | {"reason": None if n is not None else HIDDEN}


def flows(*moves: tuple[str | None, str, int | None], **more: Any) -> dict[str, Any]:
    """The answer of GET /v1/flows, of (origin, destination, moves)."""
    rows = [
        {"origin": origin, "origin_name": None, "destination": destination, "destination_name": None, "moves": n}
        | {"kind": "found" if origin is None else "internal", "period": "2012-01-01/2013-01-01", "candidates": None}
        | {"reason": None if n is not None else HIDDEN}
        for origin, destination, n in moves
    ]
    return {
        "definition": "moves/1",
        "track": "usual",
        "by": [],
        "map": "event",
        "vintage": "current",
        "answered_at": ANSWERED,
        "rule": "none",
        "next": None,
        "rows": rows,
    } | more
