"""What is asked of figures, read from an address. Pure. Nothing that was posted is quoted in a refusal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from starlette.requests import Request

from services.kernel.errors import Rejected
from services.kernel.http.parameters import require_known_parameters, suggest, word
from services.projections.api.asking import find_day, find_instant
from services.projections.api.statistics.periods import read_periods
from services.projections.statistics.cells import POPULATIONS
from services.projections.statistics.indicators.question import Basis, LegalPeriod, Question, Zone
from services.projections.statistics.indicators.spans import (
    FIVE_YEARS,
    SINGLE_YEARS,
    AgeGroups,
    Span,
    as_date,
    calendar_year,
    day_of,
)

AREAS_MAX = 500
ROWS_MAX, ROWS = 5000, 500
JSON, CSV, PARQUET, SDMX = "json", "csv", "parquet", "sdmx-json"
WHERE = frozenset({"area", "level", "map"})
WHEN = frozenset({"from", "to", "at", "every", "as_known_at", "wait_for"})
HOW = frozenset({"basis", "age_at", "women_until", "edge_ages", "unstated_ages", "legal_days"})
WHAT = frozenset({"by", "ages", "population"})
SHOWN = frozenset({"format", "limit", "cursor"})
EVENT = "event"
AGES = {"single": SINGLE_YEARS, "five": FIVE_YEARS}
AgeAt = Literal["completed", "year-end"]
EdgeAges = Literal["separate", "folded"]
UnstatedAges = Literal["excluded", "pro-rated"]
_DAY_MS = 86_400_000
_BEFORE_ALL_LAW = day_of(1800)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question, with as many periods as it has. `map_day`: None for the map as at the event.

    `known_at_ms`: None for everything that is known now.
    """

    areas: tuple[str, ...]
    level: int | None
    spans: tuple[Span, ...]
    by: tuple[str, ...] = ()
    ages: AgeGroups = SINGLE_YEARS
    population: str = "usual"
    basis: Basis = "person-years"
    age_at: AgeAt = "completed"
    women_until: Literal[44, 49] = 49
    edge_ages: EdgeAges = "separate"
    unstated_ages: UnstatedAges = "excluded"
    legal_periods: tuple[LegalPeriod, ...] = ()
    map_day: int | None = None
    known_at_ms: int | None = None

    @property
    def map(self) -> str:
        """What the answer says of its map."""
        return EVENT if self.map_day is None else as_date(self.map_day).isoformat()

    def question(self, span: Span, zones: tuple[Zone, ...], vintage: str, today: int) -> Question:
        """The library's question for one period."""
        known_day = today if self.known_at_ms is None else self.known_at_ms // _DAY_MS
        return Question(
            span=span,
            zones=zones,
            by=self.by,
            ages=self.ages,
            population=self.population,
            basis=self.basis,
            age_at=self.age_at,
            women_until=self.women_until,
            edge_ages=self.edge_ages,
            unstated_ages=self.unstated_ages,
            map=self.map,
            vintage=vintage,
            known_day=known_day,
            legal_periods=self.legal_periods,
        )


def read_asked(request: Request, known: frozenset[str], today: int, stock: bool = False) -> Asked:
    """The question. Without a period: the last whole year; of a stock the end of the last month.

    Rejected("wrong-parameter").
    """
    require_known_parameters(request, known, {"area"})
    last_year = calendar_year(as_date(today).year - 1)
    first = today - as_date(today).day + 1
    ordinary = Span(first - 1, first) if stock else last_year
    women = word(request, "women_until", ("44", "49"))
    return Asked(
        areas=read_areas(request),
        level=read_number(request, "level", 0, 31),
        spans=read_periods(request, ordinary),
        by=_read_by(request),
        ages=read_ages(request.query_params.get("ages")),
        population=word(request, "population", POPULATIONS) or POPULATIONS[0],
        basis=_choose(request, "basis", get_args(Basis)),
        age_at=_choose(request, "age_at", get_args(AgeAt)),
        women_until=44 if women == "44" else 49,
        edge_ages=_choose(request, "edge_ages", get_args(EdgeAges)),
        unstated_ages=_choose(request, "unstated_ages", get_args(UnstatedAges)),
        legal_periods=_read_law(request),
        map_day=_read_map(request),
        known_at_ms=find_instant(request, "as_known_at"),
    )


def read_ages(text: str | None) -> AgeGroups:
    """`single`, `five`, or the first ages of groups: 0,15,65. Rejected("wrong-parameter")."""
    if text is None or text in AGES:
        return AGES[text or "single"]
    parts = text.split(",")
    if all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):
        starts = tuple(int(part) for part in parts)
        if starts == tuple(sorted(set(starts))) and starts[-1] <= 150:
            return AgeGroups(starts)
    rule = "It is single, five, or the first age of each group in order, with commas: 0,15,65."
    raise Rejected("wrong-parameter", "?ages", rule=rule + suggest(text, AGES))


def read_limit(request: Request) -> int:
    """How many lines a page has. Rejected("wrong-parameter")."""
    return read_number(request, "limit", 1, ROWS_MAX) or ROWS


def read_areas(request: Request) -> tuple[str, ...]:
    """Codes, each once. Rejected("wrong-parameter") for too many."""
    asked = tuple(dict.fromkeys(request.query_params.getlist("area")))
    if len(asked) > AREAS_MAX:
        raise Rejected("wrong-parameter", "?area", rule=f"At most {AREAS_MAX} areas; ask for a level instead.")
    return asked


def _read_by(request: Request) -> tuple[str, ...]:
    """Words, each once; whether there is such a breakdown the indicator says."""
    text = request.query_params.get("by")
    asked = tuple(text.split(",")) if text else ()
    if len(set(asked)) < len(asked) or not all(asked):
        raise Rejected("wrong-parameter", "?by", rule="Words with commas, each once: sex,age.")
    return asked


def read_number(request: Request, name: str, least: int, most: int) -> int | None:
    """A whole number; None if it is left out. Rejected("wrong-parameter")."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 5 or not least <= int(text) <= most:
        raise Rejected("wrong-parameter", f"?{name}", rule=f"It is a number from {least} to {most}.")
    return int(text)


def _choose(request: Request, name: str, words: Sequence[Any]) -> Any:
    """One of the words; the first unless it is given."""
    return word(request, name, words) or words[0]


def _read_law(request: Request) -> tuple[LegalPeriod, ...]:
    days = read_number(request, "legal_days", 0, 3650)
    kinds = () if days is None else ("birth", "death")
    return tuple(LegalPeriod(kind, None, _BEFORE_ALL_LAW, days or 0) for kind in kinds)


def _read_map(request: Request) -> int | None:
    return None if request.query_params.get("map", EVENT) == EVENT else find_day(request, "map")
