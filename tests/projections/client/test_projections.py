"""How far the tables are, in a line that an operator can read."""

from typing import Any

from services.projections.client.projections import describe

TOLD: dict[str, Any] = {
    "projection": "register",
    "version": 3,
    "lag_events": 0,
    "lag_s": 0.0,
    "set_aside": {"waiting": 0, "skipped": 1},
    "halted": None,
    "rebuild_wanted": False,
    "rebuild": None,
}
REBUILD = {
    "number": 4,
    "phase": "fold",
    "done": 250,
    "total": 1000,
    "updated_at": "2026-11-22T10:00:00Z",
    "silent": False,
}


def test_tables_that_follow_are_one_line() -> None:
    assert describe(TOLD) == "register: build 3, up to date"


def test_what_is_behind_set_aside_and_halted_is_told() -> None:
    more = {
        "lag_events": 1200,
        "lag_s": 3.25,
        "set_aside": {"waiting": 2, "skipped": 0},
        "halted": {"reason": "too-many"},
    }
    assert describe(TOLD | more) == "register: build 3, 1,200 events behind (3.2 s), 2 set aside, halted: too-many"


def test_a_rebuild_under_way_tells_its_phase_and_how_far_it_is() -> None:
    assert describe(TOLD | {"rebuild": REBUILD}).splitlines()[1] == "  rebuild: build 4, fold 250 of 1,000 (25%)"


def test_a_rebuild_that_was_interrupted_is_told_to_be_silent() -> None:
    told = describe(TOLD | {"rebuild": REBUILD | {"silent": True, "total": 0}})
    assert told.endswith("build 4, fold; nothing was heard of it since 2026-11-22T10:00:00")


def test_another_edition_asks_for_a_rebuild_until_one_is_under_way() -> None:
    assert "wants a rebuild" in describe(TOLD | {"rebuild_wanted": True})
    assert "wants a rebuild" not in describe(TOLD | {"rebuild_wanted": True, "rebuild": REBUILD})
