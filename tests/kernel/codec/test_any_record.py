"""Whatever fits a schema survives the log: written once, read the same by records and by columns."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.kernel.codec import Decoder, encode
from services.kernel.codec.columns import ColumnReader
from services.kernel.contract.catalog import Catalog, EventVersion
from services.kernel.errors import Corrupt

CATALOG = Catalog.load()
_SIMPLE: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(max_size=12),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "boolean": st.booleans(),
    "bytes": st.binary(max_size=40),
}


def values(avro_type: Any) -> st.SearchStrategy[Any]:
    """Any value of a bare Avro type."""
    if isinstance(avro_type, list):
        return st.none() | values(avro_type[1])
    if isinstance(avro_type, str):
        return _SIMPLE[avro_type]
    match avro_type["type"]:
        case "array":
            return st.lists(values(avro_type["items"]), max_size=3)
        case "fixed":
            return st.binary(min_size=avro_type["size"], max_size=avro_type["size"])
        case "record":
            return st.fixed_dictionaries({field["name"]: values(field["type"]) for field in avro_type["fields"]})
    return values(avro_type["type"])


@pytest.mark.parametrize("version", CATALOG.events, ids=lambda version: f"{version.name}-v{version.version}")
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_record_reads_the_same_both_ways(version: EventVersion, data: st.DataObject) -> None:
    records = data.draw(st.lists(values(version.columns_schema), min_size=1, max_size=4))
    framed = [encode(version, record) for record in records]

    columns = ColumnReader(version).read(framed)

    assert columns.poison == ()
    assert columns.frame.to_dicts() == records
    assert [Decoder(CATALOG).decode(each).record for each in framed] == records


@settings(max_examples=300, deadline=None)
@given(noise=st.binary(max_size=80), schema_id=st.sampled_from([each.schema_id for each in CATALOG.events]))
def test_noise_is_named_as_damage_and_never_crashes_a_reader(noise: bytes, schema_id: int) -> None:
    framed = b"\0" + schema_id.to_bytes(4, "big") + noise
    version = CATALOG.get_by_id(schema_id)
    assert isinstance(version, EventVersion)
    columns = ColumnReader(version).read([framed])
    assert len(columns.frame) + len(columns.poison) == 1
    assert columns.poison or Decoder(CATALOG).decode(framed).type == version.name


@pytest.mark.parametrize(
    "change",
    [{"sexx": "female"}, {"sex": 1}, {"live_birth": "yes"}, {"birth_order": 1 << 40}, {"event_id": b"short"}],
)
def test_a_record_that_does_not_fit_its_schema_never_becomes_bytes(
    change: dict[str, Any], to_record: Callable[[dict[str, Any]], tuple[EventVersion, dict[str, Any]]]
) -> None:
    """fastavro alone would drop `sexx` without a word."""
    example = Path(__file__).parents[3] / "schemas/registration/BirthRegistered/examples/foundling.json"
    version, fitting = to_record(json.loads(example.read_text("utf-8")))
    encode(version, fitting)
    with pytest.raises(Corrupt):
        encode(version, fitting | change)
