"""What docs and schemas say of the fold is what it does."""

from pathlib import Path

import pytest

from services.kernel.contract.catalog import Catalog
from services.projections.register.life import HANDLERS, KINDS, TABLES, Fact
from services.projections.register.life.findings import Finding
from services.projections.register.life.handling import ACTS, MERGES

ROOT = Path(__file__).parents[4]
CATALOG = Catalog.load()
WITHOUT_EFFECT = {"NameChanged", "DestinationAnswered", "OriginAnswered", "OriginNotified", "PersonsMerged"} | ACTS


def test_every_kind_of_finding_is_explained_to_clerks() -> None:
    page = (ROOT / "docs" / "life-courses.md").read_text()
    assert [line for line in page.splitlines() if line.startswith("| `")] == [
        f"| `{kind}` | {says} |" for kind, says in KINDS.items()
    ]


@pytest.mark.parametrize("event_type", sorted(HANDLERS))
def test_every_field_that_a_handler_wants_is_in_the_schema(event_type: str) -> None:
    known = {field["name"] for field in CATALOG.get_event(event_type).document["fields"]}
    assert set(HANDLERS[event_type].fields) <= known


def test_every_type_of_event_about_people_is_folded_or_known_to_change_no_life() -> None:
    about_people = {e.name for e in CATALOG.latest_events if e.context in ("registration", "migration", "service")}
    assert about_people - set(HANDLERS) == WITHOUT_EFFECT
    assert about_people >= MERGES


def test_findings_have_the_columns_of_their_table() -> None:
    assert TABLES["finding"] == ("person_id", *Finding._fields)


def test_no_table_has_a_column_for_text_or_for_why_somebody_is_protected() -> None:
    columns = {column for table in TABLES.values() for column in table}
    assert not columns & {"name", "address", "note", "text", "value", "number", "outcome"}


def test_the_innermost_loop_reads_facts_by_place() -> None:
    places = {"event_id": 0, "type": 7, "occurred_on": 8, "precision": 9, "registered_at": 10, "subjects": 17}
    places |= {"values": 18, "contested": 20}
    assert {name: Fact._fields.index(name) for name in places} == places
