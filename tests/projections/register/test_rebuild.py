"""Rebuilt from real Kafka while workers follow and records come: row for row what the live tables and the fold say."""

import asyncio
from collections.abc import Sequence
from functools import partial

import pytest
from confluent_kafka import Producer

from services.projections.engine.projection import Place, Record
from services.projections.engine.rebuild import Order, Rebuild, Setup
from services.projections.register.bulk.peek import find_people
from tests.projections.engine.rebuild.counting import Witness
from tests.projections.register.comparing import assert_equal, fold_all, read_tables
from tests.projections.register.rebuilt import make_register
from tests.projections.register.records import frame, write_histories
from tests.projections.register.test_engine import EVENTS, RegisterLab, lab, role_of
from tests.projections.tabulation.summing import assert_summed

__all__ = ["lab"]


async def test_a_record_that_raises_in_the_fold_is_left_out_of_every_life_as_live(
    lab: RegisterLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTER_RAISES", "1")
    lab.prepare(())
    histories = write_histories(range(9100, 9120), EVENTS, lab.region)
    births = write_raising_births(lab.region, histories)
    await asyncio.to_thread(lab.produce, [*histories, *births])
    worker = asyncio.create_task(lab.run_worker(200))
    records = await asyncio.to_thread(lab.read_log)
    await lab.until_applied(len(records))
    aside = [(entry["topic"], entry["partition"], entry["offset"], entry["error"]) for entry in await lab.set_aside()]
    assert {entry[3] for entry in aside} == {"ValueError"}
    role, url = await role_of(lab.settings["DOMICILE_DATABASE_URL"]), lab.stack.regions["north"].database
    setup = Setup(lab.region, lab.stack.kafka, url, role, lab.folder / "rebuild", part_records=100)
    witness = Witness()
    outcome = await Rebuild(setup, partial(make_register, lab.names[0]), witness).run(Order())
    assert (outcome.switched, outcome.differences, outcome.aside) == (True, (), len(aside))
    assert any("folding once more" in sentence for sentence in witness.sentences)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    sound = [record for record in records if (*record.place, "ValueError") not in aside]
    assert len(sound) == len(records) - len(aside) < len(records)
    assert_equal(await read_tables(lab.database, f"{lab.names[0]}_v2"), fold_all(sound))
    await lab.database.execute(f"DROP SCHEMA {lab.names[0]}_v2 CASCADE")


def write_raising_births(region: str, others: Sequence[Record]) -> list[Record]:
    """Births of children whom nothing else names; their mothers are people of other events."""
    mothers = [person for record in others if len(person := find_people(record.value)) == 16][:5]
    births = []
    for number, mother in enumerate(mothers):
        said = {"role": "child", "region": region, "person_id": bytes([200 + number]) * 16, "identified_by": "derived"}
        birth = {
            "event_id": bytes([100 + number]) * 16,
            "occurred_on": 10_000 + number,
            "occurred_on_precision": "day",
            "office": "raises",
            "sex": "female",
            "subjects": [{**said, "blocks": []}, {**said, "role": "mother", "person_id": mother, "blocks": []}],
        }
        place = Place(f"{region}.registration", 0, 10_000 + number)
        births.append(Record(place, 0, "", frame("BirthRegistered", **birth)))
    return births


async def test_histories_are_rebuilt_row_for_row_under_load_with_poison_among_them(lab: RegisterLab) -> None:
    lab.prepare(())
    await asyncio.to_thread(lab.produce, write_histories(range(9000, 9060), EVENTS, lab.region))
    producer = Producer({"bootstrap.servers": lab.stack.kafka})
    producer.produce(lab.topics[0], value=b"\0\0\0\0\1 nothing that could be read", partition=1)
    assert producer.flush(30) == 0
    worker = asyncio.create_task(lab.run_worker(200))
    await lab.until_some_applied()
    role, url = await role_of(lab.settings["DOMICILE_DATABASE_URL"]), lab.stack.regions["north"].database
    setup = Setup(lab.region, lab.stack.kafka, url, role, lab.folder / "rebuild", part_records=300)
    building = asyncio.create_task(Rebuild(setup, partial(make_register, lab.names[0]), Witness()).run(Order()))
    await asyncio.to_thread(lab.produce, write_histories(range(9060, 9080), EVENTS, lab.region))
    outcome = await building
    assert (outcome.switched, outcome.compared, outcome.differences, outcome.aside) == (True, True, (), 1)
    records = await asyncio.to_thread(lab.read_log)
    live = "SELECT sum(next_offset)::bigint FROM projection.position WHERE projection = $1 AND number = 2"
    await lab.until(lambda: lab.database.fetchval(live, lab.names[0]), len(records))
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert len(await lab.set_aside()) == 1
    readable = [record for record in records if b"nothing that could be read" not in record.value]
    assert_equal(await read_tables(lab.database, f"{lab.names[0]}_v2"), fold_all(readable))
    await assert_summed(lab.database, f"{lab.names[0]}_v2")
    await lab.database.execute(f"DROP SCHEMA {lab.names[0]}_v2 CASCADE")
