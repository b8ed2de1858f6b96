from pathlib import Path

import pytest

from services.ingest.client.areas import read_areas
from services.kernel.asking import CannotGoOn

TABLE = "code,name,parent,level,valid_from\n098001,Visby,0980,2,1971\n0980,Gotland,,1,1952-01-01\n"


def test_areas_are_posted_parents_first_and_always_alike(tmp_path: Path) -> None:
    file = tmp_path / "areas.csv"
    file.write_text(TABLE)
    posts = read_areas(file, "north", "map")
    assert [post["area"] for post in posts] == ["0980", "098001"]
    assert posts == read_areas(file, "north", "map")
    assert posts[1]["parent_area"] == "0980"
    assert "parent_area" not in posts[0]
    assert (posts[1]["occurred_on"], posts[1]["registered_at"]) == ("1971", "1971-01-01T00:00:00Z")
    assert posts[0]["event_id"] != read_areas(file, "south", "map")[0]["event_id"]


def test_a_table_without_a_needed_column_names_it(tmp_path: Path) -> None:
    file = tmp_path / "areas.csv"
    file.write_text("code,name\n1,A\n")
    with pytest.raises(CannotGoOn, match="level, valid_from"):
        read_areas(file, "north", "map")
