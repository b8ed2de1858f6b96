"""Civil status: marriages, partnerships, divorces, widowhood."""

import pytest

from tests.projections.register.life.lives import fold, kinds, statuses, written
from tests.projections.sentences import Log, key


def marry(log: Log, on: str, one: str = "ada", two: str = "ben", **words: str) -> object:
    return log.say(
        "MarriageRegistered",
        on,
        first_spouse=one,
        second_spouse=two,
        first_spouse_sex="female",
        second_spouse_sex="male",
        **words,
    )


def divorce(log: Log, on: str, one: str = "ada", two: str = "ben", **words: str) -> object:
    return log.say(
        "DivorceRegistered",
        on,
        first_spouse=one,
        second_spouse=two,
        first_spouse_sex="female",
        second_spouse_sex="male",
        **words,
    )


def die(log: Log, on: str, who: str, spouse: str) -> None:
    log.say("DeathRegistered", on, deceased=who, surviving_spouse=spouse, sex="male")


def test_both_spouses_are_married_to_one_another_until_the_divorce(log: Log) -> None:
    marry(log, "2001-01-01")
    divorce(log, "2003-01-01")
    for one, two in (("ada", "ben"), ("ben", "ada")):
        assert statuses(fold(log, one)) == "2001-01-01 married, 2003-01-01 divorced"
        assert [row[-1] for row in written(log, one, "civil_status")] == [key(two), None]
        assert fold(log, one).findings == []


def test_a_death_leaves_the_spouse_that_it_names_widowed(log: Log) -> None:
    marry(log, "2001-01-01")
    die(log, "2005-01-01", "ben", "ada")
    assert statuses(fold(log, "ada")) == "2001-01-01 married, 2005-01-01 widowed"
    assert statuses(fold(log, "ben")) == "2001-01-01 married"
    assert written(log, "ben", "civil_status")[0][1] is not None


def test_spouses_who_die_on_one_day_are_no_finding(log: Log) -> None:
    marry(log, "2001-01-01")
    die(log, "2005-01-01", "ben", "ada")
    die(log, "2005-01-01", "ada", "ben")
    for name in ("ada", "ben"):
        assert statuses(fold(log, name)) == "2001-01-01 married"
        assert "after-death" not in kinds(fold(log, name))


def test_an_annulled_death_makes_nobody_a_widow(log: Log) -> None:
    marry(log, "2001-01-01")
    die(log, "2005-01-01", "ben", "ada")
    log.annul(log.facts[-1], "2006-01-01")
    assert statuses(fold(log, "ada")) == "2001-01-01 married"


def test_a_second_marriage_is_a_finding_and_the_later_counts(log: Log) -> None:
    marry(log, "2001-01-01")
    marry(log, "2002-01-01", two="cyd")
    assert kinds(fold(log, "ada")) == ["second-marriage"]
    assert fold(log, "ada").spouse_id == key("cyd")
    divorce(log, "2003-01-01")  # from the first
    assert statuses(fold(log, "ada")) == "2001-01-01 married, 2002-01-01 married"
    assert kinds(fold(log, "ada")) == ["second-marriage", "union-not-recorded"]


def test_divorced_and_married_again_on_one_day(log: Log) -> None:
    marry(log, "2001-01-01")
    marry(log, "2003-01-01", two="cyd")
    divorce(log, "2003-01-01")
    assert fold(log, "ada").findings == []
    assert statuses(fold(log, "ada")) == "2001-01-01 married, 2003-01-01 married"


def test_a_partnership_becomes_a_marriage(log: Log) -> None:
    marry(log, "2001-01-01", union_kind="registered-partnership")
    divorce(log, "2003-01-01", ending="converted")
    marry(log, "2003-01-01", union_kind="marriage")
    assert fold(log, "ada").findings == []
    assert statuses(fold(log, "ada")) == "2001-01-01 partnered, 2003-01-01 married"


@pytest.mark.parametrize(("before", "after"), [(None, "never-married"), ("widowed", "widowed")])
def test_a_union_declared_void_leaves_the_status_before_it(log: Log, before: str | None, after: str) -> None:
    log.say("PersonEnumerated", "2000-01-01", area="A", person="ada", sex="female", civil_status=before)
    marry(log, "2001-01-01")
    divorce(log, "2003-01-01", ending="annulment")
    assert statuses(fold(log, "ada")).endswith(f"2001-01-01 married, 2003-01-01 {after}")


def test_who_was_born_here_has_never_married(log: Log) -> None:
    log.say("BirthRegistered", "1980-05-03", area="A", child="ada", sex="female", live_birth=True)
    assert fold(log, "ada").status == "never-married"
    assert written(log, "ada", "civil_status") == []
    divorce(log, "2003-01-01")
    assert kinds(fold(log, "ada")) == ["union-not-recorded"]
    assert statuses(fold(log, "ada")) == "2003-01-01 divorced"


def test_a_declared_status_that_differs_is_a_finding_and_counts(log: Log) -> None:
    marry(log, "2001-01-01")
    log.say(
        "ArrivalRegistered",
        "2002-01-01",
        area="A",
        mover="ada",
        to_area="A",
        residence_kind="permanent",
        from_kind="unknown",
        sex="female",
        civil_status="divorced",
    )
    assert kinds(fold(log, "ada")) == ["civil-status-differs"]
    assert statuses(fold(log, "ada")) == "2001-01-01 married, 2002-01-01 divorced"


def test_a_partner_region_tells_of_a_marriage(log: Log) -> None:
    log.say(
        "RecordUpdatedByPartner",
        "2002-01-01",
        mover="ada",
        spouse="far",
        partner_region="south",
        change_kind="marriage",
        civil_status="married",
    )
    assert statuses(fold(log, "ada")) == "2002-01-01 married"
    assert fold(log, "ada").spouse_id == key("far")
