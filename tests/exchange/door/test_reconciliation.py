"""Two exchanges over real sockets compare what their registers hold: all differences are found on both sides, none is
invented, and nothing of a person travels.
"""

import re
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.exchange.delivery.posting import Posting
from services.exchange.members import Member
from services.exchange.reconciliation import messages, records
from services.exchange.reconciliation.beginning import Beginning
from services.exchange.reconciliation.digests import HeldLink
from services.exchange.wire.jws import decode_base64url, parse_json
from services.projections.register.tables import TABLES
from tests.exchange.door.clients import client_of
from tests.exchange.reconciliation.sides import Side, Sides
from tests.exchange.regions import Region, open_regions

LINKS, PLANTED = 20_000, 20


async def fill_register(pool: asyncpg.Pool, partner: str, side: Side) -> None:
    """The tables that the projection makes, as far as they are read here."""
    made = {table.name: table for table in TABLES}
    await pool.execute("CREATE SCHEMA IF NOT EXISTS register")
    for name in ("link", "timeline", "event", "person"):
        await pool.execute(made[name].create.format(schema="register"))
        for statement in made[name].indexes[:1]:
            await pool.execute(statement.format(schema="register"))
    await put_links(pool, partner, side)


async def put_links(pool: asyncpg.Pool, partner: str, side: Side) -> None:
    """In the place of what is there."""
    await pool.execute("TRUNCATE register.link")
    rows = [_row(link, None, partner) for link in side.living.values()]
    rows += [_row(link, 20_000, partner) for link in side.ended.values()]
    columns = ["person_id", "link_id", "from_day", "to_day", "own_side", "partner_region", "settled_by", "end_reason"]
    await pool.copy_records_to_table("link", schema_name="register", columns=columns, records=rows)


def _row(link: HeldLink, to_day: int | None, partner: str) -> tuple[Any, ...]:
    side, settled = ("origin", "destination")[link.is_incoming], ("accepted", "tacit")[link.is_tacit]
    reason = None if to_day is None else "moved-on"
    return UUID(bytes=link.person_id), UUID(bytes=link.link_id), link.from_day, to_day, side, partner, settled, reason


@dataclass
class Wire:
    """Begins runs of a region; what went over the wire is kept. `lose`: of which step the answer is lost."""

    region: Region
    sent: list[bytes] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        members = self.region.federation.file(self.region.name)
        self.posting = Posting(members.tls)
        pool = self.region.pool
        self.beginning = Beginning(pool, pool, self.region.journal, members, self.region.clock, self._reach)

    async def _reach(self, partner: Member, request: bytes) -> bytes:
        self.sent.append(request)
        self.heard.append(await self.posting.reconcile(partner, request))
        return self.heard[-1]

    async def run(self, partner: str = "south") -> dict[str, Any]:
        """The run's figures."""
        run_id = await self.beginning.begin(partner, "asked")
        await self.beginning.lead(run_id, partner)
        (run,) = await records.list_runs(self.region.pool, None, run_id)
        return dict(run)

    def said(self) -> list[dict[str, Any]]:
        """What was signed, in the open."""
        return [parse_json(decode_base64url(parse_json(raw)["payload"], "")) for raw in (*self.sent, *self.heard)]


@dataclass
class Corridor:
    north: Region
    south: Region
    west: Region
    wire: Wire


@pytest.fixture(scope="module")
async def corridor(admin_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Corridor]:
    folder: Path = tmp_path_factory.mktemp("federation")
    async with open_regions(admin_url, folder, "north", "south", "west") as regions:
        for region in regions.values():
            await fill_register(region.pool, "nobody", Side())
        wire = Wire(regions["north"])
        yield Corridor(regions["north"], regions["south"], regions["west"], wire)
        await wire.posting.close()


async def findings_of(region: Region) -> set[tuple[bytes, str]]:
    rows = await region.pool.fetch("SELECT link_id, kind FROM exchange.finding WHERE ended IS NULL")
    return {(row["link_id"].bytes, row["kind"]) for row in rows}


