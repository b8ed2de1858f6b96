"""Published lists of areas: all of them load, none is lost, and the map of each date is the list of that date."""

import csv
import gzip
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest

from services.ingest.client.maps.draft import LEFT_OUT, Draft
from services.ingest.client.maps.sources import draft_files
from services.projections.geography.atlas import AreaFact, Atlas, Count, Translator, fold_atlas

DATA = Path(__file__).parents[4] / "shared" / "data"
GB2260 = [DATA / "gb2260" / name for name in ("gb2260.csv.gz", "gb2260_changes.csv", "areas_2023.csv.gz")]
PSGC = DATA / "philippines" / "philippines_boundary_changes.csv.gz"
COUNTS = {"gb2260.csv.gz": 12_876, "gb2260_changes.csv": 2_652, "areas_2023.csv.gz": 2_978, PSGC.name: 4_688}
_OTHERS = ("predecessor_areas", "into_areas", "merged_areas", "successor_areas")

pytestmark = pytest.mark.skipif(not PSGC.is_file(), reason="the golden data is not there (../shared/data)")


def as_day(text: str) -> int:
    year, month, day = (int(part) for part in f"{text}-01-01".split("-")[:3])
    return (date(year, month, day) - date(1970, 1, 1)).days


def as_fact(number: int, post: dict[str, object]) -> AreaFact:
    """What the projection reads when ingest has taken the post."""
    event_id = UUID(str(post["event_id"])).bytes
    day = as_day(str(post["occurred_on"]))
    others = next((post[name] for name in _OTHERS if name in post), ())
    return AreaFact(
        event_id,
        event_id,
        str(post["type"]),
        day,
        day * 86_400_000,
        number,
        0,
        number,
        b"",
        area=str(post["area"]),
        name=post.get("name"),  # type: ignore[arg-type]
        kind=post.get("area_kind"),  # type: ignore[arg-type]
        level=post.get("level"),  # type: ignore[arg-type]
        parent=post.get("parent_area"),  # type: ignore[arg-type]
        others=tuple(others),  # type: ignore[arg-type]
        continues=bool(post.get("area_continues")),
    )


def fold(draft: Draft) -> Atlas:
    return fold_atlas(as_fact(number, post) for number, post in enumerate(draft.posts))


@cache
def china(link_same_name: bool) -> tuple[Draft, Atlas]:
    draft = draft_files(GB2260, "gb2260", "north", "map", link_same_name)
    return draft, fold(draft)


@cache
def philippines() -> tuple[Draft, Atlas]:
    draft = draft_files([PSGC], "psgc", "north", "map")
    return draft, fold(draft)


def read(path: Path) -> list[dict[str, str]]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    return list(csv.DictReader(text.splitlines(keepends=True)))


def test_every_row_has_exactly_one_account() -> None:
    for draft in (china(False)[0], china(True)[0], philippines()[0]):
        rows = Counter((each.file, each.row) for each in draft.accounts if each.row)
        assert set(rows.values()) == {1}
        files = {file for file, _ in rows}
        assert {file: sum(1 for name, _ in rows if name == file) for file in files} == {f: COUNTS[f] for f in files}


def test_the_map_of_each_date_is_the_list_of_that_date() -> None:
    _, atlas = china(False)
    lists: dict[str, dict[str, str]] = {}
    for row in read(GB2260[0]):
        lists.setdefault(row["revision"], {})[row["code"]] = row["name"]
    assert len(lists) == 4
    for revision, listed in lists.items():
        at = atlas.areas_at(as_day(f"{revision[:4]}-{revision[4:]}"))
        assert {code: version.name for code, version in at.items()} == listed
        for code, version in at.items():
            near, far = f"{code[:4]}00", f"{code[:2]}0000"
            assert version.parent == (None if code == far else near if near in at and code != near else far)
    at = atlas.areas_at(as_day("2023"))
    counties = {code: version.name for code, version in at.items() if version.level == 3}
    listed = {row["code"]: row["name"] for row in read(GB2260[2])}
    prefectures = {code for code in listed if code.endswith("00")}
    assert counties == {code: name for code, name in listed.items() if code not in prefectures}
    assert prefectures <= set(at)


def test_what_the_lists_do_not_say_is_listed_and_nothing_is_left_out() -> None:
    draft, atlas = china(False)
    assert not [each for each in draft.accounts if each.outcome == LEFT_OUT]
    assert {change.kind for change in atlas.changes} == {"new", "ended"}
    # A code that stood for a suburb in 1995 stands for another district in 2019.
    assert [(each.kind, each.area) for each in atlas.findings] == [("code-used-again", "450206")]


def test_counts_of_1995_on_the_map_of_2019_add_up_and_recoded_counties_keep_theirs() -> None:
    _, atlas = china(True)
    then, now = as_day("1995-12"), as_day("2019-04")
    counts = [Count(code, then, 1) for code, version in atlas.areas_at(then).items() if version.level == 3]
    translated = Translator(atlas, now).translate(counts)
    total = sum(translated.attributed.values()) + sum(each.n for each in translated.unattributed)
    assert total == len(counts) == 2848
    # A county that was recoded when Chongqing became a province, and again when it became a district, after 2011.
    assert Translator(atlas, as_day("2011-12")).find_places("511221", then) == {"500234"}
    assert Translator(atlas, then).find_places("500234", as_day("2011-12")) == {"511221"}
    assert {each.reason for each in translated.unattributed} == {"no-successor"}


def test_all_rows_of_the_philippines_that_have_a_code_become_events() -> None:
    draft, atlas = philippines()
    left_out = Counter(each.reason for each in draft.accounts if each.outcome == LEFT_OUT)
    assert left_out == {"no code": 950, "put on hold, says its remark": 2}
    kinds = Counter(each.kind for each in atlas.findings)
    # The summaries name few provinces and municipalities: a parent that nobody established is told, not made up.
    assert set(kinds) == {"unknown-parent", "no-such-predecessor"}
    assert kinds["no-such-predecessor"] == 1  # a row that gives Cotabato City the code of its province
    coded = {each.code for each in draft.accounts if each.outcome != LEFT_OUT}
    assert {code for codes in coded for code in codes.split()} <= {post["area"] for post in draft.posts}


def test_an_island_that_went_to_another_region_and_back_has_its_counts_follow() -> None:
    _, atlas = philippines()
    before, after = as_day("2017-07"), as_day("2017-09")
    assert Translator(atlas, after).find_places("184502000", before) == {"064502000"}
    assert Translator(atlas, before).find_places("064502000", after) == {"184502000"}
    split = Translator(atlas, as_day("2008-03")).translate([Count("150705037", as_day("2008-01"), 100)])
    assert split.attributed == {}
    ((_, reason, candidates, _, n),) = split.unattributed
    assert (reason, n, set(candidates)) == ("several-areas", 100, {"150713003", "150713004"})
