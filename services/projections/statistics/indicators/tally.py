"""Counts put together for one question: by its places instead of areas, in its age groups, on its basis.

Each count is asked for once. All results are keyed by (place, ...) in the order of `by`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

from services.projections.statistics.cells import BIRTH, DEATH, FOUND, IN, OUT, REGISTERED, STILLBIRTH, USUAL
from services.projections.statistics.indicators.counting import By, Counts, Key, Value
from services.projections.statistics.indicators.question import Question
from services.projections.statistics.indicators.spans import YEAR, Part, Span

Selection = Callable[[Mapping[str, Value]], bool]


def everybody(_: Mapping[str, Value]) -> bool:
    return True


class Tally:
    """One question's counts."""

    def __init__(self, counts: Counts, question: Question) -> None:
        self.counts = counts
        self.question = question
        self._asked: dict[object, Mapping[Key, int]] = {}
        self._places: dict[str, tuple[str, ...]] = {}
        self._whole = all(zone.members is None for zone in question.zones)

    def occurrences(self, kind: str, by: By = (), only: Selection = everybody, needs: By = ()) -> dict[Key, int]:
        """Vital events by place and `by`; `only` sees the dimensions of `by` and `needs`."""
        dimensions = self._dimensions(by, needs)
        if self._of_events(kind, "area") != "area":
            # That they count where somebody is registered is said by asking for it.
            dimensions = _each("area", *dimensions)
        asked = tuple(self._of_events(kind, name) for name in dimensions)
        rows = self._ask(
            (kind, asked), lambda: self.counts.occurrences(kind, self.question.span, asked, self.question.areas)
        )
        return self._gather(rows, dimensions, by, only)

    def lived(self, by: By = (), only: Selection = everybody, needs: By = ()) -> dict[Key, Fraction]:
        """Person-years, or mid-year population times the years asked for."""
        dimensions = self._dimensions(by, needs)
        rows = self._ask(("lived", dimensions), lambda: self._lived(dimensions))
        parts = self._gather(rows, dimensions, by, only)
        return {key: Fraction(n, YEAR) for key, n in parts.items()}

    def people(self, day: int, by: By = (), population: str | None = None) -> dict[Key, int]:
        """People at the end of a day, of the question's population or another."""
        chosen = population or self.question.population
        dimensions = self._dimensions(by)
        rows = self._ask(
            (day, chosen, dimensions),
            lambda: self.counts.population(day, chosen, dimensions, self.question.areas),
        )
        return self._gather(rows, dimensions, by, everybody)

    def crossings(self) -> dict[str, tuple[int, int]]:
        """Place → moves into it from outside, and moves out of it. Places may overlap."""
        if self._whole:
            kinds = self._moves_by(("kind",))
            came, went = kinds.get((IN,), 0), kinds.get((OUT,), 0)
            return {zone.code: (came, went) for zone in self.question.zones}
        found: dict[str, list[int]] = {zone.code: [0, 0] for zone in self.question.zones}
        for (kind, origin, destination), n in self._moves().items():
            if kind == FOUND:
                continue
            left, entered = set(self.places_of(origin)), set(self.places_of(destination))
            for place in entered - left:
                found[place][0] += n
            for place in left - entered:
                found[place][1] += n
        return {place: (came, went) for place, (came, went) in found.items()}

    def flows(self) -> dict[tuple[str, str], int]:
        """(origin, destination) → moves among the places of the question, those within a place included.

        Raises ValueError where places overlap: no such matrix is right.
        """
        found: dict[tuple[str, str], int] = defaultdict(int)
        for (_, origin, destination), n in self._moves().items():
            left, entered = self.places_of(origin), self.places_of(destination)
            if len(left) > 1 or len(entered) > 1:
                raise ValueError("places overlap")
            if left and entered:
                found[left[0], entered[0]] += n
        return dict(found)

    def found(self) -> dict[Key, int]:
        """Place → people who were taken into the register there without having moved."""
        if self._whole:
            people = self._moves_by(("kind",)).get((FOUND,), 0)
            return {(zone.code,): people for zone in self.question.zones} if people else {}
        found: dict[Key, int] = defaultdict(int)
        for (kind, _, destination), n in self._moves().items():
            if kind == FOUND:
                for place in self.places_of(destination):
                    found[(place,)] += n
        return found

    def _moves(self) -> Mapping[Key, int]:
        return self._moves_by(("kind", "origin", "destination"))

    def _moves_by(self, asked: By) -> Mapping[Key, int]:
        track = REGISTERED if self.question.population == REGISTERED else USUAL
        return self._ask(
            ("moves", track, asked), lambda: self.counts.moves(self.question.span, track, asked, self.question.areas)
        )

    def _dimensions(self, by: By, needs: By = ()) -> By:
        """Of the whole region it is not asked which areas it is made of: sums over them are at hand."""
        wanted = _each(*map(_source, by), *needs)
        return wanted if self._whole else _each("area", *wanted)

    def places_of(self, area: Value) -> tuple[str, ...]:
        """The question's places that an area is in. Regions and countries elsewhere are in none."""
        if not isinstance(area, str) or area.startswith(("region:", "country:")) or area == "unknown":
            return ()
        if area not in self._places:
            self._places[area] = tuple(
                zone.code for zone in self.question.zones if zone.members is None or area in zone.members
            )
        return self._places[area]

    def age_label(self, age: Value) -> str:
        return self.question.ages.label(age if isinstance(age, int) else None)

    def _of_events(self, kind: str, name: str) -> str:
        if name == "area" and self.question.population == REGISTERED and kind in (BIRTH, STILLBIRTH, DEATH):
            return "registered"
        if name == COMPLETED_AGE:
            return "age"
        return "age-at-year-end" if name == "age" and self.question.age_at == "year-end" else name

    def _lived(self, dimensions: By) -> Mapping[Key, int]:
        """In parts of a year."""
        found: dict[Key, int] = defaultdict(int)
        at_year_end = self.question.age_at == "year-end" and "age" in dimensions
        parts: Iterable[Part | None] = list(self.question.span.parts())
        if self.question.basis == "person-years" and not at_year_end:
            parts = [None]
        for part in parts:
            for key, years in self._years_of(part, dimensions, at_year_end).items():
                found[key] += years
        return found

    def _years_of(self, part: Part | None, dimensions: By, at_year_end: bool) -> Mapping[Key, int]:
        """Of the part that lies in one calendar year, or of the whole period."""
        question = self.question
        asked = tuple("birth-year" if at_year_end and name == "age" else name for name in dimensions)
        if question.basis == "person-years":
            span = question.span if part is None else Span(part.start, part.end)
            rows = dict(self.counts.person_years(span, question.population, asked, question.areas))
        else:
            assert part is not None
            rows = self._mean_of_ends(part, asked)
        if not at_year_end or part is None:
            return rows
        place = asked.index("birth-year")
        return {_with_age(key, place, part.year): years for key, years in rows.items()}

    def _mean_of_ends(self, part: Part, asked: By) -> dict[Key, int]:
        """The mean of the populations at both ends, times the share of the year."""
        found: dict[Key, int] = defaultdict(int)
        weight = (part.end - part.start) * part.day // 2
        for day in (part.start - 1, part.end - 1):
            for key, n in self.counts.population(day, self.question.population, asked, self.question.areas).items():
                found[key] += n * weight
        return found

    def _ask(self, name: object, ask: Callable[[], Mapping[Key, int]]) -> Mapping[Key, int]:
        if name not in self._asked:
            self._asked[name] = ask()
        return self._asked[name]

    def _gather(self, rows: Mapping[Key, int], dimensions: By, by: By, only: Selection) -> dict[Key, int]:
        found: dict[Key, int] = defaultdict(int)
        wanted = [(dimensions.index(_source(name)), name == "age") for name in by]
        area = dimensions.index("area") if "area" in dimensions else None
        everywhere = tuple(zone.code for zone in self.question.zones)
        for key, n in rows.items():
            if only is not everybody and not only(dict(zip(dimensions, key, strict=True))):
                continue
            rest: Key = tuple([self._age_group(key[at]) if grouped else key[at] for at, grouped in wanted])
            for place in everywhere if area is None else self.places_of(key[area]):
                found[place, *rest] += n
        return dict(found)

    def _age_group(self, age: Value) -> Value:
        return age if isinstance(age, str) else self.question.ages.of(age)


SINGLE_AGE = "single-age"
"""Ages by single years, whatever groups the question wants its answer in."""
COMPLETED_AGE = "completed-age"
"""Of occurrences: age on the day, by single years, even where the question asks for ages at the end of the year."""


def _each(*names: str) -> By:
    return tuple(dict.fromkeys(names))


def _source(name: str) -> str:
    return "age" if name == SINGLE_AGE else name


def _with_age(key: Key, place: int, year: int) -> Key:
    born = key[place]
    return (*key[:place], year - born if isinstance(born, int) else None, *key[place + 1 :])
