"""The map in tables: what ingest put on the log, in any order and any batches, is one set of rows."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from random import Random
from typing import Any

import asyncpg
import pytest

from deploy.local.stack import Running
from services.kernel.codec import Decoder, encode
from services.kernel.contract.catalog import Catalog
from services.projections.engine.projection import Record
from services.projections.geography.atlas import fold_atlas
from services.projections.geography.projection import GeographyProjection
from services.projections.geography.queries import fetch_atlas
from tests.ingest.offices import Office, area, new_id
from tests.on_the_log import read_log
from tests.projections.lookup.conftest import Bench, as_record

CATALOG = Catalog.load()


def day(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


@pytest.fixture(scope="module")
def posted(stack: Running) -> list[Record]:
    """A small history as ingest writes it: a recode, a split, a merger, a name and a parent."""
    office = Office(stack.regions["south"], "geographer")
    base = [area("77"), area("78"), *(area(f"77-{each}", "77") for each in "ABC")]
    new = [area("77-D", "77", occurred_on="1990-07-01", predecessor_areas=["77-A"]), area("77-E", "77")]

    def about(kind: str, code: str, on: str, **more: Any) -> dict[str, Any]:
        given = {"type": kind, "event_id": new_id(), "occurred_on": on, "registered_at": f"{on}T09:00:00Z"}
        return given | {"office": "map", "area": code} | more

    later = [
        about("AreaSplit", "77-A", "1990-07-01", into_areas=["77-D"], area_continues=True),
        about("AreaAbolished", "77-B", "1995-01-01", successor_areas=["77-E"]),
        about("AreaMerged", "77-C", "2000-01-01", merged_areas=["77-C", "77-D"]),
        about("AreaRenamed", "77-A", "2001-01-01", name="Alpha"),
        about("AreaMoved", "77-A", "2002-01-01", parent_area="78"),
    ]
    for event in (*base, *new, *later):
        answer = office.post(event)
        assert answer.status_code == 201, answer.text
    logged = read_log(stack.kafka, "south", ["geography"])
    return [
        as_record(each.offset, each.value, each.topic) for each in logged if each.record["area"][:2] in ("77", "78")
    ]


@pytest.fixture
async def bench(stack: Running) -> AsyncIterator[Bench]:
    bench = Bench(await asyncpg.connect(stack.regions["south"].database), GeographyProjection(CATALOG))
    await bench.open()
    yield bench
    await bench.close()


async def all_rows(bench: Bench) -> list[Any]:
    return [
        sorted(map(repr, await bench.connection.fetch(f"SELECT * FROM {bench.schema}.{table.name}")))
        for table in bench.projection.tables
    ]


async def test_rows_follow_from_the_set_of_records(bench: Bench, posted: Sequence[Record]) -> None:
    assert await bench.apply(posted) == ()
    together = await all_rows(bench)
    for seed in range(3):
        await bench.clear()
        shuffled = [*posted, *posted[:4]]
        Random(seed).shuffle(shuffled)
        while shuffled:
            assert await bench.apply(shuffled[: seed + 2]) == ()
            del shuffled[: seed + 2]
        assert await all_rows(bench) == together
    # Another worker knows nothing of what this one has in mind.
    bench.projection = GeographyProjection(CATALOG)
    await bench.apply(posted)
    assert await all_rows(bench) == together


async def test_the_tables_hold_the_atlas(bench: Bench, posted: Sequence[Record]) -> None:
    await bench.apply(posted)
    stored = await fetch_atlas(bench.connection, bench.schema)
    folded = fold_atlas(bench.projection.read(posted).content.values())
    assert (stored.versions, stored.changes, stored.links) == (folded.versions, folded.changes, folded.links)
    assert set(stored.findings) == set(folded.findings) == set()
    assert stored.line("77-A", day("2001-12-31")) == ("77-A", "77")
    assert stored.line("77-A", day("2002-01-01")) == ("77-A", "78")
    (damaged,) = await bench.apply([as_record(99, posted[0].value[:-3])])
    assert damaged.reason == "bad-avro"


def correct(target: Record, offset: int, **instead: Any) -> Record:
    """A correction of a record on the log, as ingest frames it."""
    act = Decoder(CATALOG).decode(target.value)
    said = act.record | {"event_id": offset.to_bytes(16, "big"), "registered_at": act.record["registered_at"] + offset}
    said |= {"target_event_id": act.record["event_id"], "target_type": act.type, "target_context": "geography"}
    said |= {"target_key": b"77-A", "reason": "wrong-date", "case_reference": None}
    said["replacement"] = encode(CATALOG.get_event(act.type), act.record | instead)
    version = CATALOG.get_event("EventCorrected")
    whole = {field["name"]: said[field["name"]] for field in version.document["fields"]}
    return as_record(offset, encode(version, whole), target.place.topic)


async def test_a_correction_restates_the_map_in_any_order(bench: Bench, posted: Sequence[Record]) -> None:
    decoder = Decoder(CATALOG)
    (renamed,) = [each for each in posted if decoder.decode(each.value).type == "AreaRenamed"]
    right = correct(renamed, 10_001, name="Alef")
    later = correct(renamed, 10_002, name="Alpha", occurred_on=day("2001-06-01"))
    results = []
    for order in ([*posted, right, later], [later, *posted, right], [right, later, *posted]):
        await bench.clear()
        for record in order:
            assert await bench.apply([record]) == ()
        results.append(await all_rows(bench))
        atlas = await fetch_atlas(bench.connection, bench.schema)
        names = [(version.valid_from, version.name) for version in atlas.by_area["77-A"]]
        assert names[:2] == [(day("1900-01-01"), "Area 77-A"), (day("2001-06-01"), "Alpha")]
        assert atlas.findings == ()
    assert results[0] == results[1] == results[2]


async def test_workers_follow_the_map(stack: Running, posted: Sequence[Record]) -> None:
    """The registered projection, as the running service fills it."""
    connection = await asyncpg.connect(stack.regions["south"].database)
    try:
        for _ in range(200):
            atlas = await fetch_atlas(connection)
            if "77-A" in atlas.subtree("78", day("2020-01-01")):
                break
            await connection.execute("SELECT pg_sleep(0.05)")
        assert atlas.subtree("78", day("2020-01-01")) == ("77-A", "78")
    finally:
        await connection.close()
