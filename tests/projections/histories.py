"""Whole histories of a few people, contradictory ones included: what any log might hold.

A history is read off a tape of bytes, so that hypothesis draws one thing only (fast) and shrinks towards fewer events
of simpler kinds. Use `histories()`; `HISTORIES` is how many a run should try.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from services.projections.register.life import Fact, LifeCourse, fold_people, rows
from tests.projections.happenings import (
    answer_departure,
    arrive,
    bear,
    come_back,
    confirm,
    depart,
    die,
    divorce,
    doubtful,
    end_stay,
    enumerate_somebody,
    marry,
    move,
)
from tests.projections.paperwork import exchange, household, mark, merge, paper, serve
from tests.projections.sentences import Log, key
from tests.projections.tape import AREAS, Tape, choose_day, choose_person

HISTORIES = int(os.environ.get("DOMICILE_TEST_HISTORIES", "5000"))
_MERGES = ("PersonsMerged", "MergeReversed")

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass
class History:
    """`facts` in the order of the log; `seed` for whoever wants to shuffle them."""

    facts: list[Fact] = field(default_factory=list)
    seed: int = 0

    @property
    def people(self) -> set[bytes]:
        return {subject.person_id for fact in self.facts for subject in named(fact)}


def named(fact: Fact) -> list[Any]:
    """Subjects of a fact and of what it says instead."""
    return [*fact.subjects, *(fact.replacement.subjects if fact.replacement else ())]


def histories(events: int = 14) -> st.SearchStrategy[History]:
    """Up to so many events."""
    size = events * 12 + 1
    return st.binary(min_size=size, max_size=size).map(lambda tape: read_history(tape, events))


def read_history(tape: bytes, events: int = 14) -> History:
    reader = Tape(tape)
    history = History(seed=reader.number(256))
    log = Log()
    for _ in range(events):
        write = reader.one_of(_WRITERS)
        if write is not None:
            write(reader, log)
    history.facts = log.facts
    return history


def fold_rows(facts: list[Fact], people: set[bytes] | None = None) -> dict[bytes, Rows]:
    """Rows of everybody (or of some) in an order that plays no part; people without rows are left out."""
    return sort_rows(fold_people(facts, History(facts).people if people is None else people))


def sort_rows(lives: Mapping[bytes, LifeCourse]) -> dict[bytes, Rows]:
    """Rows of lives in an order that plays no part; people without rows are left out."""
    found = {}
    for who, life in lives.items():
        if written := rows(life):
            found[who] = {t: lines if len(lines) == 1 else sorted(lines, key=repr) for t, lines in written.items()}
    return found


def facts_about(person_id: bytes, facts: list[Fact]) -> list[Fact]:
    """What the register keeps ready of a person: the threads of everybody ever named in a merge with them."""
    group = {person_id}
    edges = [{s.person_id for s in said.subjects} for fact in facts for said in _sayings(fact) if said.type in _MERGES]
    while any(not edge.isdisjoint(group) and not edge <= group for edge in edges):
        group.update(*(edge for edge in edges if not edge.isdisjoint(group)))
    threads = set()
    for fact in facts:
        if any(subject.person_id in group for subject in named(fact)):
            threads |= {fact.thread_id, fact.event_id}
    return [fact for fact in facts if fact.thread_id in threads or fact.event_id in threads]


def _sayings(fact: Fact) -> list[Fact]:
    return [fact] if fact.replacement is None else [fact, fact.replacement]


def correct(tape: Tape, log: Log) -> None:
    if not log.facts:
        return
    target = tape.one_of(log.facts)
    if target.thread_id != target.event_id and not tape.seldom():
        target = next((fact for fact in log.facts if fact.event_id == target.thread_id), target)
    if tape.seldom():
        target = target._replace(event_id=key(f"lost {tape.number(3)}"))
    if tape.number(2):
        log.annul(target, choose_day(tape), registered=choose_day(tape))
        return
    elsewhere = Log()
    tape.one_of(_FACTS)(tape, elsewhere)
    if elsewhere.facts:
        log.correct(target, choose_day(tape), elsewhere.facts[0], registered=choose_day(tape))


def repeat(tape: Tape, log: Log) -> None:
    """The same event again: sometimes with another content, sometimes earlier on the log by its record time."""
    if not log.facts:
        return
    fact = tape.one_of(log.facts)
    again = fact._replace(offset=10_000 + len(log.facts), recorded_at=fact.recorded_at + tape.number(3) - 1)
    if tape.number(2):
        again = again._replace(content_tag=bytes(16), residence_area=tape.one_of(AREAS))
    log.facts.append(again)


def loop(tape: Tape, log: Log) -> None:
    """Two annulments of one another, or one of itself."""
    first = log.say("EventAnnulled", choose_day(tape), before=choose_person(tape))
    second = first if tape.number(2) else log.say("EventAnnulled", choose_day(tape), before=choose_person(tape))
    log.facts = [fact for fact in log.facts if fact is not first and fact is not second]
    log.facts.append(first._replace(thread_id=second.event_id))
    if second is not first:
        log.facts.append(second._replace(thread_id=first.event_id))


_Writer = Callable[[Tape, Log], None]
_FACTS: tuple[_Writer, ...] = (
    enumerate_somebody, bear, arrive, depart, die, move, marry, divorce, come_back, end_stay, confirm, household,
    paper, mark, exchange, serve, merge,
)  # fmt: skip
_WRITERS: tuple[_Writer | None, ...] = (
    None, enumerate_somebody, bear, arrive, depart, die, move, marry, divorce, come_back, end_stay, confirm,
    household, paper, mark, exchange, serve, merge, correct, repeat, loop, doubtful, answer_departure,
    correct, merge, depart, answer_departure, correct,
)  # fmt: skip
