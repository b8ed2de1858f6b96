"""What is compiled for posted values against fastavro, which is told the same as a record: the same bytes."""

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import fastavro
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.kernel.codec.posts.compiled import compile_posted_writer, source_of
from services.kernel.codec.posts.dates import EPOCH, PRECISIONS
from services.kernel.contract.catalog import Catalog
from services.kernel.contract.envelope import ENVELOPE_FIELDS
from tests.kernel.codec.test_any_record import values

CATALOG = Catalog.load()
POSTED = [event for event in CATALOG.events if event.posted_by]
COMPARTMENTS = {compartment for event in POSTED for compartment in event.compartments}
SCHEMAS: dict[str, tuple[Sequence[dict[str, Any]], bool]] = {
    **{f"{event.name}-v{event.version}": (event.document["fields"][len(ENVELOPE_FIELDS) :], True)
       for event in POSTED if not event.two_people},
    **{f"{block.name}-v{block.version}": (block.document["fields"], False)
       for block in CATALOG.blocks if block.compartment in COMPARTMENTS},
}  # fmt: skip
"""Of what somebody may post; what services write themselves goes another way."""
DATES = st.tuples(st.dates(date(1801, 1, 1), date(2199, 1, 1)), st.sampled_from([4, 7, 10])).map(
    lambda drawn: drawn[0].isoformat()[: drawn[1]]
)
TIMES = st.datetimes(datetime(1970, 7, 20), datetime(2039, 9, 6), timezones=st.just(UTC))  # noqa: DTZ001
Pair = tuple[Any, Any]
"""A value as it is posted, and the same as it stands in a record."""


def both(avro_type: Any) -> st.SearchStrategy[Pair]:
    """A value of an Avro type, said twice."""
    if isinstance(avro_type, list):
        return st.just((None, None)) | both(avro_type[1])
    if isinstance(avro_type, dict):
        match avro_type.get("logicalType"), avro_type["type"]:
            case "uuid", _:
                return st.uuids().map(lambda drawn: (drawn, drawn.bytes))
            case "timestamp-millis", _:
                return TIMES.map(lambda at: (at, (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)))
            case _, "array":
                lists = st.lists(both(avro_type["items"]), max_size=3)
                return lists.map(lambda drawn: ([each[0] for each in drawn], [each[1] for each in drawn]))
            case _, "record":
                return both_of(avro_type["fields"])
        return both(avro_type["type"])
    return values(avro_type).map(lambda drawn: (drawn, drawn))


def both_of(fields: Sequence[dict[str, Any]]) -> st.SearchStrategy[Pair]:
    """An object and a record with these fields; a text for a date becomes a day and a precision."""
    drawn = {}
    for field in fields:
        if "date" in str(field["type"]) and not field["name"].endswith("_precision"):
            optional = isinstance(field["type"], list)
            drawn[field["name"]] = (st.none() | DATES if optional else DATES).map(lambda text: (text, text))
        elif not field["name"].endswith("_on_precision"):
            drawn[field["name"]] = both(field["type"])
    return st.fixed_dictionaries(drawn).map(lambda pairs: (
        SimpleNamespace(**{name: pair[0] for name, pair in pairs.items()}), dict(to_record(fields, pairs))
    ))  # fmt: skip


def to_record(fields: Sequence[dict[str, Any]], pairs: dict[str, Pair]) -> Iterator[tuple[str, Any]]:
    for field in fields:
        name = field["name"]
        if f"{name}_precision" not in {each["name"] for each in fields}:
            if name in pairs:
                yield name, pairs[name][1]
            continue
        text = pairs[name][1]
        day = text and date.fromisoformat(text + "-01-01"[len(text) - 4 :]).toordinal() - EPOCH
        yield name, day
        yield f"{name}_precision", text and PRECISIONS[len(text)]


@pytest.mark.parametrize("name", SCHEMAS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_bytes_of_posted_values_are_those_that_fastavro_writes_of_the_record(
    name: str, data: st.DataObject
) -> None:
    fields, keep_strings = SCHEMAS[name]
    posted, record = data.draw(both_of(fields))
    plain = without_logical_types({"type": "record", "name": "any", "fields": list(fields)})
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, plain, record, strict=True)
    write = compile_posted_writer(name, fields, keep_strings=keep_strings)
    assert write(posted) == buffer.getvalue()
    assert write(posted) == buffer.getvalue()  # also from what was kept


def without_logical_types(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: without_logical_types(value) for key, value in schema.items() if key != "logicalType"}
    return [without_logical_types(each) for each in schema] if isinstance(schema, list) else schema


def test_what_is_compiled_can_be_read() -> None:
    fields = [{"name": "kind", "type": "string"}, {"name": "born", "type": "boolean"}]
    assert source_of(fields, keep_strings=True) == (
        "def write(v):\n return b''.join((text(v.kind), (b'\\1' if v.born else b'\\0')))"
    )


def test_a_text_that_may_be_longer_than_the_table_of_lengths_is_noticed_when_it_is_compiled() -> None:
    with pytest.raises(ValueError, match="statement"):
        source_of([{"name": "statement", "type": ["null", "string"], "max": 9000}], keep_strings=False)


def test_a_date_without_its_precision_is_noticed_when_it_is_compiled() -> None:
    with pytest.raises(ValueError, match="precision"):
        source_of([{"name": "born_on", "type": {"type": "int", "logicalType": "date"}}], keep_strings=True)


def test_ids_and_times_are_taken_from_their_objects() -> None:
    fields = [{"name": "one", "type": ["null", {"type": "fixed", "name": "One", "size": 16, "logicalType": "uuid"}]}]
    write = compile_posted_writer("one", fields, keep_strings=True)
    assert write(SimpleNamespace(one=UUID(int=7))) == b"\2" + UUID(int=7).bytes
