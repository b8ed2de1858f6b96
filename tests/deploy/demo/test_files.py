"""The demo's files: whole lives, and nothing written twice."""

from pathlib import Path

import msgspec
import pytest

from deploy.demo.exploder.tables import FEMALE, MALE, County, Municipality, Tables
from deploy.demo.files import find_files, read_areas, write_files
from deploy.demo.play import choose_options
from deploy.local.layout import Layout, StackError
from deploy.local.options import Options, keep_options

HERE = County("02", "Here", "here", "Here", (Municipality("0201", "Only", 1),))
TABLES = Tables(
    {(2000, FEMALE, 30): 40, (2001, FEMALE, 31): 30, (2001, MALE, 0): 5},
    {(2001, FEMALE, 30): 3},
    {(2001, 31, MALE): 5},
)


def test_files_that_say_the_same_are_left_alone(tmp_path: Path) -> None:
    first = write_files({HERE: TABLES}, tmp_path)["here"]
    written_ns = first.events.stat().st_mtime_ns
    again = write_files({HERE: TABLES}, tmp_path)["here"]
    assert (first.renewed, again.renewed) == (True, False)
    assert again.events.stat().st_mtime_ns == written_ns
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "here.areas.ndjson",
        "here.events.ndjson",
        "made-from.json",
    ]


def test_files_are_found_again_with_their_counts(tmp_path: Path) -> None:
    assert find_files([HERE], tmp_path) is None
    written = write_files({HERE: TABLES}, tmp_path)["here"]
    found = find_files([HERE], tmp_path)
    assert found is not None
    assert found["here"].counts == written.counts
    assert found["here"].counts["PersonEnumerated"] == 40
    assert not found["here"].renewed


def test_files_of_other_rules_are_not_taken(tmp_path: Path) -> None:
    write_files({HERE: TABLES}, tmp_path)
    stamp = tmp_path / "made-from.json"
    stamp.write_text(stamp.read_text().replace('"made_from": "', '"made_from": "0'))
    assert find_files([HERE], tmp_path) is None


def test_one_in_so_many_keeps_whole_lives(tmp_path: Path) -> None:
    whole = write_files({HERE: TABLES}, tmp_path / "whole")["here"]
    part = write_files({HERE: TABLES}, tmp_path / "part", one_in=4)["here"]
    lines = whole.events.read_bytes().splitlines()
    kept = part.events.read_bytes().splitlines()
    chosen = {msgspec.json.decode(line)["subjects"][0]["civil"]["identifiers"][0]["value"] for line in kept}
    assert kept == [line for line in lines if any(f'"{who}"'.encode() in line.split(b'"mother"')[0] for who in chosen)]
    assert part.counts["PersonEnumerated"] == 10


def test_a_map_has_its_county_at_the_top(tmp_path: Path) -> None:
    county, municipality = read_areas(write_files({HERE: TABLES}, tmp_path)["here"].areas)
    assert (county["area"], county["level"], county.get("parent_area")) == ("02", 0, None)
    assert (municipality["area"], municipality["level"], municipality["parent_area"]) == ("0201", 1, "02")


def test_the_demo_refuses_a_state_folder_of_other_regions(tmp_path: Path) -> None:
    keep_options(Layout(tmp_path), Options(regions=("north", "south")))
    with pytest.raises(StackError, match="DOMICILE_HOME"):
        choose_options(tmp_path)


def test_the_demo_takes_a_state_folder_that_has_its_regions_and_more(tmp_path: Path) -> None:
    kept = Options(regions=("gotland", "jamtland", "skane"))
    keep_options(Layout(tmp_path), kept)
    assert choose_options(tmp_path) == kept
