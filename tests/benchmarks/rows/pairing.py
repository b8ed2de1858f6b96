"""Who is meant, over a register of a million: questions with slips, in batches as the clerk asks them, every look
recorded on the log. Against the look-ups of the same keys alone, and one by one.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from services.exchange.pairing.finding import Finder
from services.exchange.pairing.pairer import BATCH_MAX, Pairer
from services.exchange.pairing.pairing import NEEDS_PEOPLE, Kind, Pairing, Question
from services.exchange.particulars.identification import Identification
from services.kernel.clock import SystemClock
from services.kernel.contract.catalog import Catalog
from services.kernel.database import open_pool
from services.kernel.event_id import new_event_id
from services.kernel.log.producer import LogProducer
from services.kernel.privacy.region_key import RegionKey
from services.kernel.reading.recorder import ReadRecorder
from tests.benchmarks.pairing.people import Person, make_people
from tests.benchmarks.pairing.slips import Asked, ask_about
from tests.benchmarks.projecting import ask, count_log, wait_until_applied
from tests.benchmarks.results import Cost, Figure, Row
from tests.benchmarks.stage import Stage
from tests.benchmarks.usage import MemorySampler, Meter
from tests.benchmarks.workload import AREAS, OFFICE, REGION

TITLE = "who is meant: pairing in batches"
_SEED = 2026
_PATIENCE_S = 1800.0


def measure(stage: Stage) -> Row:
    """The rate is of questions, finding, recording, opening and comparing included."""
    count = stage.count(usual=1_000_000, quick=5_000)
    people = make_people(count, _SEED)
    row = Row("pairing", TITLE, count)
    _fill(stage, people)
    asked = ask_about(people, make_people(max(count // 50, 100), _SEED + 1), 2_000 if stage.quick else 10_000, _SEED)
    stage.say(f"pairing: {len(asked):,} questions over {count:,} people")
    with MemorySampler(stage.running) as memory, Meter(stage.running) as meter:
        measured = asyncio.run(_measure(stage, asked))
    row.cost = Cost.of(meter, len(asked), memory.peaks())
    paired = [each for each in measured.pairings if each.kind is Kind.PAIRED]
    people_asked = sum(each.kind in NEEDS_PEOPLE for each in measured.pairings)
    row.figures = [
        Figure("in batches", len(asked) / measured.batched_s, "questions/s", "index look-ups", measured.lookups_per_s),
        Figure("of the look-ups alone", len(asked) / measured.batched_s, "questions/s", "index look-ups",
               measured.lookups_per_s, of_ratio=True),
        Figure("one by one", measured.single_per_s, "questions/s"),
        Figure("processor time of the caller", measured.cpu_s / len(asked) * 1e6, "µs/question"),
    ]  # fmt: skip
    row.notes.append(
        f"{len(paired) / len(asked):.1%} paired by themselves, {people_asked / len(asked):.1%} are for people"
    )
    return row


class _Measured:
    pairings: list[Pairing]
    batched_s: float
    cpu_s: float
    single_per_s: float
    lookups_per_s: float


def _fill(stage: Stage, people: Sequence[Person]) -> None:
    """Everybody is enumerated over the wire, and stands in the tables of both projections when this returns."""
    stage.say(f"pairing: enumerating {len(people):,} people")
    file = stage.work / "people.ndjson"
    _write_posts(file, people)
    wait_until_applied(stage, count_log(stage))
    before = count_log(stage)
    stage.send("/v1/events:batch", file, per_request=1000, connections=4)[0].require(200)
    wait_until_applied(stage, before + len(people))
    give_up_at = time.monotonic() + _PATIENCE_S
    behind = (
        "SELECT sum(r.next_offset) > sum(l.next_offset) FROM projection.position AS r JOIN projection.position AS l"
        " USING (topic, partition) WHERE r.projection = 'register' AND l.projection = 'lookup'"
    )
    while ask(stage, behind):
        if time.monotonic() > give_up_at:
            raise RuntimeError("the index of names does not catch up")
        time.sleep(0.2)


def _write_posts(file: Path, people: Sequence[Person]) -> None:
    now = SystemClock().now()
    with file.open("w") as out:
        for person in people:
            numbers = [{"kind": "cn.ric", "value": person.identifier}] if person.identifier else []
            civil = {
                "family_name": person.family,
                "given_names": person.given,
                "identifiers": numbers,
                "address": {"lines": person.address.split(", ")},
            }
            post = {
                "type": "PersonEnumerated",
                "event_id": str(new_event_id(now)),
                "occurred_on": "2020-12-31",
                "registered_at": "2021-01-02T09:00:00Z",
                "residence_area": AREAS[person.household % len(AREAS)],
                "office": OFFICE,
                "subjects": [{"role": "person", "civil": civil}],
                "sex": person.sex,
                "birth_on": person.born.isoformat(),
                "residence_kind": "permanent",
            }
            out.write(json.dumps(post, ensure_ascii=False) + "\n")


async def _measure(stage: Stage, asked: Sequence[Asked]) -> _Measured:
    settings = stage.running.regions[REGION].get_settings("projections")
    catalog, clock = Catalog.load(), SystemClock()
    region_key = RegionKey.read(Path(settings["DOMICILE_REGION_KEY_FILE"]))
    pool = await open_pool(settings["DOMICILE_READ_DATABASE_URL"], name="bench pairing", size_max=1)
    producer = LogProducer(stage.running.kafka, client_id="bench-pairing")
    recorder = ReadRecorder(producer, catalog, region_key, REGION, "exchange", clock)
    pairer, finder = Pairer(catalog, region_key, recorder, REGION, clock), Finder(region_key)
    questions = [
        Question(str(new_event_id(clock.now())), Identification.from_document(each.document), "south") for each in asked
    ]
    measured = _Measured()
    try:
        async with pool.acquire() as connection:
            await pairer.pair(connection, questions[:200])
            begun, cpu = time.perf_counter(), time.process_time()
            measured.pairings = await pairer.pair(connection, questions)
            measured.batched_s, measured.cpu_s = time.perf_counter() - begun, time.process_time() - cpu
            measured.lookups_per_s = await _look_up(connection, finder, questions)
            few = questions[:200]
            begun = time.perf_counter()
            for question in few:
                await pairer.pair(connection, [question])
            measured.single_per_s = len(few) / (time.perf_counter() - begun)
    finally:
        await producer.close()
        await pool.close()
    return measured


async def _look_up(connection: asyncpg.Connection, finder: Finder, questions: Sequence[Question]) -> float:
    """The keys of the first round, looked up in the same batches, and nothing done with what is found."""
    begun = time.perf_counter()
    for start in range(0, len(questions), BATCH_MAX):
        await finder.find_likely(
            connection, [question.identification for question in questions[start : start + BATCH_MAX]]
        )
    return len(questions) / (time.perf_counter() - begun)
