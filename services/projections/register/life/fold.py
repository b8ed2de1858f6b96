"""The fold: the set of facts about people → their lives. Pure; order, batching and copies of the facts play no part."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from services.projections.register.life.course import LifeCourse
from services.projections.register.life.days import DAY, imputed, period
from services.projections.register.life.fact import Fact, Subject
from services.projections.register.life.findings import CONTESTED_COPY, IDENTIFIER_CONFLICT, Finding
from services.projections.register.life.finish import finish
from services.projections.register.life.handling import ACTS, BEGINNING, HANDLERS, MERGES, Handler
from services.projections.register.life.merges import group
from services.projections.register.life.records import Answer
from services.projections.register.life.threads import Doubt, choose_copies, resolve_threads

Entry: TypeAlias = tuple[int, int, int, bytes, str, bytes, Fact, Subject, Handler | None]
"""(day, rank, registered_at, event_id, role, person_id, …): entries sort into the order in which a life is folded."""

_SPECIAL = ACTS | MERGES
_COUNTERPART = "counterpart"  # a partner region's own record of the person: none of ours
_PSEUDONYM = "pseudonym"
_CONFLICT = "identifier_conflict"
_NO_ANSWERS: Mapping[bytes, Answer] = {}


def fold_people(facts: Iterable[Fact], people: Iterable[bytes]) -> dict[bytes, LifeCourse]:
    """The lives of these people, who are of this region, from all facts of all threads that any of them, or anybody who
    was ever merged with one of them, takes part in. Facts about others do not matter. Merged ids get a life that names
    the record kept; people of whom nothing stands get one that is not there.
    """
    chosen = choose_copies(facts)
    entries: dict[bytes, list[Entry]] = {person_id: [] for person_id in people}
    special = [fact for fact in chosen.values() if fact.type in _SPECIAL]
    if not special:
        _enter(chosen.values(), entries, {})
        return {person_id: _fold(person_id, theirs, chosen) for person_id, theirs in entries.items()}
    standing, doubts = _find_standing(chosen)
    groups = group(fact for fact in standing if fact.type in MERGES)
    kept_of = groups.kept_of
    _enter((fact for fact in standing if fact.type not in MERGES), entries, kept_of)
    lives = {person_id: _fold(person_id, theirs, chosen) for person_id, theirs in entries.items()}
    members: dict[bytes, list[bytes]] = {}
    for person_id, kept in kept_of.items():
        if person_id != kept:
            members.setdefault(kept, []).append(person_id)
            if person_id in lives:
                lives[person_id].merged_into = kept
    for kept, merged in members.items():
        if kept in lives:
            lives[kept].members = tuple(sorted(merged))
    _tell([*doubts, *groups.doubts], lives, kept_of)
    return lives


def _find_standing(chosen: Mapping[bytes, Fact]) -> tuple[list[Fact], list[Doubt]]:
    """What stands of all threads."""
    threads = resolve_threads(chosen)
    decided = {verdict.fact.event_id for thread in threads for verdict in thread.verdicts}
    standing = [fact for fact in chosen.values() if fact.type not in ACTS and fact.event_id not in decided]
    standing += [thread.standing for thread in threads if thread.standing is not None]
    return standing, [doubt for thread in threads for doubt in thread.doubts]


def _enter(facts: Iterable[Fact], entries: dict[bytes, list[Entry]], kept_of: Mapping[bytes, bytes]) -> None:
    """Gives each fact to everybody of ours whom it names."""
    find_handler, find_entries = HANDLERS.get, entries.get
    for fact in facts:
        # By place, because this is the innermost loop: names cost twice as much.
        event_id, event_type, day, exact, registered_at = fact[0], fact[7], fact[8], fact[9] == "day", fact[10]
        handler = find_handler(event_type)
        rank = BEGINNING if handler is None else handler.rank
        for subject in fact[17]:
            role, _, person_id, _ = subject
            theirs = find_entries(kept_of.get(person_id, person_id) if kept_of else person_id)
            if theirs is not None and role != _COUNTERPART:
                when = day if exact else _sort_day(fact, role)
                theirs.append((when, rank, registered_at, event_id, role, person_id, fact, subject, handler))


def _sort_day(fact: Fact, role: str) -> int:
    """An inexact birth comes before, an inexact death after everything else in its period; other things stand at the
    middle of theirs.
    """
    if role == "child" and fact.type == "BirthRegistered":
        return period(fact.occurred_on, fact.precision)[0]
    if role == "deceased":
        return period(fact.occurred_on, fact.precision)[1]
    return imputed(fact.occurred_on, fact.precision)


def _fold(person_id: bytes, entries: list[Entry], chosen: Mapping[bytes, Fact]) -> LifeCourse:
    if len(entries) > 1:
        entries.sort()
    life = LifeCourse(person_id, chosen, _NO_ANSWERS)
    _run(life, entries)
    if life.made and "heard" in life.made:
        # What became of departures decides whether they count: known only now, so once more from the start.
        life = LifeCourse(person_id, chosen, life.heard)
        _run(life, entries)
    born_on = life.born_on
    if born_on is not None and life.born_precision == DAY and life.first_day >= born_on and life.died_on is None:
        life.born = born_on
        if not life.made:
            return life
    finish(life, entries)
    return life


def _run(life: LifeCourse, entries: list[Entry]) -> None:
    known = False
    for day, _, _, _, role, _, fact, subject, handler in entries:
        _, region, _, identified_by = subject
        life.day = day
        if not known:
            life.region = region
            if identified_by != _PSEUDONYM:
                known = life.known = True
                life.first_day = day
            else:
                life.pseudonymous = True
        if identified_by == _CONFLICT:
            life.doubt(fact, IDENTIFIER_CONFLICT)
        if fact[20]:
            life.doubt(fact, CONTESTED_COPY)
        if handler is not None:
            handler.fold(life, fact, role, *fact[18])


def _tell(doubts: list[Doubt], lives: Mapping[bytes, LifeCourse], kept_of: Mapping[bytes, bytes]) -> None:
    """Findings about threads and merges go to everybody named."""
    for kind, fact, people in doubts:
        named = fact.residence_area or fact.occurrence_area
        if named is None and fact.replacement is not None:
            named = fact.replacement.residence_area
        day = imputed(fact.occurred_on, fact.precision)
        for person_id in {kept_of.get(person_id, person_id) for person_id in people}:
            if (life := lives.get(person_id)) is not None:
                area = named or life.usual[0] or life.registered[0]
                life.findings.append(Finding(kind, fact.event_id, None, day, area, fact.office))
                life.pseudonymous |= fact.topic.endswith(".service")
