"""Two records of one person, and merges that were wrong."""

from services.projections.register.life import Fact, fold_people, rows, timeline
from services.projections.register.life.rows import TABLES
from tests.projections.histories import fold_rows
from tests.projections.register.life.lives import fold, homes, kinds, written
from tests.projections.sentences import Log, key


def two_records(log: Log) -> None:
    log.say("BirthRegistered", "1980-05-03", area="A", child="ada", sex="female", live_birth=True)
    log.say("DeathRegistered", "2001-01-01", area="A", deceased="adah", sex="female")


def merge(log: Log, kept: str, merged: str, on: str = "2002-01-01") -> Fact:
    return log.say("PersonsMerged", on, kept=kept, merged=merged)


def reverse(log: Log, wrong: Fact, **words: str) -> Fact:
    kept, merged = (subject.person_id for subject in wrong.subjects)
    names = {"kept": kept, "merged": merged} | words
    return log.say("MergeReversed", "2003-01-01", merge_event_id=wrong.event_id, **names)


def test_the_record_kept_has_both_timelines_and_the_other_says_where_it_went(log: Log) -> None:
    two_records(log)
    merge(log, "ada", "adah")
    assert homes(fold(log, "ada")) == "1980-05-03 A, 2001-01-01 end"
    lives = fold_people(log.facts, [key("ada"), key("adah")])
    assert rows(lives[key("adah")]) == {"person": [(key("adah"), key("ada"), *[None] * (len(TABLES["person"]) - 3), 0)]}
    assert lives[key("ada")].members == (key("adah"),)
    assert [entry.fact.type for entry in timeline(lives[key("ada")])] == [
        "BirthRegistered", "DeathRegistered", "PersonsMerged",
    ]  # fmt: skip


def test_a_merge_that_was_reversed_was_never(log: Log) -> None:
    two_records(log)
    before = fold_rows(log.facts)
    reverse(log, merge(log, "ada", "adah"))
    assert fold_rows(log.facts) == before
    assert [entry.state for entry in timeline(fold(log, "ada"))] == ["stands", "reversed", "stands"]


def test_a_merge_may_be_annulled_or_corrected_like_any_event(log: Log) -> None:
    two_records(log)
    before = fold_rows(log.facts)
    wrong = merge(log, "ada", "bob")
    log.correct(wrong, "2003-01-01", merge(Log(), "ada", "adah"))
    assert homes(fold(log, "ada")) == "1980-05-03 A, 2001-01-01 end"
    log.annul(wrong, "2004-01-01")
    assert fold_rows(log.facts) == before


def test_merges_chain_to_the_record_that_no_merge_gives_up(log: Log) -> None:
    two_records(log)
    merge(log, "ada", "bea")
    merge(log, "bea", "adah")
    assert homes(fold(log, "ada")) == "1980-05-03 A, 2001-01-01 end"
    assert {fold(log, name).merged_into for name in ("bea", "adah")} == {key("ada")}
    assert fold(log, "ada").findings == []


def test_of_one_record_merged_into_two_the_later_merge_says_which_is_kept(log: Log) -> None:
    two_records(log)
    merge(log, "ada", "bea")
    merge(log, "adah", "bea", on="2002-02-01")
    assert fold(log, "ada").merged_into == key("adah")
    assert kinds(fold(log, "adah")) == ["merge-contradiction"]


def test_merges_in_a_circle_keep_what_the_latest_keeps(log: Log) -> None:
    two_records(log)
    merge(log, "ada", "adah")
    merge(log, "adah", "ada", on="2002-02-01")
    assert fold(log, "ada").merged_into == key("adah")
    assert kinds(fold(log, "adah")) == ["merge-contradiction"]


def test_a_record_merged_into_itself_is_a_finding(log: Log) -> None:
    two_records(log)
    merge(log, "ada", "ada")
    assert kinds(fold(log, "ada")) == ["merge-contradiction"]


def test_one_of_several_merges_is_undone_by_its_own_reversal(log: Log) -> None:
    two_records(log)
    merge(log, "ada", "bea")
    reverse(log, merge(log, "ada", "adah"))
    assert homes(fold(log, "ada")) == "1980-05-03 A"
    assert fold(log, "bea").merged_into == key("ada")


def test_a_reversal_of_strangers_merge_is_a_finding_and_changes_nobody(log: Log) -> None:
    two_records(log)
    wrong = merge(log, "ada", "adah")
    reverse(log, wrong, kept="bob", merged="bea")
    assert fold(log, "adah").merged_into == key("ada")
    assert kinds(fold(log, "bob")) == ["merge-missing"]


def test_a_person_known_only_from_a_merge_has_a_row_and_no_residence(log: Log) -> None:
    merge(log, "ada", "adah")
    assert len(written(log, "ada", "person")) == len(written(log, "adah", "person")) == 1
    assert written(log, "ada", "residence") == []


def test_a_record_of_another_region_is_not_merged(log: Log) -> None:
    two_records(log)
    fact = merge(log, "ada", "adah")
    log.facts[-1] = fact._replace(subjects=(fact.subjects[0], fact.subjects[1]._replace(region="south")))
    assert fold(log, "adah").merged_into is None
