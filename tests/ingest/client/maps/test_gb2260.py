"""Lists of codes become areas and changes; what a list does not say is not made up."""

from typing import Any

import pytest

from services.ingest.client.maps import gb2260
from services.ingest.client.maps.draft import DOUBTFUL, LEFT_OUT, Draft
from services.ingest.client.maps.gb2260 import Table, draft_gb2260
from services.kernel.asking import CannotGoOn

OLD = {
    "110000": "Capital",
    "110100": "Inner",
    "110101": "East",
    "110102": "West",
    "110103": "South",
    "110201": "Fields",
    "110202": "Hills",
}
NEW = {
    "110000": "Capital",
    "110100": "Inner",
    "110200": "Outer",
    "110101": "East End",
    "110104": "West",
    "110105": "North",
    "110201": "Fields",
    "110202": "Hills",
}


def table(file: str, rows: list[dict[str, str]]) -> Table:
    return Table(file, frozenset(rows[0]), rows)


def lists(**more: dict[str, str]) -> Table:
    by_date = {"199512": OLD, "200512": NEW} | more
    rows = [
        {"revision": revision, "code": code, "name": name}
        for revision, listed in by_date.items()
        for code, name in listed.items()
    ]
    return table("lists.csv", rows)


def said(draft: Draft, on: str) -> list[tuple[Any, ...]]:
    return [
        (post["type"], post["area"], post.get("name") or post.get("parent_area") or post.get("successor_areas"))
        for post in draft.posts
        if post["occurred_on"] == on
    ]


def reasons(draft: Draft, outcome: str) -> dict[str, str]:
    return {each.code: each.reason for each in draft.accounts if each.outcome == outcome}


def test_the_first_list_establishes_and_the_next_says_what_changed() -> None:
    draft = draft_gb2260([lists()], "north", "map")
    first = {post["area"]: post for post in draft.posts if post["occurred_on"] == "1995-12"}
    assert set(first) == set(OLD)
    assert [first[code].get("parent_area") for code in ("110000", "110101", "110201")] == [None, "110100", "110000"]
    assert [first[code]["level"] for code in ("110000", "110100", "110101")] == [1, 2, 3]
    assert said(draft, "2005-12") == [
        ("AreaEstablished", "110200", "Outer"),
        ("AreaEstablished", "110104", "West"),
        ("AreaEstablished", "110105", "North"),
        ("AreaRenamed", "110101", "East End"),
        ("AreaMoved", "110201", "110200"),
        ("AreaMoved", "110202", "110200"),
        ("AreaAbolished", "110103", None),
        ("AreaAbolished", "110102", None),
    ]


def test_an_equal_name_is_a_hint_until_the_geographer_takes_it_as_succession() -> None:
    draft = draft_gb2260([lists()], "north", "map")
    assert reasons(draft, DOUBTFUL) == {
        "110102": gb2260.SAME_NAME,
        "110104": gb2260.SAME_NAME,
        "110103": gb2260.NO_SUCCESSOR,
        "110105": gb2260.NO_PREDECESSOR,
        "110200": gb2260.NO_PREDECESSOR,
    }
    linked = draft_gb2260([lists()], "north", "map", link_same_name=True)
    assert ("AreaAbolished", "110102", ["110104"]) in said(linked, "2005-12")
    (new,) = [post for post in linked.posts if post["area"] == "110104"]
    assert new["predecessor_areas"] == ["110102"]
    assert "110102" not in reasons(linked, DOUBTFUL)


def test_every_row_has_an_account_and_a_list_of_changes_is_compared() -> None:
    def change(what: str, code: str) -> dict[str, str]:
        given = {"from_revision": "199512", "to_revision": "200512", "change": what, "code": code}
        return given | {"old_name": "", "new_name": ""}

    rows = [change("vanished", "110103"), change("renamed", "110101"), change("appeared", "110101")]
    draft = draft_gb2260([lists(), table("changes.csv", rows)], "north", "map")
    assert sorted(each.row for each in draft.accounts if each.file == "lists.csv" and each.row) == list(range(1, 16))
    compared = [(each.row, each.reason) for each in draft.accounts if each.file == "changes.csv"]
    assert compared == [(1, gb2260.NO_SUCCESSOR), (2, ""), (3, gb2260.CONTRADICTS)]


def test_a_list_of_counties_says_nothing_of_what_is_above_them() -> None:
    counties = [
        {"code": code, "name": name, "city_code": code[:4], "province_code": code[:2]}
        for code, name in {**NEW, "110106": "Zone", "120000": "Other"}.items()
        if code not in ("110000", "110105")
    ]
    draft = draft_gb2260([lists(), table("areas_2023.csv", counties)], "north", "map")
    assert said(draft, "2023") == [("AreaEstablished", "110106", "Zone"), ("AreaAbolished", "110105", None)]
    told = {each.code: (each.outcome, each.reason) for each in draft.accounts if each.file == "areas_2023.csv"}
    assert told["110100"] == (DOUBTFUL, gb2260.OTHER_LEVEL)
    assert told["120000"] == (LEFT_OUT, gb2260.NOT_A_COUNTY)


def test_a_code_that_comes_back_for_another_area_is_told() -> None:
    draft = draft_gb2260([lists(**{"201112": NEW | {"110103": "Elsewhere"}})], "north", "map")
    assert reasons(draft, DOUBTFUL)["110103"] == gb2260.USED_AGAIN


def test_what_is_no_code_or_stands_twice_is_left_out_with_the_reason() -> None:
    rows = [{"revision": "199512", "code": code, "name": "N"} for code in ("110000", "110000", "x", "11000")]
    draft = draft_gb2260([table("l.csv", rows)], "north", "map")
    assert [each.reason for each in draft.accounts] == [gb2260.TWICE, gb2260.NOT_A_CODE, gb2260.NOT_A_CODE, ""]
    assert len(draft.posts) == 1


def test_the_same_lists_always_give_the_same_posts() -> None:
    posts = draft_gb2260([lists()], "north", "map").posts
    assert posts == draft_gb2260([lists()], "north", "map").posts
    assert len({post["event_id"] for post in posts}) == len(posts)
    assert posts[0]["event_id"] != draft_gb2260([lists()], "south", "map").posts[0]["event_id"]


def test_without_a_list_there_is_nothing_to_import() -> None:
    with pytest.raises(CannotGoOn, match="no list"):
        draft_gb2260([], "north", "map")
    with pytest.raises(CannotGoOn, match="no table of this format"):
        draft_gb2260([table("x.csv", [{"a": "1"}])], "north", "map")
