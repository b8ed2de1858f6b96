"""All that was ever said about one event, and what of it stands. Order of arrival plays no part."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from services.projections.register.life.fact import Fact
from services.projections.register.life.findings import ACT_ON_AN_ACT, CONTESTED_COPY, TARGET_MISSING
from services.projections.register.life.handling import ACTS

STANDS, REPLACED, ANNULLED = "stands", "replaced", "annulled"
IN_FORCE, OVERRULED, INERT = "in-force", "overruled", "inert"


class Verdict(NamedTuple):
    """What became of one fact of a thread. `by`: the act that decided."""

    fact: Fact
    state: str
    by: bytes | None


class Doubt(NamedTuple):
    """A finding about a thread or a merge: it concerns everybody who is named in it."""

    kind: str
    fact: Fact
    people: frozenset[bytes]


class Thread(NamedTuple):
    """`standing`: what is folded, if anything; `verdicts`: what became of each of its facts."""

    standing: Fact | None
    verdicts: list[Verdict]
    doubts: list[Doubt]


def choose_copies(facts: Iterable[Fact]) -> dict[bytes, Fact]:
    """One fact per event id: the earliest on the log; `contested` if any copy says something else."""
    chosen: dict[bytes, Fact] = {}
    keep = chosen.setdefault
    for fact in facts:
        other = keep(fact.event_id, fact)
        if other is not fact:
            first = min(other, fact, key=_place)
            contested = other.contested or fact.contested or other.content_tag != fact.content_tag
            chosen[fact.event_id] = first._replace(contested=True) if contested and not first.contested else first
    return chosen


def resolve_threads(chosen: Mapping[bytes, Fact]) -> list[Thread]:
    """All threads of these facts that hold a correction or an annulment."""
    touched: dict[bytes, list[Fact]] = {}
    for fact in chosen.values():
        if fact.type in ACTS:
            touched.setdefault(fact.thread_id, []).append(fact)
    threads = []
    for thread_id, acts in touched.items():
        acts.sort(key=_latest_last)
        target = chosen.get(thread_id)
        if target is not None and target.type in ACTS:
            threads.append(_refuse(acts))
        else:
            threads.append(_resolve(target, acts))
    return threads


def _resolve(target: Fact | None, acts: list[Fact]) -> Thread:
    """The latest act decides, by (registered_at, event_id): its replacement stands, or nothing. A replacement stands
    without its target too, for it is complete.
    """
    deciding = acts[-1]
    standing = deciding.replacement
    if standing is not None and standing.type in ACTS:
        standing = None
    elif standing is not None and standing.event_id != deciding.thread_id:
        standing = standing._replace(event_id=deciding.thread_id)
    verdicts = [Verdict(act, OVERRULED, deciding.event_id) for act in acts[:-1]]
    verdicts.append(Verdict(deciding, IN_FORCE, None))
    named = [*acts] if standing is None else [*acts, standing]
    doubts = [Doubt(CONTESTED_COPY, act, people_in([act])) for act in acts if act.contested]
    if target is None:
        doubts.append(Doubt(TARGET_MISSING, deciding, people_in(named)))
    else:
        state = ANNULLED if standing is None else REPLACED
        verdicts.append(Verdict(target, state, deciding.event_id))
    return Thread(standing, verdicts, doubts)


def _refuse(acts: list[Fact]) -> Thread:
    """Acts about an act have no effect, and so a cycle of them has none."""
    return Thread(
        None,
        [Verdict(act, INERT, act.thread_id) for act in acts],
        [Doubt(ACT_ON_AN_ACT, act, people_in([act])) for act in acts],
    )


def _place(fact: Fact) -> tuple[int, str, int, int]:
    return fact.recorded_at, fact.topic, fact.partition, fact.offset


def _latest_last(fact: Fact) -> tuple[int, bytes]:
    return fact.registered_at, fact.event_id


def people_in(facts: Iterable[Fact]) -> frozenset[bytes]:
    """Everybody whom the facts name."""
    return frozenset(subject.person_id for fact in facts for subject in fact.subjects)
