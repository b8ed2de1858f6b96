"""From events about areas to the map."""

from itertools import permutations
from typing import Any

import pytest

from services.kernel.geography.fold import AreaFold

Event = tuple[str, dict[str, Any], tuple[str, dict[str, Any]] | None]


def event(number: int, event_type: str, **fields: Any) -> Event:
    return event_type, {"event_id": bytes([number]), "registered_at": number, **fields}, None


def established(number: int, area: str, above: str | None = None) -> Event:
    return event(number, "AreaEstablished", area=area, parent_area=above)


def moved(number: int, area: str, above: str | None) -> Event:
    return event(number, "AreaMoved", area=area, parent_area=above)


def merged(number: int, area: str, *parts: str) -> Event:
    return event(number, "AreaMerged", area=area, merged_areas=list(parts))


def annulled(number: int, target: Event, **fields: Any) -> Event:
    return event(number, "EventAnnulled", target_event_id=target[1]["event_id"], **fields)


def corrected(number: int, target: Event, **instead: Any) -> Event:
    replacement = (target[0], target[1] | instead)
    return "EventCorrected", annulled(number, target)[1], replacement


def folded(*events: Event) -> dict[str, str | None]:
    fold = AreaFold()
    for event_type, record, replacement in events:
        fold.take(event_type, record, replacement)
    return fold.parents


NORTH, TOWN = established(1, "n"), established(2, "t", "n")
SOUTH = established(3, "s")


def test_an_established_area_is_on_the_map() -> None:
    assert folded(NORTH, TOWN) == {"n": None, "t": "n"}


def test_the_same_event_twice_is_one_area_and_the_first_copy_counts() -> None:
    assert folded(NORTH, TOWN, TOWN) == folded(NORTH, TOWN)
    assert folded(NORTH, TOWN, SOUTH, moved(4, "t", "s"), TOWN)["t"] == "s"


def test_a_moved_area_lies_where_it_was_moved_to() -> None:
    assert folded(NORTH, TOWN, SOUTH, moved(4, "t", "s"))["t"] == "s"


def test_a_move_establishes_nothing() -> None:
    assert folded(NORTH, moved(4, "t", "n")) == {"n": None}


def test_an_area_that_ended_stays_known() -> None:
    ended = [
        event(4, "AreaAbolished", area="t", successor_areas=[]),
        event(5, "AreaSplit", area="t", into_areas=["t1"], area_continues=False),
        event(6, "AreaRenamed", area="t", name="Other"),
    ]
    assert folded(NORTH, TOWN, *ended) == {"n": None, "t": "n"}


def test_an_area_that_came_from_a_merger_lies_where_its_parts_lay() -> None:
    merger, own = merged(4, "new", "t"), established(5, "new")
    assert folded(NORTH, TOWN, merger)["new"] == "n"
    assert folded(NORTH, TOWN, merger, own)["new"] is None
    assert folded(NORTH, TOWN, own, merger)["new"] is None


def test_an_annulled_area_is_unknown() -> None:
    assert folded(NORTH, TOWN, annulled(9, TOWN)) == {"n": None}


def test_an_annulled_area_that_another_event_established_is_known() -> None:
    again = established(5, "t", "n")
    assert folded(NORTH, TOWN, annulled(9, TOWN), again)["t"] == "n"
    assert folded(NORTH, TOWN, again, annulled(9, TOWN))["t"] == "n"
    assert folded(NORTH, TOWN, merged(4, "new", "t"), annulled(9, TOWN)) == {"n": None, "new": None}


def test_what_moved_an_annulled_area_does_not_bring_it_back() -> None:
    assert "t" not in folded(NORTH, SOUTH, TOWN, moved(4, "t", "s"), annulled(9, TOWN))


def test_an_annulled_move_leaves_the_area_where_it_was() -> None:
    move = moved(4, "t", "s")
    assert folded(NORTH, SOUTH, TOWN, move, annulled(9, move))["t"] == "n"


def test_a_correction_swaps_the_event_in_its_place() -> None:
    move = moved(4, "t", None)
    assert folded(NORTH, SOUTH, TOWN, corrected(9, TOWN, parent_area="s"))["t"] == "s"
    # It stands where the wrong one stood: what came later still counts.
    assert folded(NORTH, SOUTH, TOWN, move, corrected(9, TOWN, parent_area="s"))["t"] is None
    assert folded(NORTH, TOWN, corrected(9, TOWN, area="town")) == {"n": None, "town": "n"}


def test_of_several_acts_on_one_event_the_latest_counts() -> None:
    away, south, back = annulled(7, TOWN), corrected(8, TOWN, parent_area="s"), annulled(9, TOWN)
    assert folded(NORTH, SOUTH, TOWN, away, south)["t"] == "s"
    assert "t" not in folded(NORTH, SOUTH, TOWN, away, south, back)
    assert folded(NORTH, SOUTH, TOWN, south, away)["t"] == "s"


def test_acts_of_the_same_moment_count_by_their_ids() -> None:
    first, second = annulled(7, TOWN, registered_at=5), annulled(8, TOWN, registered_at=5)
    second = ("EventCorrected", second[1], (TOWN[0], TOWN[1] | {"parent_area": "s"}))
    for order in permutations([first, second]):
        assert folded(NORTH, SOUTH, TOWN, *order)["t"] == "s"


def test_acts_may_arrive_in_any_order_and_before_what_they_act_on() -> None:
    facts = [NORTH, SOUTH, TOWN, moved(4, "t", "s")]
    acts = [annulled(7, TOWN), corrected(8, TOWN, parent_area="s"), annulled(9, facts[3]), annulled(10, NORTH)]
    expected = folded(*facts, *acts)
    assert expected == {"s": None, "t": "s"}
    for order in permutations(acts):
        for place in range(len(facts) + 1):
            events = [*facts[:place], *order[:2], *facts[place:], *order[2:]]
            assert folded(*events) == expected


def test_an_act_on_what_is_no_event_of_the_map_changes_nothing() -> None:
    renamed = event(4, "AreaRenamed", area="t", name="Other")
    assert folded(NORTH, renamed, annulled(9, renamed), annulled(10, established(11, "x"))) == {"n": None}


def test_a_record_that_is_not_of_its_type_leaves_the_map_as_it_is() -> None:
    fold = AreaFold()
    fold.take(*NORTH)
    with pytest.raises(KeyError):
        fold.take("AreaEstablished", {"event_id": b"x"})
    with pytest.raises(KeyError):
        fold.take("EventAnnulled", {"event_id": b"x"})
    assert fold.parents == {"n": None}
