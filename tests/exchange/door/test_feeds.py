"""A member that cannot be reached fetches its letters, answers them, and converses fully."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx

from services.exchange.protocol.envelope import Receipt, message_hash
from services.exchange.wire import Answer, open_letter, sign_answer
from services.exchange.wire.items import write_answers, write_request
from services.exchange.wire.jws import read_jws
from services.exchange.wire.proofs import prove
from tests.exchange.door.clients import client_of
from tests.exchange.federation import NOON
from tests.exchange.regions import Region, open_regions


def _pulls(document: Any) -> None:
    document["members"][1]["pulls"] = True


def _lines(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def _receipt(north: Region, line: dict[str, Any], **changed: Any) -> Any:
    south = north.federation.members("south")
    letter = open_letter(line["letter"], south.find_any_key, "south")
    reply = Receipt(letter.envelope.message_id, message_hash(letter.envelope), north.clock.now())
    return sign_answer(Answer(reply, "south", "north", letter.hash, **changed), south.signing_key(NOON))


async def test_letters_are_fetched_answered_and_not_given_again(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south", "west") as regions:
        north = regions["north"]
        north.federation.change(_pulls)
        said = [await north.say("201", "south") for _ in range(3)]
        await north.say("201", "west")
        assert await north.courier.bring_once("south") == 0
        feed = f"{north.url}/exchange/v1/feeds/south"
        async with client_of(north.federation, "south") as south:
            lines = _lines(await south.get(feed))
            assert [line["position"] for line in lines] == [1, 2, 3]
            assert [line["position"] for line in _lines(await south.get(feed, params={"after": 2}))] == [3]
            answers = write_answers([_receipt(north, lines[0]), _receipt(north, lines[2])])
            told = await south.post(f"{feed}/answers", content=answers)
            assert told.json() == {"taken": 2, "cursor": 1}
            assert [line["position"] for line in _lines(await south.get(feed))] == [2, 3]
            told = await south.post(f"{feed}/answers", content=write_answers([_receipt(north, lines[1])]))
            assert told.json() == {"taken": 1, "cursor": 3}
            assert _lines(await south.get(feed)) == []
            assert [line["position"] for line in _lines(await south.get(feed, params={"after": 0}))] == [1, 2, 3]
        assert [await north.state(each) for each in said] == [("RECEIPTED", "DELIVERED")] * 3


async def test_answers_that_are_not_the_members_own_count_for_nothing(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south", "west") as regions:
        north = regions["north"]
        north.federation.change(_pulls)
        said = await north.say("201", "south")
        feed = f"{north.url}/exchange/v1/feeds/south"
        async with client_of(north.federation, "south") as south, client_of(north.federation, "west") as west:
            (line,) = _lines(await south.get(feed))
            good = _receipt(north, line)
            forged = good._replace(signature="A" * 86)
            told = await south.post(f"{feed}/answers", content=write_answers([forged, None]))
            assert told.json() == {"taken": 0, "cursor": 0}
            for body in (b"", b"{}", b'{"answers":[]}', b'{"answers":1}'):
                assert (await south.post(f"{feed}/answers", content=body)).status_code in (400, 422, 413)
            assert (await west.post(f"{feed}/answers", content=write_answers([good]))).status_code == 403
            assert (await west.get(feed)).status_code == 403
            assert (await south.get(f"{north.url}/exchange/v1/feeds/west")).status_code == 403
            assert (await south.get(feed, params={"after": "-1"})).status_code == 400
        assert await north.state(said) == ("SENT", "OPEN")


async def test_who_waits_hears_at_once_and_who_is_revoked_hears_nothing_more(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north = regions["north"]
        north.federation.change(_pulls)
        feed = f"{north.url}/exchange/v1/feeds/south"
        async with client_of(north.federation, "south") as south:
            waiting = asyncio.create_task(south.get(feed, params={"wait": 8}))
            await asyncio.sleep(0.2)
            await north.say("201", "south")
            assert len(_lines(await waiting)) == 1

            async with south.stream("GET", feed, headers={"accept": "text/event-stream"}) as stream:
                events = stream.aiter_text()
                heard = await anext(events) + await anext(events)
                assert "id: 1\nevent: letter\ndata: {" in heard
                north.federation.change(lambda document: document["members"][1].update(revoked=True), newer=2)
                await north.say("201", "south")
                rest = "".join([each async for each in events])
                assert "id: 2" not in rest
            assert (await south.get(feed, params={"after": 0})).status_code == 403


async def test_without_certificates_a_signed_word_says_who_asks(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south", tls=False) as regions:
        north, south = regions["north"], regions["south"]
        await north.say("201", "south")
        target = "/exchange/v1/feeds/south?after=0"
        key = north.federation.members("south").signing_key(NOON)
        good = prove("GET", target, "north", NOON, key)
        others = [
            "",
            "Bearer x",
            "DomicileMember x",
            prove("GET", target, "west", NOON, key),
            prove("POST", target, "north", NOON, key),
            prove("GET", "/exchange/v1/feeds/south", "north", NOON, key),
            prove("GET", target, "north", NOON.replace(hour=11), key),
            prove("GET", target, "north", NOON, north.federation.members("north").signing_key(NOON)),
        ]
        async with httpx.AsyncClient(base_url=north.url, trust_env=False) as client:
            assert len(_lines(await client.get(target, headers={"authorization": good}))) == 1
            for other in others:
                assert (await client.get(target, headers={"authorization": other})).status_code == 403, other
        assert await north.courier.bring_once("south") == 1
        assert await south.count() == 1


async def test_an_office_of_statistics_gets_counts_only(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south", "west") as regions:
        north = regions["north"]

        def counts_only(document: Any) -> None:
            document["members"][2]["counts_only"] = True
            document["corridors"] = [each for each in document["corridors"] if "west" not in each["between"]]

        north.federation.change(counts_only)
        await north.say("201", "south")
        await north.courier.bring_once("south")
        async with client_of(north.federation, "west") as west:
            lines = _lines(await west.get(f"{north.url}/exchange/v1/feeds/west"))
        assert lines == [{"day": "2026-03-02", "message_type": "201", "messages": 1}]


async def test_a_member_that_only_fetches_converses_fully(admin_url: str, tmp_path: Path) -> None:
    """It brings its own letters, as everybody does, and fetches what is said to it."""
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        north.federation.change(_pulls)
        notice = await north.say("201", "south")
        feed = f"{north.url}/exchange/v1/feeds/south"
        async with client_of(north.federation, "south") as client:
            (line,) = _lines(await client.get(feed))
            # its own exchange takes the fetched letter as if it had been brought
            (answer,) = await _take_in(south, line)
            await client.post(f"{feed}/answers", content=write_answers([answer]))
        conversation = json.loads(_payload(line))["conversation_id"]
        await south.say("204", "north", "B-G", conversation=conversation, in_reply_to=notice)
        assert await south.courier.bring_once("north") == 1
        assert await north.state(notice) == ("RECEIPTED", "REFUSED")
        assert await south.state(notice) == (None, "REFUSED")


async def _take_in(region: Region, line: dict[str, Any]) -> list[Any]:
    """Through the region's own door, with the sender's certificate: what software that fetches does inside."""
    item = {name: line[name] for name in ("letter", "parts", "attempt", "sent_at")}
    async with client_of(region.federation, "north") as client:
        answer = await client.post(
            f"{region.url}/exchange/v1/messages",
            content=write_request([item]),
            headers={"content-type": "application/json"},
        )
    return [read_jws(each) for each in answer.json()["answers"]]


def _payload(line: dict[str, Any]) -> bytes:
    return read_jws(line["letter"]).raw_payload()
