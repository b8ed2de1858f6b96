"""From events about areas to the map."""

from services.ingest.geography.fold import apply


def folded(*events: tuple[str, dict[str, object]]) -> dict[str, str | None]:
    parents: dict[str, str | None] = {}
    for event_type, record in events:
        apply(parents, event_type, record)
    return parents


NORTH = ("AreaEstablished", {"area": "n", "parent_area": None})
TOWN = ("AreaEstablished", {"area": "t", "parent_area": "n"})


def test_an_established_area_is_on_the_map() -> None:
    assert folded(NORTH, TOWN) == {"n": None, "t": "n"}


def test_the_same_event_twice_is_one_area() -> None:
    assert folded(NORTH, TOWN, TOWN) == folded(NORTH, TOWN)


def test_a_moved_area_lies_where_it_was_moved_to() -> None:
    south = ("AreaEstablished", {"area": "s", "parent_area": None})
    assert folded(NORTH, TOWN, south, ("AreaMoved", {"area": "t", "parent_area": "s"}))["t"] == "s"


def test_an_area_that_ended_stays_known() -> None:
    ended = [
        ("AreaAbolished", {"area": "t", "successor_areas": []}),
        ("AreaSplit", {"area": "t", "into_areas": ["t1"], "area_continues": False}),
        ("AreaRenamed", {"area": "t", "name": "Other"}),
    ]
    assert folded(NORTH, TOWN, *ended) == {"n": None, "t": "n"}


def test_an_area_that_came_from_a_merger_lies_where_its_parts_lay() -> None:
    merged = ("AreaMerged", {"area": "new", "merged_areas": ["t"]})
    assert folded(NORTH, TOWN, merged)["new"] == "n"
    established = ("AreaEstablished", {"area": "new", "parent_area": None})
    assert folded(NORTH, TOWN, merged, established)["new"] is None
    assert folded(NORTH, TOWN, established, merged)["new"] is None
