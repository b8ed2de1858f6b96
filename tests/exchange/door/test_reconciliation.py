"""Two exchanges over real sockets compare what their registers hold: all differences are found on both sides, none is
invented, and nothing of a person travels.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.exchange.reconciliation import messages, records
from services.exchange.reconciliation.comparing import UNDER_WAY, UNHEARD
from services.exchange.reconciliation.digests import HeldLink
from services.exchange.reconciliation.held import find_marks
from services.exchange.reconciliation.sweeping import OneSided
from services.kernel.event_id import new_event_id
from tests.exchange.door.clients import client_of
from tests.exchange.reconciliation.registers import make_register, put_links, put_notices
from tests.exchange.reconciliation.sides import Side, Sides
from tests.exchange.reconciliation.wire import Wire
from tests.exchange.regions import Region, open_regions

LINKS, PLANTED = 20_000, 20


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
            await make_register(region.pool)
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
    for region, partner in ((north, "south"), (south, "north")):
        await put_notices(region.pool, partner, {link_id for link_id, _ in sides.planted})
    run = await wire.run()
    assert (run["outcome"], run["found"]) == ("DONE", 5 * PLANTED), run
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
    packed = b"".join(each["packed"] for each in wire.said() if each["step"] in ("items", "marks"))
    assert len(packed) > 1000
    windows = {packed[at : at + 16] for at in range(len(packed))}
    text = " ".join(str(each | {"packed": ""}) for each in wire.said())
    spoken_ids, spoken_days = set(re.findall(r"[0-9a-f-]{36}", text)), set(re.findall(r"\d{4}-\d\d-\d\d", text))
    links = [*sides.north.living.values(), *sides.south.living.values(), *sides.north.ended.values()]
    assert not windows & {link.person_id for link in links}
    assert not spoken_ids & {str(UUID(bytes=link.person_id)) for link in links}
    assert spoken_days == {wire.region.clock.now().date().isoformat()}
    assert {key for each in wire.said() for key in each} == {
        "run_id", "from", "to", "step", "at", "data", "packed_hash", "request_hash", "packed",
    }  # fmt: skip


async def _mended_they_end(corridor: Corridor, sides: Sides) -> None:
    for region, partner, side in ((corridor.north, "south", sides.north), (corridor.south, "north", sides.north)):
        mirrored = {
            link_id: held._replace(is_incoming=held.is_incoming == (region is corridor.north))
            for link_id, held in side.living.items()
        }
        await put_links(region.pool, partner, Side(mirrored, {}))
    run = await corridor.wire.run()
    assert (run["found"], run["closed"], run["outcome"]) == (0, 5 * PLANTED, "DONE")
    for region in (corridor.north, corridor.south):
        assert await findings_of(region) == set()
        ended = await region.pool.fetch("SELECT DISTINCT ended FROM exchange.finding")
        assert [row[0] for row in ended] == ["MENDED"]


async def test_what_is_found_again_is_not_begun_again_and_what_is_under_way_explains_itself(corridor: Corridor) -> None:
    north, south, wire = corridor.north, corridor.south, corridor.wire
    link = HeldLink(uuid4().bytes, uuid4().bytes, 20_000, True)
    await put_links(north.pool, "south", Side({link.link_id: link}))
    await put_links(south.pool, "north", Side())
    run = await wire.run()
    assert (run["found"], run["problem"]) == (1, None)
    assert await findings_of(south) == set(), "of what no notice ever passed nothing is found"
    others = await records.list_runs(south.pool, "north")
    assert [each["found"] for each in others if each["problem"] == "unheard-links"] == [0]
    await put_notices(south.pool, "north", [link.link_id])
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
        said = messages.Said(new_event_id(now), by, "south", messages.OPEN, now, data)._replace(
            **{name: value for name, value in changed.items() if name != "more"}
        )
        said = said._replace(data={**said.data, **changed.get("more", {})})
        return messages.write_request(said, members.signing_key(now))[0]

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
        (signed(run_id=uuid4()), "north"),
        (signed(run_id=new_event_id(old)), "north"),
        (signed(more={"sums": bytes(16)}), "north"),
        (signed(more={"salt": bytes(8)}), "north"),
        (signed(more={"links": -1}), "north"),
        (signed(more={"our_kid": "nobody"}), "north"),
        (signed(more={"your_kid": "north-read-1"}), "north"),
        (signed(more={"person_id": "x"}), "north"),
        (signed(step="items", data={"items": bytes(30)}), "north"),
        (signed().replace(b'"packed":"AAAA', b'"packed":"AAAB'), "north"),
    ):
        status, _ = await post(raw, by)
        assert status in (400, 404, 409, 422), (status, raw[:60])
    after = await south.pool.fetchval("SELECT count(*) FROM exchange.reconciliation")
    assert after - before <= 2, "what was refused leaves nothing"


async def test_a_run_that_is_over_goes_through_no_step_again_however_it_ended(corridor: Corridor) -> None:
    north, south = corridor.north, corridor.south
    await put_links(south.pool, "north", Side())
    members, now = north.federation.members("north"), north.clock.now()

    async def post(run_id: UUID, step: str, **data: Any) -> int:
        if step == messages.OPEN:
            kids = {
                f"{whose}_kid": members.encryption_key(of, now).kid
                for whose, of in (("our", "north"), ("your", "south"))
            }
            data = {"salt": bytes(32), "links": 0, **kids, **data}
        said = messages.Said(run_id, "north", "south", step, now, data)
        async with client_of(north.federation, "north") as client:
            raw, headers = (
                messages.write_request(said, members.signing_key(now))[0],
                {"content-type": "application/json"},
            )
            return (
                await client.post(f"{south.url}/exchange/v1/reconciliation", content=raw, headers=headers)
            ).status_code

    same, other = bytes(4096 * 16), b"x" * 4096 * 16
    equal, different, malformed = (new_event_id(now) for _ in range(3))
    assert await post(equal, messages.OPEN, sums=same) == 200
    assert [await post(equal, step, **{name: b""}) for step, name in AFTER] == [404] * 3
    assert await post(different, messages.OPEN, sums=other) == 409
    assert await post(different, messages.OPEN, sums=same) == 404
    assert await post(malformed, messages.OPEN, sums=same[:-16] + b"y" * 16) == 200
    assert await post(malformed, messages.ITEMS, items=bytes(40)) == 422
    assert await post(malformed, messages.ITEMS, items=b"") == 404


AFTER = ((messages.NARROW, "sums"), (messages.ITEMS, "items"), (messages.MARKS, "marks"))


async def test_a_partner_that_begins_run_after_run_is_put_off(corridor: Corridor) -> None:
    await put_links(corridor.west.pool, "north", Side())
    outcomes = [(await corridor.wire.run("west"))["outcome"] for _ in range(14)]
    assert outcomes[:12] == ["DONE"] * 12
    assert outcomes[12:] == ["FAILED"] * 2
    runs = await records.list_runs(corridor.north.pool, "west")
    assert [run["problem"] for run in runs if run["outcome"] == "FAILED"] == ["status-429"] * 2


async def test_marks_tell_nothing_of_other_corridors(corridor: Corridor) -> None:
    north = corridor.north
    notice = UUID(await north.say("201", "south")).bytes
    now = north.clock.now()
    assert await find_marks(north.pool, north.pool, "south", [notice], now) == {notice: UNDER_WAY}
    assert await find_marks(north.pool, north.pool, "west", [notice], now) == {notice: UNHEARD}


# -- What a house sees alone


async def test_a_notice_that_came_to_nothing_is_one_sided_until_it_is_answered_after_all(corridor: Corridor) -> None:
    north = corridor.north
    notice = await north.say("201", "south")
    sweep = OneSided(north.pool, north.pool, north.journal, "north", north.clock)
    await sweep.run_once()
    assert await alone(north) == []
    await north.pool.execute(
        "UPDATE exchange.conversation SET state = 'LAPSED', duty = 'PEOPLE', since = $1"
        " WHERE conversation_id = (SELECT conversation_id FROM exchange.message WHERE message_id = $2)",
        north.clock.now() - timedelta(hours=1),
        UUID(notice),
    )
    for _ in range(2):
        await sweep.run_once()
    assert await alone(north) == [(UUID(notice), "ONE_SIDED_AT_D", None)]
    await north.pool.execute("UPDATE exchange.conversation SET state = 'ANSWERED', duty = NULL")
    await sweep.run_once()
    assert await alone(north) == [(UUID(notice), "ONE_SIDED_AT_D", "MENDED")]


async def test_a_link_that_the_exchange_and_the_register_do_not_hold_alike_is_a_finding_at_once(
    corridor: Corridor,
) -> None:
    north, person = corridor.north, uuid4()
    notice = UUID(await north.say("201", "south"))
    held = HeldLink(notice.bytes, person.bytes, 20_000, True)
    await north.pool.execute("DELETE FROM exchange.finding")
    await north.pool.execute("TRUNCATE register.person")
    await north.pool.execute("INSERT INTO register.person (person_id, marks) VALUES ($1, 0)", person)
    sweep = OneSided(north.pool, north.pool, north.journal, "north", north.clock)

    async def see(link: str, side: Side, *, hours_ago: float = 1) -> list[tuple[str, str | None]]:
        await put_links(north.pool, "south", side)
        await north.pool.execute(
            "UPDATE exchange.conversation SET link = $1, link_id = $2, person_id = $3, since = $4"
            " WHERE conversation_id = (SELECT conversation_id FROM exchange.message WHERE message_id = $2)",
            *(link, notice, person, north.clock.now() - timedelta(hours=hours_ago)),
        )
        await sweep.run_once()
        return [each[1:] for each in await alone(north) if each[0] == notice]

    assert await see("OPEN", Side({notice.bytes: held})) == []
    assert await see("OPEN", Side(), hours_ago=0.1) == [], "the register may still be reading"
    assert await see("OPEN", Side()) == [("ONE_SIDED_AT_O", None)]
    assert await see("OPEN", Side({notice.bytes: held})) == [("ONE_SIDED_AT_O", "MENDED")]
    assert await see("ENDED", Side({notice.bytes: held}), hours_ago=0.5) == [
        ("ONE_SIDED_AT_O", "MENDED"),
        ("STATE_DIFFERS", None),
    ]
    found = await see("ENDED", Side({}, {notice.bytes: held}), hours_ago=0.5)
    assert found == [("ONE_SIDED_AT_O", "MENDED"), ("STATE_DIFFERS", "MENDED")]


async def alone(region: Region) -> list[tuple[UUID, str, str | None]]:
    rows = await region.pool.fetch("SELECT * FROM exchange.finding WHERE run_id IS NULL ORDER BY kind, found_at")
    return [(UUID(bytes=row["link_id"].bytes), row["kind"], row["ended"]) for row in rows]
