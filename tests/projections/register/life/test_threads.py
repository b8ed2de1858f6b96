"""Copies, corrections, annulments: what stands of all that was said about one event."""

from services.projections.register.life import Fact, timeline
from tests.projections.register.life.lives import fold, homes, kinds, written
from tests.projections.sentences import Log, key


def birth(on: str, area: str = "A", child: str = "ada") -> Fact:
    return Log().say("BirthRegistered", on, area=area, event="elsewhere", child=child, sex="female", live_birth=True)


def born(log: Log, on: str = "1980-05-03", area: str = "A") -> Fact:
    return log.say("BirthRegistered", on, area=area, child="ada", sex="female", live_birth=True)


def states(log: Log, name: str = "ada") -> list[tuple[str, str]]:
    return [(entry.fact.type, entry.state) for entry in timeline(fold(log, name))]


def test_a_correction_replaces_its_target_even_when_it_comes_first(log: Log) -> None:
    target = born(log)
    log.correct(target, "1990-01-01", birth("1980-05-04", "B"))
    log.facts.reverse()
    assert homes(fold(log, "ada")) == "1980-05-04 B"
    assert states(log) == [("BirthRegistered", "replaced"), ("EventCorrected", "in-force")]
    (first, _) = timeline(fold(log, "ada"))
    assert first.standing is not None
    assert first.by == log.facts[0].event_id


def test_the_latest_act_decides_by_when_the_office_took_it_down(log: Log) -> None:
    target = born(log)
    log.correct(target, "1990-01-01", birth("1980-05-05"), registered="1992-01-01")
    log.correct(target, "1990-01-01", birth("1980-05-04"), registered="1991-01-01")
    assert homes(fold(log, "ada")) == "1980-05-05 A"
    assert states(log)[1:] == [("EventCorrected", "overruled"), ("EventCorrected", "in-force")]


def test_an_annulled_event_leaves_nothing_and_stays_in_the_timeline(log: Log) -> None:
    log.annul(born(log), "1990-01-01")
    assert written(log, "ada", "person") == []
    assert states(log) == [("BirthRegistered", "annulled"), ("EventAnnulled", "in-force")]


def test_an_event_may_be_corrected_after_it_was_annulled(log: Log) -> None:
    target = born(log)
    log.annul(target, "1990-01-01")
    log.correct(target, "1991-01-01", birth("1980-05-04"))
    assert homes(fold(log, "ada")) == "1980-05-04 A"


def test_who_is_not_in_the_replacement_is_not_touched_and_who_is_new_is(log: Log) -> None:
    target = born(log)
    log.correct(target, "1990-01-01", birth("1980-05-03", child="bea"))
    assert written(log, "ada", "person") == []
    assert homes(fold(log, "bea")) == "1980-05-03 A"
    assert states(log) == [("BirthRegistered", "replaced"), ("EventCorrected", "in-force")]


def test_a_correction_stands_without_its_target_and_is_a_finding(log: Log) -> None:
    log.correct(birth("1980-05-03"), "1990-01-01", birth("1980-05-04"))
    assert homes(fold(log, "ada")) == "1980-05-04 A"
    assert kinds(fold(log, "ada")) == ["target-missing"]


def test_an_annulment_of_nothing_is_a_finding_of_everybody_named(log: Log) -> None:
    log.annul(birth("1980-05-03"), "1990-01-01")
    assert kinds(fold(log, "ada")) == ["target-missing"]
    assert written(log, "ada", "residence") == []


def test_an_act_about_an_act_has_no_effect(log: Log) -> None:
    annulment = log.annul(born(log), "1990-01-01")
    log.annul(annulment, "1991-01-01")
    assert written(log, "ada", "residence") == []
    assert kinds(fold(log, "ada")) == ["act-on-an-act"]
    assert states(log)[-1] == ("EventAnnulled", "inert")


def test_acts_in_a_circle_have_no_effect(log: Log) -> None:
    born(log)
    one = log.annul(birth("1980-05-03"), "1990-01-01", event="one")
    two = log.annul(birth("1980-05-03"), "1990-01-01", event="two")
    log.facts[1:] = [one._replace(thread_id=key("two")), two._replace(thread_id=key("one"))]
    assert homes(fold(log, "ada")) == "1980-05-03 A"
    assert kinds(fold(log, "ada")) == ["act-on-an-act", "act-on-an-act"]


def test_of_two_contents_under_one_id_the_earlier_on_the_log_counts(log: Log) -> None:
    first = born(log)
    log.facts.insert(0, first._replace(offset=9, residence_area="B", content_tag=b"another"))
    assert homes(fold(log, "ada")) == "1980-05-03 A"
    assert kinds(fold(log, "ada")) == ["contested-copy"]


def test_a_copy_that_says_the_same_is_no_finding(log: Log) -> None:
    first = born(log)
    log.facts += [first, first._replace(offset=9, recorded_at=9_999)]
    assert fold(log, "ada").findings == []
    assert len(written(log, "ada", "residence")) == 1


def test_an_identifier_of_somebody_with_another_birth_date_is_a_finding(log: Log) -> None:
    fact = born(log)
    doubtful = fact._replace(subjects=(fact.subjects[0]._replace(identified_by="identifier_conflict"),))
    assert kinds(fold([doubtful], "ada")) == ["identifier-conflict"]


def test_a_birth_registration_knows_the_birth_date_best(log: Log) -> None:
    log.say("PersonEnumerated", "1994-12-31", area="A", person="ada", sex="female", birth_on="1979-01-01")
    born(log)
    log.say("NameChanged", "2000-01-01", person="ada")
    assert homes(fold(log, "ada")) == "1980-05-03 A"
    assert kinds(fold(log, "ada")) == ["birth-date-differs"]


def test_a_more_exact_birth_date_that_agrees_is_taken_and_no_finding(log: Log) -> None:
    log.say("PersonEnumerated", "1994-12-31", area="A", person="ada", sex="unknown", birth_on="1980")
    log.say("DeathRegistered", "2000-01-01", area="A", deceased="ada", sex="female", birth_on="1980-11-03")
    assert homes(fold(log, "ada")) == "1980-11-03 unknown, 1994-12-31 A, 2000-01-01 end"
    assert fold(log, "ada").findings == []
    assert fold(log, "ada").sex == "female"


def test_another_sex_is_a_finding_and_the_first_stands(log: Log) -> None:
    born(log)
    log.say("DeathRegistered", "2000-01-01", area="A", deceased="ada", sex="male")
    assert fold(log, "ada").sex == "female"
    assert kinds(fold(log, "ada")) == ["sex-differs"]
