"""From the post of an arrival until both registers show the link: notice, pairing, feedback and acceptance between two
exchanges over HTTP, with all that both registers log of it. Two regions on a stack of their own.
"""

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from deploy.local import stack as local
from deploy.local.options import Options
from services.kernel.event_id import new_event_id
from tests.benchmarks.results import Cost, Figure, Row
from tests.benchmarks.stage import Stage
from tests.benchmarks.usage import MemorySampler, Meter, combine
from tests.benchmarks.workload import REGION

TITLE = "move posted → both registers co-registered"
PARTNER = "partner"
AREA = {REGION: "B01", PARTNER: "P01"}
_PER_S = 5
_CONNECTIONS = 8
_PER_BATCH = 1000
_PATIENCE_S = 900.0
_LOOK_EVERY_S = 0.02
Post = dict[str, Any]


@dataclass
class _Mover:
    civil: Post
    there: UUID | None = None
    here: UUID | None = None
    posted_s: float = 0.0
    shown_s: float | None = None


class _Corridor:
    """Two regions, who moves between them, and what their registers show."""

    def __init__(self, running: local.Running) -> None:
        self.running = running
        self._now = datetime.now(UTC)

    async def __aenter__(self) -> "_Corridor":
        self.http = {name: self._client(name) for name in AREA}
        self.tables = {
            name: await asyncpg.create_pool(self.running.regions[name].database, min_size=1, max_size=1)
            for name in AREA
        }
        for name, area in AREA.items():
            await self._post(name, [_area(area)])
        return self

    async def __aexit__(self, *_: object) -> None:
        for name in AREA:
            await self.http[name].aclose()
            await self.tables[name].close()

    def _client(self, name: str) -> httpx.AsyncClient:
        region = self.running.regions[name]
        headers = {"authorization": f"Bearer {region.token('importer')}", "content-type": "application/json"}
        return httpx.AsyncClient(base_url=str(region.ingest), headers=headers, timeout=120)

    async def _post(self, name: str, posts: Sequence[Post]) -> list[Post]:
        answer = await self.http[name].post("/v1/events:batch", json=list(posts))
        answer.raise_for_status()
        outcomes: list[Post] = answer.json()["outcomes"]
        if refused := [each for each in outcomes if each["outcome"] == "refused"]:
            raise RuntimeError(f"refused: {refused[0]}")
        return outcomes

    async def settle(self, count: int) -> list[_Mover]:
        """People who live at the partner."""
        movers = [_invent() for _ in range(count)]
        for start in range(0, count, _PER_BATCH):
            part = movers[start : start + _PER_BATCH]
            outcomes = await self._post(PARTNER, [self._event("PersonEnumerated", "person", each) for each in part])
            for mover, outcome in zip(part, outcomes, strict=True):
                mover.there = UUID(outcome["subjects"][0]["person_id"])
        until = time.monotonic() + _PATIENCE_S
        known, query = 0, "SELECT count(*) FROM register.person WHERE person_id = ANY($1)"
        while known < count and time.monotonic() < until:
            known = await self.tables[PARTNER].fetchval(query, [each.there for each in movers])
            await asyncio.sleep(0.1)
        return movers

    async def arrive(self, movers: Sequence[_Mover]) -> None:
        """In one request."""
        posted_s = time.monotonic()
        outcomes = await self._post(REGION, [self._event("ArrivalRegistered", "mover", each) for each in movers])
        for mover, outcome in zip(movers, outcomes, strict=True):
            mover.here, mover.posted_s = UUID(outcome["subjects"][0]["person_id"]), posted_s

    async def watch(self, movers: Sequence[_Mover]) -> None:
        """Until both registers show the link of each."""
        until = time.monotonic() + _PATIENCE_S
        while waiting := [each for each in movers if each.shown_s is None]:
            if time.monotonic() > until:
                raise RuntimeError(f"{len(waiting)} of {len(movers)} moves are not in both registers")
            posted = [each for each in waiting if each.here is not None]
            here = await self._linked(REGION, [each.here for each in posted])
            both = [each for each in posted if each.here in here]
            there = await self._linked(PARTNER, [each.there for each in both]) if both else set()
            now_s = time.monotonic()
            for mover in both:
                if mover.there in there:
                    mover.shown_s = now_s
            await asyncio.sleep(_LOOK_EVERY_S if len(waiting) < 200 else 10 * _LOOK_EVERY_S)

    async def _linked(self, name: str, people: Sequence[UUID | None]) -> set[UUID]:
        rows = await self.tables[name].fetch(
            "SELECT person_id FROM register.link WHERE person_id = ANY($1) AND to_day IS NULL", people
        )
        return {row[0] for row in rows}

    def _event(self, type_: str, role: str, mover: _Mover) -> Post:
        name = REGION if role == "mover" else PARTNER
        moved = {"to_area": AREA[REGION], "from_kind": "region", "from_region": PARTNER, "reason": "work"}
        days = 10 if role == "mover" else 400
        return {
            "type": type_,
            "event_id": str(new_event_id(datetime.now(UTC))),
            "occurred_on": (self._now - timedelta(days=days)).date().isoformat(),
            "registered_at": self._now.isoformat(),
            "office": f"{AREA[name]}-1",
            "residence_area": AREA[name],
            "subjects": [{"role": role, "civil": mover.civil}],
            "sex": "female",
            "birth_on": "1988-03-20",
            "residence_kind": "permanent",
        } | (moved if role == "mover" else {})


