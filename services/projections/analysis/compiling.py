"""An edition: every figure that is published, compiled from plain sums at one moment. Pure.

Years are whole and over; a figure of a year is on the map of its last day, one of a quarter on that of the quarter's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from services.projections.analysis.breakdowns import (
    BIRTHS,
    DEATHS,
    POPULATION,
    SEX,
    TOTAL,
    Published,
    publish,
    round_to,
)
from services.projections.analysis.categories import FINE, allot
from services.projections.analysis.flows import IN, OUT, publish_flows
from services.projections.analysis.protecting import Tree, choose_shown
from services.projections.analysis.rates import LIVED, make_rates
from services.projections.analysis.sums import Event, Move, Quarter, Sums
from services.projections.analysis.trees import find_line, make_tree
from services.projections.statistics import cells
from services.projections.statistics.disclosure.rules import Rule
from services.projections.statistics.indicators.spans import YEAR, day_of

Row = tuple[Any, ...]
Rows = dict[str, list[Row]]
"""Table → rows, in the order of its columns."""

UNIONS: Final = (cells.MARRIAGE, cells.DIVORCE)
DELAYS: Final = 4
_PARTS: Final = ("births", "deaths", IN, OUT)
_QUARTERS: Final = ((3, 31), (6, 30), (9, 30), (12, 31))


class _Year(NamedTuple):
    """One year's tree, and the line of every area in it."""

    year: int
    tree: Tree
    lines: Mapping[str, tuple[str, ...]]

    def gather(self, leaves: Mapping[str, list[int]], width: int) -> dict[str, list[int]]:
        """Vectors of areas alone → of areas with all that lies in them, of the whole tree."""
        found = {area: [0] * width for area in self.lines}
        for leaf, vector in leaves.items():
            for area in self.lines[leaf]:
                found[area] = [a + b for a, b in zip(found[area], vector, strict=True)]
        return found


