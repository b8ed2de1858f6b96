"""Who is paired by a machine, who is shown to people, and who is not found."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.exchange.pairing.candidate import Place, State
from services.exchange.pairing.matching import match
from services.exchange.pairing.pairing import NEEDS_PEOPLE, Kind, Rule
from services.exchange.protocol.failures import spoken_code
from tests.exchange.pairing.people import ANNA, ID, RIC, ask, held

LINK = UUID(int=99)


def without(said: dict[str, Any], *fields: str) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name not in fields}


def test_the_minimum_set_pairs_where_it_is_exact_and_unique() -> None:
    pairing = match(ask(ANNA), [held(1, ANNA)])
    assert (pairing.kind, pairing.person_id, pairing.rule) == (Kind.PAIRED, UUID(int=1), Rule.MINIMUM_SET)
    assert match(ask(ANNA), [held(1, ANNA), held(2, ANNA)]).kind is Kind.NOT_UNIQUE


@pytest.mark.parametrize(
    "change",
    [
        {"given_names": "Anne"},
        {"birth_on": "1975-02-03"},
        {"birth_on": "1975"},
        {"last_address_at_recipient": {"lines": ["Hill Road 11"]}},
        {"sex": "male"},
    ],
)
def test_what_is_not_exact_is_for_people(change: dict[str, Any]) -> None:
    pairing = match(ask(ANNA | change), [held(1, ANNA)])
    assert pairing.kind is Kind.CANDIDATES
    assert [found.person_id for found in pairing.found] == [UUID(int=1)]


def test_an_identifier_pairs_with_a_name_that_is_nearly_the_same() -> None:
    said = without(ANNA, "last_address_at_recipient") | ID
    for names in ({}, {"given_names": "Ana"}, {"family_name": "Anna", "given_names": "Berg"}):
        pairing = match(ask(said | names), [held(1, ANNA | ID)])
        assert (pairing.kind, pairing.rule) == (Kind.PAIRED, Rule.IDENTIFIER), names


@pytest.mark.parametrize(
    ("asked", "holds"),
    [
        ({"family_name": "王", "given_names": "小明"}, {"full_name": "Wang Xiaoming"}),
        ({"family_name": "Чайковская", "given_names": "Анна"}, {"full_name": "Anna Tchaikovskaya"}),
        ({"full_name": "محمد علي"}, {"family_name": "Ali", "given_names": "Mohammed"}),
        ({"family_name": "Weiß", "given_names": "Jürgen"}, {"full_name": "Juergen Weiss"}),
        ({"family_name": "张", "given_names": "伟"}, {"family_name": "張", "given_names": "偉"}),
    ],
)
def test_one_name_in_two_scripts_pairs_by_identifier_and_is_shown_to_people_without(
    asked: dict[str, Any], holds: dict[str, Any]
) -> None:
    bare = {"birth_on": "1975-03-02"}
    with_id = match(ask(bare | asked | ID), [held(1, bare | holds | ID)])
    assert (with_id.kind, with_id.rule) == (Kind.PAIRED, Rule.IDENTIFIER)
    assert match(ask(bare | asked), [held(1, bare | holds)]).kind is Kind.CANDIDATES


@pytest.mark.parametrize("change", [{"birth_on": "1975-03-03"}, {"family_name": "Ek", "given_names": "Eva"}])
def test_an_identifier_of_somebody_else_is_a_conflict_and_never_automatic(change: dict[str, Any]) -> None:
    pairing = match(ask(ANNA | ID | change), [held(1, ANNA | ID)])
    assert (pairing.kind, pairing.person_id) == (Kind.CONFLICT, None)


def test_an_identifier_of_two_records_is_a_conflict() -> None:
    pairing = match(ask(ANNA | ID), [held(1, ANNA | ID), held(2, ANNA | ID | {"birth_on": "1975-03-03"})])
    assert (pairing.kind, len(pairing.found)) == (Kind.CONFLICT, 2)


def test_a_conflict_shows_who_fits_without_the_identifier_too() -> None:
    other = {"family_name": "Ek", "given_names": "Eva", "birth_on": "1981-01-01"}
    pairing = match(ask(ANNA | ID), [held(1, other | ID), held(2, ANNA)])
    assert (pairing.kind, {found.person_id.int for found in pairing.found}) == (Kind.CONFLICT, {1, 2})


@pytest.mark.parametrize("value", ["000000000000000000", "000000194912310000", "111111111111111111"])
def test_a_placeholder_is_absent_whatever_its_sender_thinks(value: str) -> None:
    said = {"identifiers": [{"kind": "cn.ric", "value": value, "id_quality": "VERIFIED"}]}
    assert match(ask(without(ANNA, "last_address_at_recipient") | said), [held(1, ANNA | said)]).kind is Kind.CANDIDATES
    assert match(ask(said), [held(1, ANNA | said)]).kind is Kind.INSUFFICIENT


def test_a_bad_check_digit_supports_and_never_pairs() -> None:
    bad = {"identifiers": [{"kind": "cn.ric", "value": "110105194912310021", "id_quality": "CHECKSUM_BAD"}]}
    bare = without(ANNA, "last_address_at_recipient")
    pairing = match(ask(bare | bad), [held(1, ANNA | RIC)])
    assert pairing.kind is Kind.CANDIDATES
    assert {each.field: each.verdict for each in pairing.found[0].explanation}["identifier"] == "close"
    assert pairing.found[0].score >= match(ask(bare), [held(1, ANNA | RIC)]).found[0].score
    claimed = {"identifiers": [{**RIC["identifiers"][0], "id_quality": "CHECKSUM_BAD"}]}
    assert match(ask(bare | claimed), [held(1, ANNA | RIC)]).kind is Kind.CANDIDATES


def test_another_good_identifier_stands_against_the_minimum_set() -> None:
    other = {"identifiers": [{"kind": "local", "value": "Z-9876", "id_quality": "FORMAT_OK"}]}
    assert match(ask(ANNA | ID), [held(1, ANNA | other)]).kind is Kind.CANDIDATES


def test_somebody_whom_the_partner_names_by_an_open_link_is_paired_though_the_family_name_changed() -> None:
    linked = State(linked_with=frozenset({("south", LINK)}))
    asked = ask(ANNA | {"family_name": "Ek", "recipient_person_id": str(UUID(int=1))}, link_id=LINK)
    pairing = match(asked, [held(1, ANNA, linked, named=True)])
    assert (pairing.kind, pairing.rule, pairing.refusal) == (Kind.PAIRED, Rule.LINK, None)
    assert match(asked, [held(1, ANNA, named=True)]).kind is Kind.CANDIDATES
    born = ask(ANNA | {"birth_on": "1975-03-03"}, link_id=LINK)
    assert match(born, [held(1, ANNA, linked, named=True)]).kind is Kind.CONFLICT


def test_a_link_and_an_identifier_that_lead_to_two_people_are_a_conflict() -> None:
    linked = State(linked_with=frozenset({("south", LINK)}))
    pairing = match(ask(ANNA | ID), [held(1, ANNA, linked, named=True), held(2, ANNA | ID)])
    assert (pairing.kind, len(pairing.found)) == (Kind.CONFLICT, 2)


def test_what_was_said_too_little_of_is_named() -> None:
    assert match(ask({"family_name": "Berg"}), []).missing_fields == (
        "given_names",
        "birth_on",
        "last_address_at_recipient",
    )
    pairing = match(ask({"full_name": "Anna Berg"}), [])
    assert (pairing.kind, pairing.refusal) == (Kind.INSUFFICIENT, "B-Z")
    assert pairing.missing_fields == ("birth_on", "last_address_at_recipient")
    assert match(ask(ANNA), []).kind is Kind.NOT_FOUND


@pytest.mark.parametrize(
    ("state", "refusal", "region"),
    [
        (State(is_dead=True, died_on=date(2020, 1, 1)), "B-D", None),
        (State(lives=Place(date(2019, 1, 1), region="east")), "B-F", "east"),
        (State(lives=Place(date(2021, 1, 1), region="east")), "B-L", None),
        (State(lives=Place(date(2019, 1, 1), country="NO")), "B-E", None),
        (State(lives=Place(date(2021, 1, 1), area="0980")), "B-L", None),
        (State(lives=Place(date(2019, 1, 1), area="0980")), None, None),
        (State(lives=Place(date(2019, 1, 1), region="south")), None, None),
        (State(lives=Place(None, region="south"), linked_with=frozenset({("south", LINK)})), "B-A", None),
        (State(locked_for="east"), "B-B", "east"),
        (State(locked_for="south"), None, None),
        (State(), None, None),
    ],
)
def test_the_state_of_a_record_is_a_refusal_of_its_own(state: State, refusal: str | None, region: str | None) -> None:
    pairing = match(ask(ANNA, moved_on=date(2020, 5, 1)), [held(1, ANNA, state)])
    assert (pairing.kind, pairing.refusal, pairing.forward_to) == (Kind.PAIRED, refusal, region)


@pytest.mark.parametrize(
    "said", [ANNA, ANNA | ID, ANNA | {"given_names": "Anne"}, ANNA | ID | {"birth_on": "1990-01-01"}]
)
def test_a_protected_person_is_answered_like_an_unknown_one(said: dict[str, Any]) -> None:
    pairing = match(ask(said), [held(1, ANNA | ID, State(is_protected=True))])
    unknown = match(ask(said), [])
    assert pairing._replace(refusal="B-G") == unknown
    assert pairing.refusal == "B-P"


def test_a_protected_person_still_counts_against_being_unique() -> None:
    pairing = match(ask(ANNA), [held(1, ANNA), held(2, ANNA, State(is_protected=True))])
    assert pairing.kind is Kind.NOT_UNIQUE
    assert [found.is_protected for found in pairing.found] == [False, True]


def test_an_explanation_names_fields_and_no_values() -> None:
    text = repr(match(ask(ANNA | ID | {"birth_on": "1975-03-03"}), [held(1, ANNA | ID)]))
    assert not any(value in text for value in ("Anna", "Berg", "1975", "Hill", "G-17"))


_NAMES = st.sampled_from(["Anna", "Anne", "Berg", "Borg", "王", "小明", "Ek", "Мария", "محمد"])
_SAID = st.fixed_dictionaries(
    {},
    optional={
        "family_name": _NAMES,
        "given_names": _NAMES,
        "birth_on": st.sampled_from(["1975-03-02", "1975-02-03", "1975", "1981-01-01"]),
        "sex": st.sampled_from(["female", "male", "unknown"]),
        "last_address_at_recipient": st.sampled_from([{"lines": ["Hill Road 9"]}, {"lines": ["Shore Road 1"]}]),
        "identifiers": st.lists(
            st.fixed_dictionaries(
                {
                    "kind": st.just("local"),
                    "value": st.sampled_from(["G-17", "G-18", "000000", "Z-1"]),
                    "id_quality": st.sampled_from(["FORMAT_OK", "CHECKSUM_BAD", "ABSENT"]),
                }
            ),
            max_size=2,
        ),
    },
)
_STATES = st.sampled_from([State(), State(is_protected=True), State(is_dead=True)])
_HELD = st.lists(st.tuples(_SAID, _STATES, st.booleans()), max_size=4)


@settings(max_examples=150, deadline=None)
@given(_SAID, _HELD, st.randoms(use_true_random=False))
def test_the_order_of_candidates_plays_no_part(said: dict[str, Any], people: list[Any], shuffle: Any) -> None:
    candidates = [held(n, doc, state, named=named) for n, (doc, state, named) in enumerate(people)]
    shuffled = list(candidates)
    shuffle.shuffle(shuffled)
    assert match(ask(said), shuffled) == match(ask(said), candidates)


@settings(max_examples=150, deadline=None)
@given(_SAID, _HELD)
def test_a_second_equal_record_never_pairs(said: dict[str, Any], people: list[Any]) -> None:
    candidates = [held(n, doc, state, named=named) for n, (doc, state, named) in enumerate(people)]
    before = match(ask(said), candidates)
    if before.kind is Kind.PAIRED:
        assert before.person_id is not None
        doc, state, named = people[before.person_id.int]
        after = match(ask(said), [*candidates, held(77, doc, state, named=named)])
        assert after.kind in NEEDS_PEOPLE


@settings(max_examples=150, deadline=None)
@given(_SAID, _HELD)
def test_whatever_is_answered_without_people_tells_nobody_who_is_protected(said: dict[str, Any], people: Any) -> None:
    candidates = [held(n, doc, state, named=named) for n, (doc, state, named) in enumerate(people)]
    pairing = match(ask(said), candidates)
    if pairing.person_id is not None:
        assert not people[pairing.person_id.int][1].is_protected
    if pairing.kind not in NEEDS_PEOPLE:
        assert pairing.found == ()
    if pairing.kind in (Kind.NOT_FOUND, Kind.INSUFFICIENT):
        assert pairing._replace(refusal=None, missing_fields=()) == (
            pairing.kind,
            *(None,) * 3,
            (),
            *(None,) * 3,
            (),
            (),
        )


@settings(max_examples=300, deadline=None)
@given(_SAID, _HELD)
def test_where_only_protected_people_may_be_meant_the_answer_is_that_of_nobody(
    said: dict[str, Any], people: Any
) -> None:
    hidden = State(is_protected=True)
    candidates = [held(n, doc, hidden, named=named) for n, (doc, _, named) in enumerate(people)]
    pairing = match(ask(said), candidates)
    told = pairing._replace(refusal=spoken_code(pairing.refusal or ""))
    assert told == match(ask(said), [])
