"""A figure and everything that it is made of. A figure without its parts cannot be made."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from services.projections.statistics.indicators.spans import Span

Number = int | Fraction | float


class Portion(NamedTuple):
    """A numerator or a denominator: what it counts, how much of it, and by which rule it was counted.

    `words` never hold counts: disclosure control would miss them there. It drops notes with digits, so they may.
    """

    id: str
    words: str
    value: Number
    unit: str


class Reason(NamedTuple):
    """Why there is no value: a stable code, and a sentence for people."""

    code: str
    words: str


class Check(NamedTuple):
    """One of the six checks on a denominator."""

    name: str
    outcome: Literal["passed", "failed", "not-applicable"]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`value` is None exactly when `reason` is not; it is never 0 for want of knowledge, and never NaN.

    `definition` is the indicator with its edition; `by` the cell within the place, in words.
    """

    definition: str
    name: str
    place: str
    by: Mapping[str, str]
    period: Span
    population: str
    value: Number | None
    unit: str
    scale: int
    numerator: Portion | None
    denominator: Portion | None
    map: str
    vintage: str
    checks: tuple[Check, ...]
    reason: Reason | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.value is None) == (self.reason is None):
            raise ValueError(f"{self.definition}: a value, or a reason why there is none")
        if self.value is not None and self.numerator is None:
            raise ValueError(f"{self.definition}: a value without what it is made of")

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.outcome == "failed")

    def as_record(self) -> dict[str, Any]:
        """For JSON: numbers become floats here and nowhere before; whole numbers stay whole."""
        return {
            "definition": self.definition,
            "name": self.name,
            "place": self.place,
            "by": dict(self.by),
            "period": str(self.period),
            "population": self.population,
            "value": as_number(self.value),
            "unit": self.unit,
            "scale": self.scale,
            "numerator": _portion(self.numerator),
            "denominator": _portion(self.denominator),
            "map": self.map,
            "vintage": self.vintage,
            "checks": [check._asdict() for check in self.checks],
            "reason": self.reason._asdict() if self.reason else None,
            "notes": list(self.notes),
        }


def as_number(value: Number | None) -> int | float | None:
    """An int where the number is whole, else the nearest float."""
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else float(value)
    return value


def _portion(portion: Portion | None) -> dict[str, Any] | None:
    return None if portion is None else {**portion._asdict(), "value": as_number(portion.value)}