class Compiler:
    """Goes through the years in order and carries the stock of each area along."""

    def __init__(self, sums: Sums, rule: Rule | None) -> None:
        self._sums = sums
        self._rule = rule
        self._rows: Rows = defaultdict(list)
        self._stock: dict[str, Counter[tuple[str | None, int | None]]] = defaultdict(Counter)
        self._total: Counter[str] = Counter()
        self._former: Counter[str] = Counter()
        self._lines: Mapping[str, tuple[str, ...]] = {}
        self._before: dict[str, int | None] = {}
        self._counted = sorted(
            {row.area for row in sums.stocks}
            | {row.area for row in sums.events}
            | {place for row in sums.moves for place in (row.origin, row.destination) if place and cells.is_area(place)}
        )

    def compile(self, last_year: int) -> Rows:
        """Up to and with this year. Every table that has rows."""
        stocks, events = _by_year(self._sums.stocks), _by_year(self._sums.events)
        moves, quarters = _by_year(self._sums.moves), _by_year(self._sums.quarters)
        for year in self._sums.years:
            if year > last_year:
                break
            tree = make_tree(self._sums.atlas, day_of(year, 12, 31), self._counted)
            at = _Year(year, tree, find_line(tree))
            lived = self._add_lived(at, quarters[year])
            for row in stocks[year]:
                self._stock[row.area][row.sex, row.born] += row.n
            parts = self._publish_stock(at)
            self._publish_quarters(at, quarters[year])
            events_parts = self._publish_events(at, events[year])
            self._publish_balance(at, parts, events_parts, moves[year], lived)
        return dict(self._rows)

    def _add_lived(self, at: _Year, quarters: Iterable[Quarter]) -> dict[str, list[int]]:
        """Area → years lived, in parts of a year. `_total` goes on to the end of the year."""
        length = day_of(at.year + 1) - day_of(at.year)
        self._former = self._total.copy()
        leaves = {area: [n * YEAR] for area, n in self._total.items()}
        for row in quarters:
            leaves.setdefault(row.area, [0])[0] += row.days * (YEAR // length)
            self._total[row.area] += row.n
        return at.gather(leaves, 1)

    def _publish_stock(self, at: _Year) -> dict[str, int | None]:
        """The rows of the population; area → its published total."""
        leaves = {
            area: allot((sex, None if born is None else at.year - born, n) for (sex, born), n in own.items() if n)
            for area, own in self._stock.items()
        }
        totals: dict[str, int | None] = {}
        for one in publish(at.tree, at.gather(leaves, FINE), POPULATION, self._rule):
            if one.breakdown == TOTAL.name:
                totals[one.area] = one.n
            self._add("population", at.year, one)
        self._rows["area_trees"] += [(at.year, area, line[1] if len(line) > 1 else None) for area, line in _sorted(at)]
        return totals

    def _publish_quarters(self, at: _Year, quarters: Iterable[Quarter]) -> None:
        """At the end of each quarter, on the map of that day. `_total` stands at the end of the year."""
        by_quarter: dict[int, list[Quarter]] = defaultdict(list)
        people = self._total.copy()
        for row in quarters:
            by_quarter[row.quarter].append(row)
            people[row.area] -= row.n
        for quarter, (month, last) in enumerate(_QUARTERS):
            for row in by_quarter[quarter]:
                people[row.area] += row.n
            tree = make_tree(self._sums.atlas, day_of(at.year, month, last), self._counted)
            then = _Year(at.year, tree, find_line(tree))
            cells_then = then.gather({area: [n] for area, n in people.items()}, 1)
            for one in publish(tree, cells_then, (TOTAL,), self._rule):
                self._rows["population_quarters"].append((date(at.year, month, last), one.area, one.n, one.n is None))

    def _publish_events(self, at: _Year, events: Iterable[Event]) -> dict[str, dict[str, int | None]]:
        """Rows of births, deaths, unions and delays; area → published counts by name."""
        by_kind: dict[str, dict[str, list[Event]]] = defaultdict(lambda: defaultdict(list))
        for event in events:
            by_kind[event.kind][event.area].append(event)
        parts: dict[str, dict[str, int | None]] = defaultdict(dict)
        for table, kind, breakdowns in (("births", cells.BIRTH, BIRTHS), ("deaths", cells.DEATH, DEATHS)):
            leaves = {a: allot((e.sex, e.age, e.n) for e in own) for a, own in by_kind[kind].items()}
            for one in publish(at.tree, at.gather(leaves, FINE), breakdowns, self._rule):
                parts[one.area][_name_part(table, one)] = one.n
                self._add(table, at.year, one)
            allowed = {area for area in at.lines if parts[area][table] is not None}
            self._publish_delays(at, kind, by_kind[kind], allowed)
        for kind in UNIONS:
            leaves = {area: [sum(e.n for e in own)] for area, own in by_kind[kind].items()}
            for one in publish(at.tree, at.gather(leaves, 1), (TOTAL,), self._rule):
                parts[one.area][f"{kind}s"] = one.n
                self._rows["marriages"].append((at.year, one.area, kind, one.n, one.n is None))
        return parts

    def _publish_delays(self, at: _Year, kind: str, events: Mapping[str, list[Event]], allowed: set[str]) -> None:
        leaves: dict[str, list[int]] = {}
        for area, own in events.items():
            leaves[area] = [0] * DELAYS
            for event in own:
                leaves[area][event.delay] += event.n
        vectors = at.gather(leaves, DELAYS)
        shown = choose_shown(at.tree, vectors, self._rule, None if self._rule is None else allowed)
        for area, _ in _sorted(at):
            if area in shown:
                found: list[int | None] = [round_to(n, self._rule) for n in (sum(vectors[area]), *vectors[area])]
            else:
                found = [None] * (DELAYS + 1)
            self._rows["timeliness"].append((at.year, area, kind, *found, area not in shown))

    def _publish_balance(
        self,
        at: _Year,
        totals: Mapping[str, int | None],
        events: Mapping[str, Mapping[str, int | None]],
        moves: list[Move],
        lived: Mapping[str, list[int]],
    ) -> None:
        found = self._publish_found(at, moves)
        before, moved = self._find_before(at)
        flows = publish_flows(
            at.tree,
            moves,
            lambda area: {
                # Of an area that is not the same any more it is not told, but might be worked out.
                "before": 0 if area in moved else before[area],
                "after": totals[area],
                "births": events[area]["births"],
                "deaths": events[area]["deaths"],
                "found": found[area],
            },
            self._rule,
        )
        for (origin, destination), n in sorted(flows.pairs.items()):
            self._rows["flows"].append((at.year, origin, destination, n, n is None))
        for area, _ in _sorted(at):
            own = {**events[area], **flows.margins.get(area, {IN: None, OUT: None})}
            years = None
            if totals[area] is not None and before[area] is not None:
                exact = lived[area][0] / YEAR
                years = exact if self._rule is None else float(self._rule.rounded(round(exact)))
            self._rows["balance"].append(
                (at.year, area, before[area], *(own[name] for name in _PARTS), found[area], totals[area], years)
            )
            for rate in make_rates({**own, LIVED: years}, self._rule):
                self._rows["rates"].append((at.year, area, *rate))
        self._lines, self._before = at.lines, dict(totals)

    def _find_before(self, at: _Year) -> tuple[dict[str, int | None], set[str]]:
        """Area → its published total a year before; None too where other people lay in it then. And which those are."""
        now, then = (_find_members(lines, self._former) for lines in (at.lines, self._lines))
        moved = {area for area in at.lines if now[area] != then[area]}
        none = 0 if not self._lines else None
        return {area: None if area in moved else self._before.get(area, none) for area in at.lines}, moved

    def _publish_found(self, at: _Year, moves: Iterable[Move]) -> dict[str, int | None]:
        leaves: dict[str, list[int]] = {}
        for move in moves:
            if move.kind == cells.FOUND and move.destination is not None:
                leaves.setdefault(move.destination, [0])[0] += move.n
        return {one.area: one.n for one in publish(at.tree, at.gather(leaves, 1), (TOTAL,), self._rule)}

    def _add(self, table: str, year: int, one: Published) -> None:
        self._rows[table].append((year, one.area, one.breakdown, *one.category, one.n, one.n is None))


def _by_year(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.year].append(row)
    return found


def _sorted(at: _Year) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from sorted(at.lines.items())


def _find_members(lines: Mapping[str, tuple[str, ...]], people: Mapping[str, int]) -> Mapping[str, set[str]]:
    """Area → all in it that had people."""
    found: dict[str, set[str]] = defaultdict(set)
    for inner, line in lines.items():
        for area in line if people.get(inner) else ():
            found[area].add(inner)
    return found


def _name_part(table: str, one: Published) -> str:
    """`births`, `births_male`, `deaths_under_1`: what rates are made of; the rest under names that nobody asks for."""
    if one.breakdown == TOTAL.name:
        return table
    if one.breakdown == SEX.name:
        return f"{table}_{one.category.sex}"
    if one.breakdown == "under-1" and one.category.since == 0:
        return f"{table}_under_1"
    return f"{table}_{one.breakdown}_{one.category}"
