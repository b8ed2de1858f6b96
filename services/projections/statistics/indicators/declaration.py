"""What an indicator is: one declaration. Everything that reads indicators (pages, HTTP, SQL, tests) reads these."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from services.projections.statistics.indicators.counting import By, Key
from services.projections.statistics.indicators.figure import Number, Portion, Reason
from services.projections.statistics.indicators.tally import Tally


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something countable by place and by dimensions: a numerator, a denominator, or a figure of its own."""

    id: str
    words: str
    unit: str
    count: Callable[[Tally, By], Mapping[Key, Number]]

    def portion(self, tally: Tally, value: Number) -> Portion:
        """Says the basis too where the question chose it."""
        if self.unit != PERSON_YEARS:
            return Portion(self.id, self.words, value, self.unit)
        question = tally.question
        words = f"{_BASES[question.basis]}: {self.words}, {question.population} population"
        return Portion(f"{self.id}:{question.population}:{question.basis}", words, value, PERSON_YEARS)


PERSON_YEARS = "person-years"
_BASES = {"person-years": "person-years lived, exactly", "mid-year-population": "mid-year population times years"}


class Outcome(NamedTuple):
    """What a formula finds for one place and cell. `value` is already multiplied by the scale."""

    place: str
    by: Mapping[str, str]
    value: Number | None
    numerator: Portion | None
    denominator: Portion | None
    reason: Reason | None = None
    notes: tuple[str, ...] = ()


Formula = Callable[[Tally, "Indicator"], Iterable[Outcome]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One indicator. Without a formula it is `scale * numerator / denominator`, or the numerator alone.

    `by` lists the dimensions that it may be asked by. `why_not` makes it one that is not computed here, and says why.
    `edition` goes up when the same cells would give another value.
    """

    id: str
    name: str
    family: str
    definition: str
    numerator: Quantity | None = None
    denominator: Quantity | None = None
    formula: Formula | None = None
    scale: int = 1
    unit: str = ""
    by: tuple[str, ...] = ()
    traps: tuple[str, ...] = ()
    label: str = ""
    source: str
    why_not: Reason | None = None
    edition: int = 1

    @property
    def definition_id(self) -> str:
        return f"{self.id}/{self.edition}"
