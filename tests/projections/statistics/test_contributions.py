"""Whatever the log holds: what is counted adds up, and says the same as the lives that it is counted from."""

import random
from collections import Counter
from collections.abc import Mapping

from hypothesis import HealthCheck, given, settings

from services.projections.register.life import LifeCourse, fold_people
from services.projections.register.life.episodes import residences
from services.projections.register.life.handling import ACTS
from services.projections.statistics import cells as c
from services.projections.statistics.cells import Cell, Change, Move, Occurrence, add_up
from services.projections.statistics.contributions import contributions, name_place
from tests.projections.histories import HISTORIES, History, facts_about, histories
from tests.projections.sentences import Log
from tests.projections.tape import AREAS

SOME = max(200, HISTORIES // 4)
_PLACES = {c.USUAL: 5, c.REGISTERED: 9}
seen: Counter[str] = Counter()


def count(history: History) -> dict[bytes, list[Cell]]:
    lives = fold_people(history.facts, history.people)
    return {who: contributions(life) for who, life in lives.items()}


def test_any_history_adds_up() -> None:
    seen.clear()

    @settings(max_examples=SOME, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(history=histories())
    def check(history: History) -> None:
        lives = fold_people(history.facts, history.people)
        for life in lives.values():
            cells = contributions(life)
            seen.update(f"{type(cell).__name__} {cell[0]}" for cell in cells)
            check_stock(life, cells)
            check_balance(life, cells)
            check_vital(life, cells)
        check_sums(history, lives)
        check_order(history, lives)
        check_annulled(history)

    check()
    expected = {f"Change {name}" for name in c.POPULATIONS} | {
        f"Move {kind}" for kind in (c.INTERNAL, c.IN, c.OUT, c.FOUND)
    }
    kinds = (c.BIRTH, c.STILLBIRTH, c.DEATH, c.MARRIAGE, c.DIVORCE)
    assert SOME < 1000 or expected | {f"Occurrence {kind}" for kind in kinds} <= set(seen)


def check_stock(life: LifeCourse, cells: list[Cell]) -> None:
    """At every day on which anything changes, and beside it: the sums of changes are who is there by the episodes."""
    changes = [cell for cell in cells if isinstance(cell, Change)]
    episodes = residences(life)
    bounds = {day for episode in episodes for day in (episode.from_day, episode.to_day or 0)}
    days = {bound + beside for bound in bounds for beside in (-1, 0, 1)}
    for day in days:
        stock: Counter[tuple[str, str, str | None]] = Counter()
        for change in changes:
            if change.day <= day:
                stock[change.population, change.area, change.elsewhere] += change.n
        expected: Counter[tuple[str, str, str | None]] = Counter()
        for each in episodes:
            if each.from_day <= day and (each.to_day is None or day < each.to_day):
                lives, registered = each.usual[0], each.registered[0]
                if lives is not None:
                    expected[c.USUAL, lives, None] += 1
                    if each.kind == "temporary":
                        expected[c.TEMPORARY, lives, None] += 1
                    if lives != registered:
                        expected[c.INFLOW, lives, name_place(each.registered)] += 1
                if registered is not None:
                    expected[c.REGISTERED, registered, None] += 1
                    if lives != registered:
                        expected[c.OUTFLOW, registered, name_place(each.usual)] += 1
        assert {key: n for key, n in stock.items() if n} == dict(expected)
    assert all((change.sex, change.born) == (life.sex, life.born) for change in changes)


def check_balance(life: LifeCourse, cells: list[Cell]) -> None:
    """Day by day, so over every period: a population changes by births, deaths, moves and who was found."""
    for population in (c.USUAL, c.REGISTERED):
        change: Counter[tuple[str, int]] = Counter()
        flow: Counter[tuple[str, int]] = Counter()
        for cell in cells:
            if isinstance(cell, Change) and cell.population == population:
                change[cell.area, cell.day] += cell.n
            elif isinstance(cell, Move) and cell.track == population:
                if cell.kind in (c.INTERNAL, c.OUT):
                    flow[str(cell.origin), cell.day] -= cell.n
                if cell.kind != c.OUT:
                    flow[str(cell.destination), cell.day] += cell.n
            elif isinstance(cell, Occurrence) and cell.kind in (c.BIRTH, c.DEATH):
                area = cell.area if population == c.USUAL else cell.registered
                if area is not None:
                    flow[area, cell.day] += cell.n if cell.kind == c.BIRTH else -cell.n
        assert {key: n for key, n in change.items() if n} == {key: n for key, n in flow.items() if n}


def check_vital(life: LifeCourse, cells: list[Cell]) -> None:
    kinds = Counter(cell.kind for cell in cells if isinstance(cell, Occurrence))
    assert kinds[c.BIRTH] + kinds[c.STILLBIRTH] <= 1
    assert kinds[c.DEATH] <= 1
    if life.known and life.merged_into is None:
        ours = life.born_by is not None and life.born_by.type == "BirthRegistered"
        assert life.began_here - (not ours) <= kinds[c.BIRTH] + kinds[c.STILLBIRTH] <= life.began_here
        died = life.died is not None and not life.stillborn
        assert kinds[c.DEATH] == died or (died and life.died_by.type != "DeathRegistered")
        assert not (life.stillborn and (kinds[c.BIRTH] or not kinds[c.STILLBIRTH]))
    else:
        assert cells == []


def check_sums(history: History, lives: Mapping[bytes, LifeCourse]) -> None:
    """Over all areas, moves between them cancel; where people live and where they are registered agree."""
    everything = [cell for life in lives.values() for cell in contributions(life)]
    net: Counter[str | None] = Counter()
    for cell in everything:
        if isinstance(cell, Move) and cell.kind == c.INTERNAL:
            assert cell.origin != cell.destination
            net[cell.origin] -= cell.n
            net[cell.destination] += cell.n
        elif isinstance(cell, Move):
            assert (cell.kind == c.OUT) == (cell.origin in AREAS)
            assert (cell.kind == c.OUT) != (cell.destination in AREAS)
    assert set(net) <= set(AREAS)
    assert net.total() == 0
    stock: Counter[tuple[str, str]] = Counter()
    for cell in everything:
        if isinstance(cell, Change):
            stock[cell.population, cell.area] += cell.n
    for area in AREAS:
        here = stock[c.USUAL, area] - stock[c.INFLOW, area]
        assert here == stock[c.REGISTERED, area] - stock[c.OUTFLOW, area] >= 0
    unions = [cell for cell in everything if isinstance(cell, Occurrence) and cell.kind == c.MARRIAGE]
    assert len(unions) <= len({fact.event_id for fact in history.facts})


def check_order(history: History, lives: Mapping[bytes, LifeCourse]) -> None:
    """Order, copies and strangers play no part."""
    found = {who: add_up(contributions(life)) for who, life in lives.items()}
    lots = random.Random(history.seed)
    again = history.facts + lots.sample(history.facts, len(history.facts) // 3)
    lots.shuffle(again)
    assert {who: add_up(cells) for who, cells in count(History(again)).items()} == found
    for who in sorted(found)[history.seed % 4 :: 4]:
        (alone,) = fold_people(facts_about(who, history.facts), {who}).values()
        assert add_up(contributions(alone)) == found[who]


def check_annulled(history: History) -> None:
    """What is annulled was never counted."""
    target = next((fact for fact in history.facts if fact.type not in ACTS), None)
    if target is None or any(fact.type in ACTS for fact in history.facts):
        return
    log = Log()
    annulment = log.annul(target, "2099-01-01", event="the last word")
    never = [fact for fact in history.facts if fact.event_id != target.event_id]
    people = history.people
    with_it = fold_people([*history.facts, annulment], people)
    without = fold_people(never, people)
    for who in people:
        assert add_up(contributions(with_it[who])) == add_up(contributions(without[who]))
