"""Whatever the log holds: order, batching, copies, annulments and merges that were undone play no part."""

import random
from collections import Counter
from itertools import pairwise

from hypothesis import HealthCheck, given, settings

from services.projections.register.life import Fact, LifeCourse, fold_people
from services.projections.register.life.episodes import civil_statuses, memberships, residences
from services.projections.register.life.findings import KINDS
from services.projections.register.life.handling import ACTS
from services.projections.register.life.places import UNKNOWN
from services.projections.register.life.rows import TABLES
from tests.projections.histories import HISTORIES, History, Rows, facts_about, fold_rows, histories, sort_rows
from tests.projections.sentences import Log, key
from tests.projections.tape import PEOPLE

seen: Counter[str] = Counter()


def test_any_history_folds_to_the_same_rows_however_it_is_read() -> None:
    """And every life of it is whole; every kind of finding is met."""
    seen.clear()

    @settings(max_examples=HISTORIES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(history=histories())
    def check(history: History) -> None:
        seen["histories"] += 1
        lives = fold_people(history.facts, history.people)
        found = sort_rows(lives)
        for who, life in lives.items():
            check_life(life, found.get(who, {}))
        check_shuffled(history, found)
        check_annulled(history)
        if history.seed % 2:
            check_one_person_alone(history, found)
        else:
            check_merged_and_reversed(history, found)

    check()
    assert seen["histories"] >= HISTORIES
    assert HISTORIES < 5_000 or set(KINDS) <= set(seen), "a kind of finding that no history met"


def check_shuffled(history: History, found: object) -> None:
    """Another order, and some records twice."""
    lots = random.Random(history.seed)
    again = history.facts + lots.sample(history.facts, len(history.facts) // 3)
    lots.shuffle(again)
    assert fold_rows(again, history.people) == found


def check_one_person_alone(history: History, found: dict[bytes, object]) -> None:
    """Facts about others change nothing."""
    for who in sorted(history.people)[history.seed % 4 :: 4]:
        alone = fold_rows(facts_about(who, history.facts), {who})
        assert alone.get(who) == found.get(who)


def check_annulled(history: History) -> None:
    """An event that is annulled is as if nobody had ever said anything of it."""
    facts = [fact for fact in history.facts if fact.type not in ACTS]
    if not facts:
        return
    target = facts[history.seed % len(facts)]
    thread = [fact for fact in history.facts if target.event_id in (fact.event_id, fact.thread_id)]
    said = {fact.event_id for fact in thread}
    if any(fact.type in ACTS and fact.contested for fact in thread) or any(
        fact.thread_id in said - {target.event_id} or (fact.event_id in said and fact not in thread)
        for fact in history.facts
    ):
        return  # acts about its acts speak of something else than it
    if _contested_acts(thread):
        return
    seen["annulled"] += 1
    annulment = Log().annul(target, "2099-01-01", event="the last word")
    never = [fact for fact in history.facts if fact not in thread]
    assert fold_rows([*history.facts, annulment], history.people) == fold_rows(never, history.people)


def _contested_acts(thread: list[Fact]) -> bool:
    tags: dict[bytes, set[bytes]] = {}
    for fact in thread:
        tags.setdefault(fact.event_id, set()).add(fact.content_tag)
    return any(len(tags[fact.event_id]) > 1 for fact in thread if fact.type in ACTS)


def check_merged_and_reversed(history: History, found: object) -> None:
    log = Log()
    kept, merged = PEOPLE[history.seed % 5], PEOPLE[(history.seed // 7) % 5]
    merge = log.say("PersonsMerged", "2050-01-01", kept=kept, merged=merged, event="a new merge")
    people = history.people | {key(kept), key(merged)}
    reversal = log.say(
        "MergeReversed", "2050-01-02", kept=kept, merged=merged, merge_event_id=merge.event_id, event="its reversal"
    )
    assert fold_rows([*history.facts, merge, reversal], people) == found


def check_life(life: LifeCourse, written: Rows) -> None:
    assert bool(written) == life.is_there or not life.known
    if life.merged_into is not None:
        assert set(written) == {"person"}
        assert life.merged_into != life.person_id
        return
    for table, lines in written.items():
        assert all(len(line) == len(TABLES[table]) and line[0] == life.person_id for line in lines)
    if life.findings:
        seen.update({finding.kind for finding in life.findings})
        assert set(KINDS) >= {finding.kind for finding in life.findings}
    check_tracks(life)
    for spans in (civil_statuses(life), memberships(life)):
        for one, two in pairwise(spans):
            assert one.from_day < one.to_day <= two.from_day
            assert one.to_day < two.from_day or one.state != two.state
        assert all(life.died is None or span.to_day <= life.died for span in spans)
    for departure in life.departures.values():
        assert departure.state in ("awaiting", "confirmed", "lapsed", "final")
        assert (departure.answered_day is not None) == (departure.state in ("confirmed", "lapsed")) or (
            departure.state == "final"
        )


def check_tracks(life: LifeCourse) -> None:
    """From birth or first knowledge to death: one place to live and one of registration, never two, never none."""
    episodes = residences(life)
    if not life.known or (life.died is not None and life.died <= life.start):
        assert episodes == []
        return
    assert episodes[0].from_day == life.start
    assert episodes[-1].to_day == life.died
    for one, two in pairwise(episodes):
        assert one.from_day < one.to_day == two.from_day
        assert (one.usual, one.kind, one.registered) != (two.usual, two.kind, two.registered)
    for episode in episodes:
        for place in (episode.usual, episode.registered):
            area, region, region_area, country = place
            assert place == UNKNOWN or sum(each is not None for each in (area, region, country)) == 1
            assert region_area is None or region is not None
