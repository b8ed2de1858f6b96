"""What is counted of people, as known at the end of every day (UTC) on which the log took something about them.

    what a person adds on day d = counted from what was recorded up to d - counted from what was recorded before d

The sum of these up to a day is exactly what was counted at its end, and the sum of all of them is what is counted now.
Both sides depend on the set of facts alone: late, live and rebuilt agree.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

from services.projections.register.evidence import edges_of, find_roots, people_of, threads_of
from services.projections.register.life import Fact, LifeCourse, fold_people
from services.projections.statistics.cells import Line, add_up
from services.projections.statistics.contributions import Row, count_lines

_DAY_MS: Final = 86_400_000


Dated = tuple[int, list[Line]]
"""A record day (from 1970-01-01), and what somebody adds on it; `n` below 0: known before, and no more."""


class Vintages:
    """What is known of people from when on. `facts`: as `fold_people` wants them for all whose lives are asked about.

    Whoever has facts of one day only, nearly everybody, is folded once; who has more, once more for each day.
    """

    def __init__(self, facts: Collection[Fact]) -> None:
        days = {fact.recorded_at // _DAY_MS for fact in facts}
        self._day = days.pop() if len(days) == 1 else None
        self._of: Mapping[bytes, list[Fact]] = {}
        if self._day is None:
            self._roots = find_roots(chain.from_iterable(map(edges_of, facts)))
            self._of = _deal(facts, self._roots)

    def count(self, life: LifeCourse, rows: Sequence[Row] | None = None) -> list[Dated]:
        """What somebody adds, day by day. `life`: folded from all the facts. `rows`: see `count_lines`."""
        lines = count_lines(life, rows)
        if self._day is not None:
            return [(self._day, lines)]
        facts = self._of.get(self._roots.get(life.person_id, life.person_id), [])
        *days, last = sorted({fact.recorded_at // _DAY_MS for fact in facts}) or [0]
        if not days:
            return [(last, lines)]
        found: list[Dated] = []
        former: Counter[Line] = Counter()
        for day in days:
            until = (day + 1) * _DAY_MS
            then = fold_people([fact for fact in facts if fact.recorded_at < until], (life.person_id,))
            now = add_up(count_lines(then[life.person_id]))
            found.append((day, _list_difference(now, former)))
            former = now
        return [*found, (last, _list_difference(add_up(lines), former))]


def _deal(facts: Iterable[Fact], roots: Mapping[bytes, bytes]) -> Mapping[bytes, list[Fact]]:
    """All facts that concern somebody: of every thread in which they or somebody ever merged with them are named.

    By who stands for the group.
    """
    named: dict[bytes, set[bytes]] = defaultdict(set)
    for fact in facts:
        people = {roots.get(person, person) for person in people_of(fact)}
        for thread in threads_of(fact):
            named[thread] |= people
    found: dict[bytes, list[Fact]] = defaultdict(list)
    for fact in facts:
        for root in set().union(*(named[thread] for thread in threads_of(fact))):
            found[root].append(fact)
    return found


def _list_difference(now: Counter[Line], former: Counter[Line]) -> list[Line]:
    lines = chain(now, (line for line in former if line not in now))
    return [line._replace(n=n) for line in lines if (n := now.get(line, 0) - former.get(line, 0))]
