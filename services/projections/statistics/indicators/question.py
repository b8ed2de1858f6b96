"""What is asked: which period, places, people and conventions. Every choice made here is said in the answer."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from services.projections.statistics.indicators.counting import Areas
from services.projections.statistics.indicators.spans import SINGLE_YEARS, AgeGroups, Span


class Zone(NamedTuple):
    """A place that a figure is for: the areas that it is made of on the map of the answer. None: the whole region.

    `expected`: those of them in which somebody should be counted; None: in all.
    """

    code: str
    members: Areas = None
    expected: Areas = None


WHOLE = Zone("region")


class Reference(NamedTuple):
    """A figure of somebody else, to check ours against: never mixed into our own counts.

    `what`: population, projection, crude-birth-rate, infant-mortality-rate, expected-births or expected-deaths.
    """

    what: str
    zone: str
    value: float
    source: str
    vintage: str


class LegalPeriod(NamedTuple):
    """From `from_day` on, events of `kind` in `area` (None: everywhere) are to be registered within `days`."""

    kind: str
    area: str | None
    from_day: int
    days: int


Basis = Literal["person-years", "mid-year-population"]


@dataclass(frozen=True, slots=True)
class Question:
    """One period, any number of places.

    `known_day` is the day of the vintage: a period that goes on after it is no period yet, and cohorts are as old as
    they are on it; None: whatever is counted is known. `vintage` is what the answer says.
    """

    span: Span
    zones: tuple[Zone, ...] = (WHOLE,)
    by: tuple[str, ...] = ()
    ages: AgeGroups = SINGLE_YEARS
    population: str = "usual"
    basis: Basis = "person-years"
    age_at: Literal["completed", "year-end"] = "completed"
    women_until: Literal[44, 49] = 49
    edge_ages: Literal["separate", "folded"] = "separate"
    unstated_ages: Literal["excluded", "pro-rated"] = "excluded"
    map: str = "event"
    vintage: str = "current"
    known_day: int | None = None
    references: tuple[Reference, ...] = field(default=())
    legal_periods: tuple[LegalPeriod, ...] = field(default=())

    @property
    def areas(self) -> Areas:
        """Every area asked for; None if one of the places is the whole region."""
        found: set[str] = set()
        for zone in self.zones:
            if zone.members is None:
                return None
            found |= zone.members
        return frozenset(found)

    def find_reference(self, what: str, zone: str) -> Reference | None:
        return next((ref for ref in self.references if ref.what == what and ref.zone == zone), None)
