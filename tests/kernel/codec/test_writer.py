"""The compiled writer against fastavro, which it replaces: the same bytes, and stricter about what it is given."""

import io
from typing import Any

import fastavro
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.kernel.codec.encode import Encoder
from services.kernel.contract.catalog import BlockVersion, Catalog, EventVersion
from services.kernel.errors import Corrupt
from tests.kernel.codec.test_any_record import values

CATALOG = Catalog.load()
VERSIONS: list[EventVersion | BlockVersion] = [*CATALOG.events, *CATALOG.blocks]
ENCODER = Encoder()
ANYTHING_ELSE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.lists(st.none()), st.just({})
)


def bare(version: EventVersion | BlockVersion) -> Any:
    return version.columns_schema if isinstance(version, EventVersion) else version.document


def by_fastavro(version: EventVersion | BlockVersion, record: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, version.plain, record, strict=True)
    return buffer.getvalue()


def every_version(test: Any) -> Any:
    relaxed = settings(
        max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
    )
    named = pytest.mark.parametrize("version", VERSIONS, ids=lambda version: f"{version.name}-v{version.version}")
    return named(relaxed(given(data=st.data())(test)))


@every_version
def test_the_bytes_are_those_that_fastavro_writes(version: EventVersion | BlockVersion, data: st.DataObject) -> None:
    record = data.draw(values(bare(version)))
    assert ENCODER.encode(version, record) == by_fastavro(version, record)


@every_version
def test_a_record_with_an_unknown_or_a_missing_or_a_wrong_field_is_refused(
    version: EventVersion | BlockVersion, data: st.DataObject
) -> None:
    record = data.draw(values(bare(version)))
    field = data.draw(st.sampled_from(version.document["fields"]))
    with pytest.raises(Corrupt, match="does-not-fit-schema"):
        ENCODER.encode(version, record | {"no_such_field": 1})
    if "default" not in field:
        with pytest.raises(Corrupt, match="does-not-fit-schema"):
            ENCODER.encode(version, {name: value for name, value in record.items() if name != field["name"]})
    wrong = data.draw(ANYTHING_ELSE.filter(lambda value: not fits(value, field["type"])))
    with pytest.raises(Corrupt, match="does-not-fit-schema"):
        ENCODER.encode(version, record | {field["name"]: wrong})


def fits(value: Any, avro_type: Any) -> bool:
    """Whether a value may stand there, by the letter of Avro. Only as deep as `ANYTHING_ELSE` goes."""
    if isinstance(avro_type, list):
        return any(fits(value, branch) for branch in avro_type)
    match avro_type:
        case "null":
            return value is None
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "bytes":
            return isinstance(value, bytes)
        case "int" | "long":
            bound = 1 << (31 if avro_type == "int" else 63)
            return isinstance(value, int) and not isinstance(value, bool) and -bound <= value < bound
        case {"type": "fixed", "size": size}:
            return isinstance(value, bytes) and len(value) == size
        case {"type": "array"}:
            return value == [] and isinstance(value, list)
        case {"type": "record", "fields": fields}:
            return value == {} and all("default" in field for field in fields)
        case {"type": inner}:
            return fits(value, inner)
    raise AssertionError(avro_type)


def test_a_lone_surrogate_never_becomes_bytes() -> None:
    block = CATALOG.latest_block("civil")
    with pytest.raises(Corrupt, match="does-not-fit-schema"):
        ENCODER.encode(block, {"given_names": "\udc00"})


def test_a_refused_record_is_named_by_its_place_and_never_quoted() -> None:
    with pytest.raises(Corrupt) as refused:
        ENCODER.encode(CATALOG.latest_block("civil"), {"given_names": "Xylophonia", "family_name": 7})
    assert "family_name" in str(refused.value)
    assert "Xylophonia" not in str(refused.value)
    assert "7" not in str(refused.value)
