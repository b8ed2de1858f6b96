"""Rows of the Philippine summaries of changes become events; what has no code is listed and not made up."""

from typing import Any

from services.ingest.client.maps import psgc, psgc_quarter
from services.ingest.client.maps.draft import DOUBTFUL, LEFT_OUT, LOADED, Draft
from services.ingest.client.maps.gb2260 import Table
from services.ingest.client.maps.psgc import draft_psgc

Q1, Q3 = "January - March 2001", "July - September 2001"


def row(kind: str, new: str, old: str = "", name: str = "Bgy. One, Town", **more: str) -> dict[str, str]:
    given = {"period": Q1, "name": name, "change_type": kind, "new_code9": new, "old_code9": old}
    return given | {"mother_or_old_name": "", "remarks": ""} | more


def draft(*rows: dict[str, str]) -> Draft:
    return draft_psgc([Table("p.csv", frozenset(rows[0]), rows)], "north", "map")


def said(of: Draft) -> list[tuple[Any, ...]]:
    names = ("name", "successor_areas", "into_areas", "merged_areas")
    return [
        (post["occurred_on"], post["type"][4:], post["area"], next((post[n] for n in names if n in post), None))
        for post in of.posts
    ]


def accounts(of: Draft) -> list[tuple[int, str, str]]:
    return [(each.row, each.outcome, each.reason) for each in of.accounts]


def test_a_transfer_is_a_new_code_for_the_same_area() -> None:
    got = draft(row("Transferred barangay", "098301001", "097301001", mother_or_old_name="Municipality of Two"))
    assert said(got) == [
        ("2001-01", "Established", "097301001", "Bgy. One"),
        ("2001-03", "Established", "098301001", "Bgy. One"),
        ("2001-03", "Abolished", "097301001", ["098301001"]),
    ]
    new = got.posts[1]
    assert (new["parent_area"], new["level"], new["area_kind"]) == ("098301000", 4, "community")
    assert new["predecessor_areas"] == ["097301001"]
    assert accounts(got) == [(1, LOADED, "")]


def test_kind_and_parent_follow_from_nine_and_from_ten_digits() -> None:
    got = draft(*(row("Newly created municipality", code) for code in ("098301000", "098300000", "090000000")))
    assert [(post.get("parent_area"), post["level"]) for post in got.posts] == [
        ("098300000", 3),
        ("090000000", 2),
        (None, 1),
    ]
    ten = draft(*(row("New province", code) for code in ("1804506006", "1804506000", "1804500000", "1800000000")))
    assert [post.get("parent_area") for post in ten.posts] == ["1804506000", "1804500000", "1800000000", None]


def test_a_division_with_an_originating_area_keeps_it_and_without_one_it_is_a_doubt() -> None:
    sure = draft(
        row("Division of barangay", "104326007", "104326007", "Bgy. Poblacion 1", mother_or_old_name="Bgy. Poblacion"),
        row("Division of barangay", "104326012", "104326007", "Bgy. Poblacion 2", mother_or_old_name="Bgy. Poblacion"),
    )
    assert said(sure) == [
        ("2001-01", "Established", "104326007", "Bgy. Poblacion"),
        ("2001-03", "Established", "104326012", "Bgy. Poblacion 2"),
        ("2001-03", "Split", "104326007", ["104326012"]),
        ("2001-03", "Renamed", "104326007", "Bgy. Poblacion 1"),
    ]
    assert sure.posts[2]["area_continues"] is True
    doubtful = draft(row("Division of barangay", "104326012", "104326007"))
    assert accounts(doubtful) == [(1, DOUBTFUL, psgc_quarter.MOTHER_STAYS)]


def test_one_code_that_became_several_is_split() -> None:
    got = draft(*(row("Transferred barangay", new, "153826011") for new in ("153836013", "153837011")))
    assert said(got)[-1] == ("2001-03", "Split", "153826011", ["153836013", "153837011"])
    assert got.posts[-1]["area_continues"] is False


def test_a_merger_names_all_its_parts() -> None:
    got = draft(row("Merged barangays", "0803738115", "0803738048\n0803738022", "Barangay East, Ormoc"))
    assert said(got)[-1] == ("2001-03", "Merged", "0803738115", ["0803738022", "0803738048"])
    into_one = draft(row("Merging of barangays", "042119007", "042119026\n042119007", "Bgy. Calabuso"))
    assert said(into_one)[-1] == ("2001-03", "Merged", "042119007", ["042119007", "042119026"])


def test_a_correction_of_a_name_and_a_new_city_keep_the_code() -> None:
    got = draft(
        row("Correction of name", "012823017", "", "Bgy. Alvaro in Vintas, Norte", mother_or_old_name="Bgy. Diaton"),
        row("New city", "012934000", "", "City of Vigan, Sur", mother_or_old_name="Municipality of Vigan"),
    )
    assert said(got) == [
        ("2001-01", "Established", "012823017", "Bgy. Diaton"),
        ("2001-01", "Established", "012934000", "Municipality of Vigan"),
        ("2001-03", "Renamed", "012823017", "Bgy. Alvaro in Vintas"),
        ("2001-03", "Renamed", "012934000", "City of Vigan"),
    ]


def test_quarters_follow_one_another_whatever_the_order_of_rows() -> None:
    got = draft(
        row("Deletion of barangay", "", "098301001", period=Q3), row("Transferred barangay", "098301001", "097301001")
    )
    assert said(got)[-1] == ("2001-09", "Abolished", "098301001", None)
    assert len(got.posts) == 4


def test_rows_without_a_code_a_period_or_a_known_change_are_left_out_with_the_reason() -> None:
    got = draft(
        row("Newly created barangay", ""),
        row("Newly created barangay", "N.A."),
        row("Division of barangay", "(mother)"),
        row("Newly created barangay", "98301001"),
        row("Newly created barangay", "098301001", period="in spring"),
        row("Something else", "098301001"),
        row("Deletion of barangay", "", "042119007", remarks="put on hold"),
    )
    reasons = [psgc.NO_CODE] * 3 + [psgc.BAD_CODE, psgc.NO_PERIOD, psgc.NO_CHANGE, psgc.ON_HOLD]
    assert accounts(got) == [(number, LEFT_OUT, reason) for number, reason in enumerate(reasons, 1)]
    assert got.posts == []


def test_what_is_ambiguous_is_loaded_and_listed() -> None:
    got = draft(
        row("Transferred barangay", "098301001", "098301001"),
        row("Correction of Name", "098301002", "98301002", mother_or_old_name="Bgy. Uno"),
        row("Transferred barangay", "098301003", "N.A."),
        row("Newly created barangay", "098301004"),
        row("Newly created barangay", "098301004", period=Q3),
    )
    assert [reason for _, _, reason in accounts(got)] == [
        psgc_quarter.SAME_CODE,
        psgc_quarter.BAD_OLD_CODE,
        psgc_quarter.NO_MOTHER_CODE,
        "",
        psgc_quarter.IN_FORCE,
    ]
