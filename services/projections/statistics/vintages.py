"""What is counted of people, as known at the end of every day (UTC) on which the log took something about them.

    what a person adds on day d = counted from what was recorded up to d - counted from what was recorded before d

The sum of these up to a day is exactly what was counted at its end, and the sum of all of them is what is counted now.
Both sides depend on the set of facts alone: late, live and rebuilt agree.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, NamedTuple, TypeVar

from services.projections.register.bulk.routing import find_roots
from services.projections.register.evidence import edges_of, people_of, threads_of
from services.projections.register.life import Fact, LifeCourse, fold_people
from services.projections.statistics.cells import Cell, add_up
from services.projections.statistics.contributions import contributions

_DAY_MS: Final = 86_400_000
Dated = tuple[int, Cell]
"""The day on which the log took it, from 1970-01-01, and a cell with `n` 1."""
Lives = Mapping[bytes, LifeCourse]
Key = TypeVar("Key", Cell, Dated)


class Known(NamedTuple):
    """Facts as `fold_people` wants them, and the lives of some people folded from them."""

    facts: Collection[Fact]
    lives: Lives


class _Group(NamedTuple):
    """People who were ever named in one merge, or a single one, with all facts of their threads."""

    members: list[bytes]
    facts: dict[bytes, list[Fact]]

    def find_days(self) -> list[int]:
        return sorted({_day_of(fact) for copies in self.facts.values() for fact in copies})

    def read(self, last_day: int) -> list[Fact]:
        """What was recorded up to the end of a day."""
        return [fact for copies in self.facts.values() for fact in copies if _day_of(fact) <= last_day]


def count_vintages(known: Known) -> Counter[Dated]:
    """Everything that these lives add, by the day on which it became known."""
    days = {_day_of(fact) for fact in known.facts}
    if len(days) == 1:
        return _on(days.pop(), _count(known.lives))
    found: Counter[Dated] = Counter()
    for group in _split(known):
        _add(found, _count_group(group, known.lives))
    return found


def count_difference(before: Known, after: Known, news: Collection[Fact]) -> Counter[Dated]:
    """What `news` change of the vintages: `after` is `before` with them. What does not change is left out.

    Nearly always nothing newer is known of anybody: then only the last day changes, by what changes in all.
    """
    new_days = {_day_of(fact) for fact in news}
    if not new_days:
        return Counter()
    if len(new_days) == 1 and all(_day_of(fact) <= min(new_days) for fact in before.facts):
        return _on(new_days.pop(), _subtract(_count(after.lives), _count(before.lives)))
    return _subtract(count_vintages(after), count_vintages(before))


def _count_group(group: _Group, lives: Lives) -> Counter[Dated]:
    found: Counter[Dated] = Counter()
    former: Counter[Cell] = Counter()
    *days, last = group.find_days() or [0]
    for day in days:
        now = _count(fold_people(group.read(day), group.members))
        _add(found, _on(day, _subtract(now, former)))
        former = now
    _add(found, _on(last, _subtract(_count({who: lives[who] for who in group.members}), former)))
    return found


def _split(known: Known) -> Iterator[_Group]:
    """People with what concerns them, so that nobody is folded more often than there are days for them."""
    roots = find_roots(_edges(known.facts))
    threads: dict[bytes, dict[bytes, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    groups: dict[bytes, set[bytes]] = defaultdict(set)
    for fact in known.facts:
        people = {roots.get(person, person) for person in people_of(fact)}
        for thread in threads_of(fact):
            groups[thread] |= people
    for fact in known.facts:
        for root in {root for thread in threads_of(fact) for root in groups[thread]}:
            threads[root][fact.event_id].append(fact)
    members: dict[bytes, list[bytes]] = defaultdict(list)
    for person in known.lives:
        members[roots.get(person, person)].append(person)
    for root, those in members.items():
        yield _Group(those, threads.get(root, {}))


def _edges(facts: Iterable[Fact]) -> Iterator[tuple[bytes, bytes]]:
    for fact in facts:
        yield from edges_of(fact)


def _count(lives: Lives) -> Counter[Cell]:
    return add_up(cell for life in lives.values() for cell in contributions(life))


def _on(day: int, cells: Mapping[Cell, int]) -> Counter[Dated]:
    return Counter({(day, cell): n for cell, n in cells.items()})


def _add(sums: Counter[Key], more: Mapping[Key, int]) -> None:
    for key, n in more.items():
        sums[key] += n
        if not sums[key]:
            del sums[key]


def _subtract(one: Mapping[Key, int], other: Mapping[Key, int]) -> Counter[Key]:
    """Keys that cancel are left out."""
    left = Counter({key: n for key, n in one.items() if n != other.get(key)})
    for key, n in other.items():
        if n != one.get(key):
            left[key] -= n
    return left


def _day_of(fact: Fact) -> int:
    return fact.recorded_at // _DAY_MS