async def test_of_20_000_links_all_differences_are_found_on_both_sides_and_none_is_invented(corridor: Corridor) -> None:
    north, south, wire = corridor.north, corridor.south, corridor.wire
    sides = Sides.agreeing(LINKS, 7)
    sides.plant(PLANTED)
    await put_links(north.pool, "south", sides.north)
    await put_links(south.pool, "north", sides.south)
    run = await wire.run()
    assert (run["outcome"], run["found"]) == ("DONE", 5 * PLANTED - PLANTED), run
    assert await findings_of(north) == await findings_of(south) == sides.planted
    pairs = [
        await region.pool.fetch("SELECT finding_id, conversation_id, kind FROM exchange.finding ORDER BY finding_id")
        for region in (north, south)
    ]
    assert [tuple(each) for each in pairs[0]] == [tuple(each) for each in pairs[1]], "both name them alike"
    (other,) = await records.list_runs(south.pool, "north")
    assert (other["outcome"], other["found"], other["begun_by"]) == ("DONE", run["found"], "partner")
    assert (run["bytes_sent"], run["bytes_received"]) == (sum(map(len, wire.sent)), sum(map(len, wire.heard)))
    assert (other["bytes_sent"], other["bytes_received"]) == (run["bytes_received"], run["bytes_sent"])
    await _nothing_of_people_travelled(wire, sides)
    await _mended_they_end(corridor, sides)


async def _nothing_of_people_travelled(wire: Wire, sides: Sides) -> None:
    """Neither in the bytes as they travel nor in what is packed into them, in whatever spelling."""
    packed = b"".join(b64decode(each["data"].get(name, "")) for each in wire.said() for name in ("items", "marks"))
    assert len(packed) > 1000
    windows = {packed[at : at + 16] for at in range(len(packed))}
    text = " ".join(str({k: v for k, v in each.items() if k != "data"}) + str(each["data"]) for each in wire.said())
    spoken_ids, spoken_days = set(re.findall(r"[0-9a-f-]{36}", text)), set(re.findall(r"\d{4}-\d\d-\d\d", text))
    links = [*sides.north.living.values(), *sides.south.living.values(), *sides.north.ended.values()]
    assert not windows & {link.person_id for link in links}
    assert not spoken_ids & {str(UUID(bytes=link.person_id)) for link in links}
    assert spoken_days == {wire.region.clock.now().date().isoformat()}
    assert {key for each in wire.said() for key in each} == {
        "run_id", "from", "to", "step", "at", "data", "request_hash",
    }  # fmt: skip


async def _mended_they_end(corridor: Corridor, sides: Sides) -> None:
    for region, partner, side in ((corridor.north, "south", sides.north), (corridor.south, "north", sides.north)):
        mirrored = {
            link_id: held._replace(is_incoming=held.is_incoming == (region is corridor.north))
            for link_id, held in side.living.items()
        }
        await put_links(region.pool, partner, Side(mirrored, {}))
    run = await corridor.wire.run()
    assert (run["found"], run["closed"], run["outcome"]) == (0, 4 * PLANTED, "DONE")
    for region in (corridor.north, corridor.south):
        assert await findings_of(region) == set()
        ended = await region.pool.fetch("SELECT DISTINCT ended FROM exchange.finding")
        assert [row[0] for row in ended] == ["MENDED"]


async def test_what_is_found_again_is_not_begun_again_and_what_is_under_way_explains_itself(corridor: Corridor) -> None:
    north, south, wire = corridor.north, corridor.south, corridor.wire
    link = HeldLink(uuid4().bytes, uuid4().bytes, 20_000, True)
    await put_links(north.pool, "south", Side({link.link_id: link}))
    await put_links(south.pool, "north", Side())
    await wire.run()
    assert (await wire.run())["found"] == 1
    assert await findings_of(north) == await findings_of(south) == {(link.link_id, "ONE_SIDED_AT_D")}
    count = await north.pool.fetchval("SELECT count(*) FROM exchange.finding WHERE ended IS NULL")
    assert count == 1
    # Something was recorded about the person a moment ago: the register is still settling.
    thread, now = uuid4(), int(north.clock.now().timestamp() * 1000)
    await north.pool.execute(
        'INSERT INTO register.event (event_id, recorded_at, "offset", partition, contested, topic, value)'
        " VALUES ($1, $2, 0, 0, false, '', '')",
        thread,
        now,
    )
    await north.pool.execute("INSERT INTO register.timeline VALUES ($1, $2)", UUID(bytes=link.person_id), thread)
    run = await wire.run()
    assert (run["found"], run["explained"], run["closed"]) == (0, 1, 1)
    for region in (north, south):
        assert await findings_of(region) == set()
        ended = await region.pool.fetchval(
            "SELECT ended FROM exchange.finding WHERE link_id = $1", UUID(bytes=link.link_id)
        )
        assert ended == "EXPLAINED"


