"""Every field of every event type, filled: it is taken, stands on the log, and says what was posted.

The posts are made from the contract, so a new field or type is tested because it exists.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.local.stack import Region, Running
from services.kernel.codec import Decoder
from services.kernel.contract.catalog import ENVELOPE, Catalog, EventVersion
from services.kernel.contract.fields import Field
from services.kernel.log.reader import LogReader, Partition, Range
from services.kernel.privacy.data_keys import DataKeys
from services.kernel.privacy.region_key import RegionKey
from services.kernel.privacy.sealing import unseal
from tests.ingest.offices import Office, new_id, signing_folder
from tests.kernel.identity.tokens_of_attackers import Forge

CATALOG = Catalog.load()
TYPES = [
    event
    for event in CATALOG.latest_events
    if not event.two_people and event.context != "geography" and event.posted_by
]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DATES = st.dates(date(1801, 1, 1), date(2024, 1, 1)).flatmap(
    lambda day: st.sampled_from([day.isoformat(), day.isoformat()[:7], day.isoformat()[:4]])
)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2024, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.isoformat(timespec="milliseconds")
)
UUIDS = st.uuids().map(str)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)


def one_value(field: Field) -> st.SearchStrategy[Any]:
    """What may be posted as one value of a field."""
    if field.region_field is None and field.is_area:
        return st.just("0980")
    if field.vocabulary:
        return st.sampled_from(sorted(CATALOG.vocabulary(field.vocabulary)))
    if field.kind == "record":
        return record_of(field.fields)
    if field.pattern:
        return st.from_regex(field.pattern, fullmatch=True).filter(lambda text: text.isascii() and len(text) < 60)
    match field.kind:
        case "string":
            return TEXT if field.is_array or field.max is None else TEXT.map(lambda text: text[: field.max])
        case "int" | "long":
            low, high = field.min or 0, field.max if field.max is not None else 1 << 30
            return st.integers(low, high)
        case "date":
            return DATES
        case "timestamp-millis":
            return TIMES
        case "uuid":
            return UUIDS
    return st.booleans()


def value_of(field: Field) -> st.SearchStrategy[Any]:
    if field.is_array:
        return st.lists(
            one_value(field), min_size=max(field.min or 0, 1), max_size=min(field.max or 2, 2), unique_by=str
        )
    return one_value(field)


def record_of(fields: tuple[Field, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Every field that may be posted, filled."""
    return st.fixed_dictionaries({field.name: value_of(field) for field in fields if field.posted})


def post_of(event: EventVersion) -> st.SearchStrategy[dict[str, Any]]:
    """A post of the type with all its roles and all their blocks."""
    subjects = [
        st.fixed_dictionaries(
            {
                "role": st.just(role),
                "person_id": UUIDS,
                **{name: record_of(CATALOG.latest_block(name).fields) for name in event.compartments},
            }
        )
        for role in event.roles
    ]
    own = {field.name: value_of(field) for field in event.own_fields if field.posted}
    return st.fixed_dictionaries({"subjects": st.tuples(*subjects).map(list), **own})


@pytest.fixture(scope="module")
def office(north: Region) -> Office:
    """Somebody who may post everything."""
    roles = sorted({role for event in TYPES for role in event.posted_by})
    opened, forge = Office(north, "importer"), Forge(signing_folder(north), "north")
    opened.http.headers["authorization"] = f"Bearer {forge.sign(forge.claims(roles=roles))}"
    return opened


@pytest.fixture(scope="module")
def read_back(stack: Running) -> Callable[[dict[str, Any]], Any]:
    """The record at a position."""
    reader, decoder = LogReader(stack.kafka), Decoder(CATALOG)

    def read(position: dict[str, Any]) -> dict[str, Any]:
        place = Partition(position["topic"], position["partition"])
        (batch,) = reader.read_range({place: Range(position["offset"], position["offset"] + 1)})
        return decoder.decode(batch[0].value() or b"").record

    return read


@pytest.mark.parametrize("event", TYPES, ids=lambda event: event.name)
async def test_every_field_that_is_posted_is_read_back_from_the_log(
    event: EventVersion, office: Office, north: Region, read_back: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    posted = draw(post_of(event))
    post = posted | {
        "type": event.name,
        "event_id": new_id(),
        "occurred_on": posted.get("occurred_on", "2003-05-17"),
        "registered_at": "2003-05-20T09:30:00.123+02:00",
        "office": "0980-1",
        "residence_area": "0980",
        "occurrence_area": "0980",
        "caused_by": new_id(),
        "conversation_id": new_id(),
        "link_id": new_id(),
        "purpose": event.purpose,
        "legal_basis": event.legal_basis,
        "source": "partner",
    }
    answer = office.post(post)
    assert answer.status_code == 201, (answer.text, json.dumps(post))
    record = read_back(answer.json()["position"])
    for field in (*ENVELOPE, *event.own_fields):
        if field.posted and field.name in post and field.name != "subjects":
            assert record[field.name] == plain(field, post[field.name]), field.name
    for subject, logged in zip(post["subjects"], record["subjects"], strict=True):
        assert logged["role"] == subject["role"]
        blocks = await unsealed(north, record["event_id"], logged)
        assert set(blocks) == set(event.compartments)
        for name, particulars in blocks.items():
            for field in CATALOG.latest_block(name).fields:
                assert without_quality(particulars[field.name]) == plain(field, subject[name][field.name]), field.name


async def unsealed(region: Region, event_id: bytes, subject: dict[str, Any]) -> dict[str, Any]:
    """The particulars of a subject by compartment, as somebody with the region's key reads them."""
    keys = DataKeys(RegionKey.read(region.home / "regions" / region.name / "region.key"))
    connection = await asyncpg.connect(region.database)
    try:
        found = await keys.find(connection, [UUID(bytes=block["key_id"]) for block in subject["blocks"]])
    finally:
        await connection.close()
    decoder = Decoder(CATALOG)
    return {
        block["compartment"]: decoder.decode_block(
            block["block_schema_id"],
            unseal(found[UUID(bytes=block["key_id"])], block, event_id=event_id, person_id=subject["person_id"]),
        )
        for block in subject["blocks"]
    }


def without_quality(value: Any) -> Any:
    """What ingest adds to an identifier was not posted."""
    if isinstance(value, list):
        return [without_quality(each) for each in value]
    return {k: v for k, v in value.items() if k != "quality"} if isinstance(value, dict) else value


def plain(field: Field, posted: Any) -> Any:
    """A posted value as it stands on the log."""
    if field.is_array:
        return [plain_one(field, each) for each in posted]
    return plain_one(field, posted)


def plain_one(field: Field, posted: Any) -> Any:
    match field.kind:
        case "uuid":
            return UUID(posted).bytes
        case "date":
            return (date.fromisoformat(posted + "-01-01"[len(posted) - 4 :]) - EPOCH.date()).days
        case "timestamp-millis":
            return (datetime.fromisoformat(posted) - EPOCH) // timedelta(milliseconds=1)
        case "record":
            return {each.name: plain(each, posted[each.name]) for each in field.fields if each.posted}
    return posted


def draw(strategy: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    """One value, the same in every run."""
    drawn: list[dict[str, Any]] = []

    @settings(max_examples=3, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def keep(value: dict[str, Any]) -> None:
        drawn.append(value)

    keep()
    return drawn[-1]
