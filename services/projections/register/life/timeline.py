"""Everything that was ever said about a person, and what became of it: for those who read one life."""

from typing import NamedTuple

from services.projections.register.life.course import LifeCourse
from services.projections.register.life.days import imputed
from services.projections.register.life.fact import Fact
from services.projections.register.life.handling import ACTS, MERGES, get_rank
from services.projections.register.life.merges import MERGED, group
from services.projections.register.life.threads import STANDS, resolve_threads

REVERSED = "reversed"
LAPSED = "lapsed"


class Entry(NamedTuple):
    """`state`: stands, replaced, annulled, reversed (a merge), lapsed (a departure); for corrections and annulments
    in-force, overruled, inert. `by`: the event that decided. `standing`: what is folded instead of a corrected fact.
    `roles`: the person's, in the fact or in what replaced it.
    """

    fact: Fact
    state: str
    by: bytes | None
    standing: Fact | None
    roles: tuple[str, ...]


def timeline(life: LifeCourse) -> list[Entry]:
    """In the order in which things happened; corrections and annulments on the day on which they were made.

    Of a record that was merged into another: what names it alone. Of the record kept: what names any of the group.
    """
    ids = {life.person_id, *life.members}
    chosen = life.facts
    threads = {thread.verdicts[0].fact.thread_id: thread for thread in resolve_threads(chosen)}
    standing = [fact for fact in chosen.values() if fact.type in MERGES and fact.thread_id not in threads]
    standing += [each.standing for each in threads.values() if each.standing and each.standing.type in MERGES]
    reversed_merges = group(standing).reversed_merges
    found = []
    for fact in chosen.values():
        thread = threads.get(fact.thread_id)
        named = [fact] if thread is None else [verdict.fact for verdict in thread.verdicts]
        if thread is not None and thread.standing is not None:
            named.append(thread.standing)
        if not any(subject.person_id in ids for each in named for subject in each.subjects):
            continue
        state, by, instead = STANDS, None, None
        if thread is not None:
            state, by = next((v.state, v.by) for v in thread.verdicts if v.fact.event_id == fact.event_id)
            instead = thread.standing if fact.type not in ACTS else None
        if state == STANDS and fact.type == MERGED and fact.event_id in reversed_merges:
            state, by = REVERSED, reversed_merges[fact.event_id]
        answer = life.answers.get(fact.event_id)
        if state == STANDS and answer is not None and answer.state == LAPSED:
            state, by = LAPSED, answer.fact.event_id
        found.append(Entry(fact, state, by, instead, _roles(instead or fact, ids)))
    return sorted(found, key=_order)


def _roles(fact: Fact, ids: set[bytes]) -> tuple[str, ...]:
    return tuple(sorted(subject.role for subject in fact.subjects if subject.person_id in ids))


def _order(entry: Entry) -> tuple[int, int, int, bytes]:
    fact = entry.standing or entry.fact
    return imputed(fact.occurred_on, fact.precision), get_rank(fact.type), fact.registered_at, entry.fact.event_id
