"""Who sees whom: role, area and purpose against a plain predicate; cursors and particulars."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.errors import Rejected
from services.kernel.identity.area_tree import AreaTree
from services.kernel.identity.caller import Caller
from services.kernel.identity.matrix import read_purposes
from services.kernel.reading.particulars import combine
from services.projections.api.cursors import INTEGER, read_cursor, write_cursor
from services.projections.api.sight import VIEWS, Reader, require_sections, sees, settle_reader

PARENTS = {"a": None, "a1": "a", "a11": "a1", "a2": "a", "b": None, "b1": "b"}
TREE = AreaTree(PARENTS)
AREAS = st.frozensets(st.sampled_from(sorted(PARENTS)), max_size=4)
MARKERS = st.lists(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["protection", "erasure"]), "to_day": st.one_of(st.none(), st.integers(0, 20))}
    ),
    max_size=3,
)
ROLES = ("registrar", "approver", "service-worker", "auditor")


def lies_in(area: str | None, above: str) -> bool:
    return area is not None and (area == above or lies_in(PARENTS[area], above))


@given(st.sampled_from(ROLES), AREAS, AREAS, MARKERS)
def test_nobody_sees_whom_they_may_not(role: str, mine: frozenset[str], theirs: frozenset[str], markers: Any) -> None:
    """An oracle that knows nothing of trees: word for word what the rule says."""
    reader = Reader(Caller("x", frozenset({role}), tuple(mine), None, "north"), role, "exchange")
    protected = any(m["kind"] == "protection" and (m["to_day"] is None or m["to_day"] > 10) for m in markers)
    allowed = any(lies_in(area, above) for area in theirs for above in mine)
    expected = allowed and (role == "approver" or not protected)
    assert sees(reader, {"marker": markers}, theirs, TREE, 10) is expected


@given(st.frozensets(st.sampled_from(ROLES)), st.sampled_from(sorted({w for p in read_purposes().values() for w in p})))
def test_a_role_is_chosen_that_may_read_for_the_purpose(roles: frozenset[str], purpose: str) -> None:
    purposes = read_purposes()
    caller = Caller("x", roles, ("*",), None, "north")
    may = {role for role in roles if purpose in purposes[role]}
    if not may:
        with pytest.raises(Rejected, match="purpose-required"):
            settle_reader(caller, purpose, ROLES, purposes)
    else:
        assert settle_reader(caller, purpose, ROLES, purposes).role in may


def test_no_view_unites_services_with_the_register() -> None:
    for view in VIEWS.values():
        assert "services" not in view.sections or view.sections == ("services",)
        assert "service" not in view.compartments or view.compartments == ("service",)


def test_parts_are_asked_for_by_name() -> None:
    reader = Reader(Caller("x", frozenset({"registrar"}), ("*",), None, "north"), "registrar", "exchange")
    assert require_sections(reader, "findings,current") == ("current", "findings")
    for wrong in ("", "services", "current,", "current,all"):
        with pytest.raises(Rejected):
            require_sections(reader, wrong)


def test_a_cursor_is_read_back_by_its_own_list_only() -> None:
    cursor = write_cursor("findings", [5, "x"])
    assert read_cursor(cursor, "findings", (int, str)) == (5, "x")
    assert read_cursor(None, "findings", (int, str)) is None
    for name, types in (("other", (int, str)), ("findings", (str, str)), ("findings", (int,))):
        with pytest.raises(Rejected):
            read_cursor(cursor, name, types)


@pytest.mark.parametrize(("part", "kind"), [(1 << 31, INTEGER), (1 << 63, int), (-(1 << 63) - 1, int), ("a\0", str)])
def test_what_no_column_holds_is_no_cursor(part: object, kind: object) -> None:
    with pytest.raises(Rejected):
        read_cursor(write_cursor("findings", [part]), "findings", [kind])


@given(st.text(max_size=80))
def test_no_text_breaks_a_cursor(text: str) -> None:
    with pytest.raises(Rejected):
        read_cursor(text, "findings", (int, str))


def test_the_latest_word_on_each_thing_counts_and_identifiers_add_up() -> None:
    passport = {"kind": "passport", "value": "P1", "issuer": None, "quality": "format-ok"}
    first = {"full_name": None, "given_names": "Ex", "family_name": "Ample", "identifiers": [passport]}
    married = {"given_names": None, "family_name": "Sample", "identifiers": [], "statement": "secret"}
    moved = {"identifiers": [passport, passport | {"value": "P2"}], "address": {"lines": ["Hill Road 9"]}}
    told = combine([first, married, moved])
    assert (told["given_names"], told["family_name"]) == ("Ex", "Sample")
    assert [each["value"] for each in told["identifiers"]] == ["P1", "P2"]
    assert told["address"] == {"lines": ["Hill Road 9"]}
    assert "statement" not in told
    whole = combine([first, {"full_name": "Another Whole"}])
    assert whole == {"full_name": "Another Whole", "identifiers": told["identifiers"][:1]}
