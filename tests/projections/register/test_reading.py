"""By columns or one by one: the same facts."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.kernel.codec import encode
from services.kernel.contract.catalog import EventVersion
from services.projections.register.life.fact import Fact
from services.projections.register.reading import FactReader
from services.projections.register.shapes import REPLACEMENT, TARGET, Stands
from tests.kernel.codec.test_any_record import values
from tests.projections.register.records import CATALOG, frame, make

WANTED = {event.name: tuple(field.name for field in event.own_fields) for event in CATALOG.latest_events}
FEW = {"BirthRegistered": ("mother_birth_on", "sex")}


def stands(count: int) -> Stands:
    return Stands(range(count), ["t"] * count, [1] * count, range(7, 7 + count), [False] * count)


def tame(record: dict[str, Any]) -> dict[str, Any]:
    """Days and times of our centuries, and texts that a database holds."""

    def tamed(name: str, value: Any) -> Any:
        if name.endswith("_on") and value is not None:
            return value % 80_000
        if isinstance(value, list):
            return [tamed(name, each) for each in value]
        return value.replace("\0", "") if isinstance(value, str) else value

    tamed_record = {name: tamed(name, value) for name, value in record.items()}
    return tamed_record | {"registered_at": record["registered_at"] % (1 << 42)}


def any_bytes(version: EventVersion) -> st.SearchStrategy[bytes]:
    """Framed records of a version; a correction carries a birth."""
    records = values(version.columns_schema).map(tame)
    if any(field.name == REPLACEMENT for field in version.own_fields):
        born = values(CATALOG.get_event("BirthRegistered").columns_schema).map(tame)
        instead = born.map(lambda record: encode(CATALOG.get_event("BirthRegistered"), record))
        records = st.builds(lambda record, framed: record | {REPLACEMENT: framed}, records, instead)
    return records.map(lambda record: encode(version, record))


def read_both_ways(framed: list[bytes], wanted: Any = None) -> list[Fact]:
    by_columns, one_by_one = (
        FactReader(CATALOG, WANTED if wanted is None else wanted, columns_from=least).read(framed, stands(len(framed)))
        for least in (1, 10_000)
    )
    assert dict(zip(by_columns.indexes, by_columns.facts, strict=True)) == dict(
        zip(one_by_one.indexes, one_by_one.facts, strict=True)
    )
    assert {each.index for each in by_columns.poison} == {each.index for each in one_by_one.poison}
    ordered = sorted(zip(one_by_one.indexes, one_by_one.facts, strict=True))
    return [fact for _, fact in ordered]


@pytest.mark.parametrize("version", CATALOG.events, ids=lambda version: f"{version.name}-v{version.version}")
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_event_gives_the_same_fact_by_columns_and_one_by_one(version: EventVersion, data: st.DataObject) -> None:
    framed = data.draw(st.lists(any_bytes(version), min_size=1, max_size=4))

    facts = read_both_ways(framed)

    assert len(facts) == len(framed)
    assert [fact.offset for fact in facts] == list(range(7, 7 + len(framed)))
    assert {fact.type for fact in facts} == {version.name}
    assert {len(fact.values) for fact in facts} == {len(WANTED[version.name])}


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_batch_of_many_types_keeps_the_place_of_each(data: st.DataObject) -> None:
    framed = data.draw(st.lists(st.sampled_from(CATALOG.events).flatmap(any_bytes), min_size=1, max_size=12))
    facts = read_both_ways(framed, FEW)
    assert [fact.offset - 7 for fact in facts] == list(range(len(framed)))


def test_what_is_said_instead_bears_the_id_of_what_it_replaces() -> None:
    target, own, other = b"t" * 16, b"c" * 16, b"r" * 16
    instead = frame("BirthRegistered", event_id=other, sex="female")
    (fact,) = read_both_ways([frame("EventCorrected", event_id=own, **{TARGET: target, REPLACEMENT: instead})], FEW)
    assert (fact.event_id, fact.thread_id) == (own, target)
    assert fact.replacement is not None
    assert (fact.replacement.event_id, fact.replacement.thread_id) == (target, target)
    assert fact.replacement.values == (None, "female")


def test_an_annulment_belongs_to_the_thread_of_its_target() -> None:
    (fact,) = read_both_ways([frame("EventAnnulled", event_id=b"a" * 16, **{TARGET: b"t" * 16})])
    assert (fact.event_id, fact.thread_id, fact.replacement) == (b"a" * 16, b"t" * 16, None)


@pytest.mark.parametrize(
    "instead", [b"", b"\0\0\0\0\1x", b"\0\xff\xff\xff\xff", frame("EventAnnulled")], ids=lambda each: each[:8].hex()
)
def test_a_correction_whose_replacement_cannot_be_read_is_poison_alone(instead: bytes) -> None:
    birth = frame("BirthRegistered", event_id=b"b" * 16)
    good = frame("EventCorrected", event_id=b"g" * 16, **{REPLACEMENT: birth})
    bad = frame("EventCorrected", event_id=b"x" * 16, **{REPLACEMENT: instead})
    facts = read_both_ways([birth, bad, good])
    assert [fact.event_id[:1] for fact in facts] == [b"b", b"g"]


def test_damage_takes_no_neighbour_with_it() -> None:
    births = [frame("BirthRegistered", event_id=bytes([n] * 16)) for n in range(20)]
    births[3] = births[3][:-4]
    births[9] = b"\1" + births[9][1:]
    facts = read_both_ways(births)
    assert [fact.event_id[0] for fact in facts] == [n for n in range(20) if n not in (3, 9)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"occurred_on": 2**31 - 1},
        {"occurred_on": 100_000},
        {"mother_birth_on": -(2**31)},
        {"registered_at": 2**62},
        {"registered_at": -(2**62)},
        {"office": "0980\0"},
        {"residence_area": "\0"},
        {"sex": "fe\0male"},
    ],
    ids=str,
)
def test_what_no_table_and_no_calendar_holds_is_poison_alone(wrong: dict[str, Any]) -> None:
    births = [frame("BirthRegistered", event_id=bytes([n] * 16)) for n in range(5)]
    births[3] = frame("BirthRegistered", event_id=b"x" * 16, **wrong)
    facts = read_both_ways(births, FEW)
    assert [fact.event_id[0] for fact in facts] == [0, 1, 2, 4]
    instead = [frame("EventCorrected", event_id=b"g" * 16, **{REPLACEMENT: each}) for each in births]
    assert [fact.offset - 7 for fact in read_both_ways(instead, FEW)] == [0, 1, 2, 4]


def test_an_old_version_is_read_as_the_latest_would_have_said_it() -> None:
    old = CATALOG.get_event("ResidenceConfirmed", 1)
    record = make("ResidenceConfirmed", {"confirmed_area": "0980"})
    del record["method"]
    (fact,) = read_both_ways([encode(old, record)], {"ResidenceConfirmed": ("confirmed_area", "method")})
    assert fact.values == ("0980", "not-stated")


def test_a_handler_may_not_ask_for_a_field_that_no_schema_has() -> None:
    with pytest.raises(ValueError, match="BirthRegistered has no field six"):
        FactReader(CATALOG, {"BirthRegistered": ("six",)})