def measure(stage: Stage) -> Row:
    """Latency at a steady rate; then as many as go through, posted one by one, and in batches."""
    seconds, count = (40, stage.count(usual=1_500, quick=100)) if not stage.quick else (6, 100)
    row = Row("exchange", TITLE, seconds * _PER_S + 2 * count)
    with _two_regions(stage) as running:
        asyncio.run(_measure(stage, running, row, seconds, count))
    return row


async def _measure(stage: Stage, running: local.Running, row: Row, seconds: int, count: int) -> None:
    meters = []
    with MemorySampler(running) as memory:
        async with _Corridor(running) as corridor:
            stage.say("exchange: the first moves warm it up")
            await _run(corridor, await corridor.settle(20), per_request=1)
            stage.say(f"exchange: {_PER_S} moves/s for {seconds} s")
            movers = await corridor.settle(seconds * _PER_S)
            await _run(corridor, movers, per_request=1, per_s=_PER_S)
            took_ms = sorted((each.shown_s - each.posted_s) * 1000 for each in movers if each.shown_s is not None)
            row.figures += [
                Figure("p50", median(took_ms), "ms", smaller=True),
                Figure("p99", took_ms[len(took_ms) * 99 // 100], "ms", floor=2000, goal=1000, smaller=True),
            ]
            for what, per_request, floor in (("one by one", 1, 50), ("in batches", _PER_BATCH, 150)):
                stage.say(f"exchange: {count} moves {what}")
                movers = await corridor.settle(count)
                began_s = time.monotonic()
                meter = await asyncio.to_thread(Meter(running).__enter__)  # it asks the database in a loop of its own
                await _run(corridor, movers, per_request=per_request)
                rate = count / (time.monotonic() - began_s)
                await asyncio.to_thread(meter.__exit__)
                meters.append(meter)
                row.figures += [
                    Figure(f"posted {what}", rate, "conversations/s", floor=floor, goal=500),
                    Figure(f"cost {what}", meter.cpu_s / count * 1000, "CPU-s/1,000", smaller=True),
                ]
                row.notes.append(_describe(what, meter, count))
    row.cost = Cost.of(combine(meters), 2 * count, memory.peaks())


def _describe(what: str, meter: Meter, count: int) -> str:
    """Where the processor was, for the largest."""
    spent = sorted(meter.cpu.items(), key=lambda each: -each[1])[:6]
    told = ", ".join(f"{name} {seconds / count * 1000:.1f}" for name, seconds in spent)
    return f"{what}, CPU-seconds per 1,000 conversations: {told}; others had {meter.others_s / meter.wall_s:.1f} cores"


async def _run(corridor: _Corridor, movers: list[_Mover], *, per_request: int, per_s: float | None = None) -> None:
    watching = asyncio.create_task(corridor.watch(movers))
    turn = asyncio.Semaphore(_CONNECTIONS)

    async def post(part: Sequence[_Mover]) -> None:
        async with turn:
            await corridor.arrive(part)

    posting = []
    for start in range(0, len(movers), per_request):
        posting.append(asyncio.create_task(post(movers[start : start + per_request])))
        await asyncio.sleep(per_request / per_s if per_s else 0)
    await asyncio.gather(*posting, watching)


@contextmanager
def _two_regions(stage: Stage) -> Iterator[local.Running]:
    home = stage.running.home.parent / f"{stage.running.home.name}-exchange"
    local.dangerous_reset(home)
    try:
        yield local.start(home, Options(regions=(REGION, PARTNER)), stage.say, bound_to_caller=True)
    finally:
        local.dangerous_reset(home)


def _invent() -> _Mover:
    number = random.SystemRandom().randrange(10**10)
    letters = "".join("abcdefghij"[int(digit)] for digit in str(number))
    return _Mover({
        "given_names": f"Ex{letters}",
        "family_name": f"Ample{letters[::-1]}",
        "identifiers": [{"kind": "local", "value": f"B-{number}"}],
    })  # fmt: skip


def _area(code: str) -> Post:
    return {
        "type": "AreaEstablished",
        "event_id": str(new_event_id(datetime.now(UTC))),
        "occurred_on": "1900",
        "registered_at": "1996-01-01T00:00:00Z",
        "office": "map",
        "area": code,
        "name": f"Area {code}",
        "level": 1,
        "area_kind": "municipality",
    }