async def test_registers_that_were_not_kept_together_are_people_s_business(corridor: Corridor) -> None:
    sides = Sides.agreeing(3000, 9)
    await put_links(corridor.north.pool, "south", sides.north)
    await put_links(corridor.south.pool, "north", Side())
    before = await findings_of(corridor.north)
    assert (await corridor.wire.run())["outcome"] == "TOO_DIFFERENT"
    others = await records.list_runs(corridor.south.pool, "north")
    assert [each["links_told"] for each in others if each["outcome"] == "TOO_DIFFERENT"] == [0]
    assert await findings_of(corridor.north) == before


# -- A hostile partner


async def test_what_is_no_step_of_a_run_of_that_partner_is_refused(corridor: Corridor) -> None:
    north, south = corridor.north, corridor.south
    await put_links(north.pool, "south", Side())
    await put_links(south.pool, "north", Side())
    wire = corridor.wire
    wire.sent.clear()
    await wire.run()
    good, url = wire.sent[0], f"{south.url}/exchange/v1/reconciliation"

    async def post(raw: bytes, by: str = "north") -> tuple[int, str]:
        async with client_of(north.federation, by) as client:
            answer = await client.post(url, content=raw, headers={"content-type": "application/json"})
        return answer.status_code, answer.json().get("path", answer.json().get("code", ""))

    def signed(by: str = "north", **changed: Any) -> bytes:
        members, now = north.federation.members(by), north.clock.now()
        data = {"salt": bytes(32), "our_kid": members.encryption_key(by, now).kid, "links": 0, "sums": bytes(65536),
                "your_kid": members.encryption_key("south", now).kid}  # fmt: skip
        said = messages.Said(uuid4(), by, "south", messages.OPEN, now, data)._replace(
            **{name: value for name, value in changed.items() if name != "more"}
        )
        said = said._replace(data={**said.data, **changed.get("more", {})})
        return messages.write_request(said, members.signing_key(now))[0].to_bytes()

    before = await south.pool.fetchval("SELECT count(*) FROM exchange.reconciliation")
    assert (await post(good))[0] == 200, "the very same request has the very same answer"
    assert (await post(signed()))[0] == 200
    assert (await post(good))[0] == 404, "a replay of an old run"
    old = north.clock.now() - timedelta(hours=1)
    for raw, by in (
        (b"{}", "north"),
        (b"x" * 100, "north"),
        (good[:-20] + b'"}', "north"),
        (good, "west"),
        (signed("west"), "north"),
        (signed(recipient="west"), "north"),
        (signed(at=old), "north"),
        (signed(more={"sums": bytes(16)}), "north"),
        (signed(more={"salt": bytes(8)}), "north"),
        (signed(more={"links": -1}), "north"),
        (signed(more={"our_kid": "nobody"}), "north"),
        (signed(more={"your_kid": "north-read-1"}), "north"),
        (signed(more={"person_id": "x"}), "north"),
        (signed(step="items", data={"items": bytes(30)}), "north"),
    ):
        status, _ = await post(raw, by)
        assert status in (400, 404, 409, 422), (status, raw[:60])
    after = await south.pool.fetchval("SELECT count(*) FROM exchange.reconciliation")
    assert after - before <= 2, "what was refused leaves nothing"


async def test_a_partner_that_begins_run_after_run_is_put_off(corridor: Corridor) -> None:
    await put_links(corridor.west.pool, "north", Side())
    outcomes = [(await corridor.wire.run("west"))["outcome"] for _ in range(14)]
    assert outcomes[:12] == ["DONE"] * 12
    assert outcomes[12:] == ["FAILED"] * 2
    runs = await records.list_runs(corridor.north.pool, "west")
    assert [run["problem"] for run in runs if run["outcome"] == "FAILED"] == ["status-429"] * 2
