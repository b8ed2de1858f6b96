"""What the engine asks of the register besides rows."""

import pytest

from services.kernel.contract.catalog import Catalog
from services.kernel.privacy.region_key import RegionKey
from services.projections.engine.projection import Place, Projection, Record
from services.projections.register.life.rows import TABLES as DERIVED
from services.projections.register.projection import RegisterProjection
from services.projections.registered import list_projections
from tests.projections.register.records import CATALOG, frame

PERSON, OTHER = b"p" * 16, b"o" * 16
PERSON_TEXT, OTHER_TEXT = "70707070-7070-7070-7070-707070707070", "6f6f6f6f-6f6f-6f6f-6f6f-6f6f6f6f6f6f"


@pytest.fixture(scope="module")
def projection() -> RegisterProjection:
    return RegisterProjection(CATALOG)


def record(value: bytes, key: str = "") -> Record:
    return Record(Place("north.registration", 0, 0), 1, key, value)


def named(*people: tuple[bytes, str]) -> list[dict[str, object]]:
    return [
        {"role": "child", "region": region, "person_id": person, "identified_by": "person_id", "blocks": []}
        for person, region in people
    ]


def test_it_is_one_of_the_projections() -> None:
    catalog = Catalog.load()
    found: list[Projection] = [
        each for each in list_projections("north", catalog, RegionKey.derive(bytes(32))) if each.name == "register"
    ]
    assert [set(each.contexts) for each in found] == [{"registration", "migration", "service"}]


def test_poison_is_told_by_its_place_and_takes_nobody_with_it(projection: RegisterProjection) -> None:
    birth = frame("BirthRegistered", event_id=b"b" * 16, subjects=named((PERSON, "north")))
    batch = projection.read([record(birth), record(b"damaged"), record(birth[:-3])])
    assert {poison.index for poison in batch.poison} == {1, 2}
    assert set(batch.content.events) == {b"b" * 16}


def test_subjects_are_the_people_of_this_region(projection: RegisterProjection) -> None:
    birth = frame("BirthRegistered", subjects=named((PERSON, "north"), (OTHER, "south")))
    assert projection.find_subjects(record(birth)) == (PERSON_TEXT,)


def test_of_a_correction_that_cannot_be_applied_everybody_is_told_whom_it_would_concern(
    projection: RegisterProjection,
) -> None:
    instead = frame("BirthRegistered", subjects=named((PERSON, "north")))
    correction = frame("EventCorrected", subjects=named((OTHER, "north")), replacement=instead)
    assert projection.find_subjects(record(correction)) == (OTHER_TEXT, PERSON_TEXT)


@pytest.mark.parametrize(("key", "subjects"), [(PERSON.hex(), (PERSON_TEXT,)), ("0980", ()), ("z" * 32, ()), ("", ())])
def test_of_a_damaged_record_only_its_key_is_known(
    projection: RegisterProjection, key: str, subjects: tuple[str, ...]
) -> None:
    assert projection.find_subjects(record(b"\0\0\0\0\1damaged", key)) == subjects


def test_every_table_of_a_life_has_a_table_and_an_index_by_person(projection: RegisterProjection) -> None:
    tables = {table.name: table for table in projection.tables}
    for name, columns in DERIVED.items():
        assert tables[name].columns == columns
        assert "(person_id" in tables[name].indexes[0]
