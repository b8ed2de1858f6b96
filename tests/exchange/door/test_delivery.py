"""Two exchanges over mutual TLS: what one says the other has, once, and both can prove it."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from services.exchange.clerk.outflows import Outflows
from services.exchange.delivery.breaker import Breaker
from services.exchange.delivery.chains import list_chains
from services.exchange.members.own_keys import KEYS, SIGNING_CURVE, OwnKeys, make_key, public_part, write_own_keys
from services.exchange.particulars.commitments import OpenPart, commit
from services.exchange.protocol.envelope import Receipt, Rejection
from services.exchange.protocol.stimuli import Find, Finding
from services.exchange.wire import Answer, open_answer, open_letter, sign_answer
from services.exchange.wire.chain import Linked, find_breaks
from services.exchange.wire.items import read_request, write_answers, write_request
from services.exchange.wire.jws import read_jws
from tests.exchange.door.clients import client_of
from tests.exchange.partner import serve_partner
from tests.exchange.regions import PERSON, Region, open_regions


async def _opened_parts(region: Region, message_id: str) -> Sequence[OpenPart]:
    return (await region.outgoing._open_parts([UUID(message_id)])).get(message_id, [])


async def test_a_letter_is_said_brought_taken_and_receipted(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        said = await north.say("201", "south")
        assert await north.state(said) == ("SENT", "OPEN")
        assert await north.courier.bring_once("south") == 1
        assert await north.state(said) == ("RECEIPTED", "DELIVERED")
        assert await south.state(said) == (None, "DELIVERED")
        assert await north.courier.bring_once("south") == 0


async def test_both_sides_keep_what_proves_it(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        said = await north.say("201", "south")
        await north.courier.bring_once("south")
        (ours,) = await north.pool.fetch("SELECT * FROM exchange.message")
        (theirs,) = await south.pool.fetch("SELECT * FROM exchange.message")
        assert (ours["jws"], ours["answer"]) == (theirs["jws"], theirs["answer"])
        members = north.federation.members("north")
        letter = open_letter(theirs["jws"], members.find_any_key, "south")
        answer, _ = open_answer(ours["answer"], members.find_any_key)
        assert letter.envelope.message_id == said
        assert (answer.sender, answer.recipient, answer.letter_hash) == ("south", "north", letter.hash)
        assert isinstance(answer.reply, Receipt)
        assert answer.reply.response_due_at is not None


async def test_particulars_arrive_sealed_under_a_key_of_their_own(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        child = commit("member-1", {"subject": {"family_name": "Ample", "given_names": "Little"}, "relation": "child"})
        await north.say("201", "south", parts=[commit("subject", PERSON), child])
        await north.courier.bring_once("south")
        rows = await south.pool.fetch("SELECT * FROM exchange.part ORDER BY role")
        assert [row["role"] for row in rows] == ["member-1", "subject"]
        assert rows[0]["holder"] != rows[1]["holder"]
        for table in ("message", "part", "conversation", "applied"):
            dump = await south.pool.fetch(f"SELECT t::text FROM exchange.{table} t")
            assert b"Ample" not in repr(dump).encode()
            assert b"Ample".hex() not in repr(dump)


async def test_forgetting_one_of_a_household_leaves_the_others_provable(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        child = commit("member-1", {"subject": {"given_names": "Little"}})
        said = await north.say("201", "south", parts=[commit("subject", PERSON), child])
        await north.courier.bring_once("south")
        row = await south.pool.fetchrow("SELECT key_id FROM exchange.part WHERE role = 'subject'")
        await south.pool.execute(
            "UPDATE privacy.data_key SET wrapped = NULL, destroyed_at = now() WHERE key_id = $1", row["key_id"]
        )
        jws = await south.pool.fetchval("SELECT jws FROM exchange.message")
        letter = open_letter(jws, south.federation.members("south").find_any_key, "south")
        await south.pool.execute("UPDATE exchange.part SET is_ours = true")  # to read with the sender's own statement
        (left,) = await _opened_parts(south, said)
        assert (left.role, left.salt, left.read()) == ("member-1", child.salt, child.read())
        assert left.part in letter.envelope.parts


async def test_a_whole_conversation_goes_to_and_fro(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        notice = await north.say("201", "south")
        conversation = await _conversation_of(north, notice)
        await north.courier.bring_once("south")
        refusal = await south.say("204", "north", "B-G", conversation=conversation, in_reply_to=notice)
        assert await south.courier.bring_once("north") == 1
        assert await north.state(refusal) == (None, "REFUSED")
        await north.say("212", "south", conversation=conversation, notice="ARRIVAL")
        await north.courier.bring_once("south")
        assert (await south.state(notice)) == (None, "WITHDRAWN")
        for region in (north, south):
            links = await _links(region)
            assert sorted(each.position for each in links) == list(range(1, len(links) + 1))
            assert not list(find_breaks(links))


async def test_what_was_confirmed_to_a_partner_within_a_day_is_counted(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        notice = await north.say("201", "south")
        await north.courier.bring_once("south")
        await south.journal.append([south.entry("north", await _conversation_of(south, notice), Find(Finding.PAIRED))])
        outflows, now = Outflows(south.pool, 5), south.clock.now()
        assert await outflows.find_room(["north"], now) == {"north": 5}
        said = {"conversation": await _conversation_of(south, notice), "in_reply_to": notice}
        await south.say("203", "north", "CONFIRMED", **said)
        assert await outflows.find_room(["north", "west"], now) == {"north": 4, "west": 5}
        assert await outflows.find_room(["north"], now + timedelta(days=1)) == {"north": 5}


async def test_a_receipt_that_was_lost_is_given_again_and_nothing_happens_twice(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        said = await north.say("201", "south")
        members = north.federation.members("north")
        (letter,) = await north.outgoing.list_due(members, "south", north.clock.now())
        member = members.get("south")
        first = await north.courier._posting.post(member, [letter])
        entries = len(south.journal.entries)
        assert await north.courier._posting.post(member, [letter, letter]) == first * 2
        assert len(south.journal.entries) == entries
        assert await north.courier.bring_once("south") == 1
        assert await north.state(said) == ("RECEIPTED", "DELIVERED")
        assert await south.count() == 1


async def test_what_the_partner_could_not_settle_in_time_is_brought_again(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        said = await north.say("201", "south")
        south.journal.is_silent = True
        assert await north.courier.bring_once("south") == 1
        assert await north.state(said) == ("SENT", "OPEN")
        assert await north.courier.bring_once("south") == 0
        south.journal.is_silent = False
        north.clock.advance(timedelta(seconds=31))
        assert await north.courier.bring_once("south") == 1
        assert await north.state(said) == ("RECEIPTED", "DELIVERED")
        assert await south.count() == 1


async def test_a_partner_that_was_away_catches_up_as_soon_as_it_is_back(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        north.federation.change(_set_url("south", "https://127.0.0.1:1"), newer=1)
        said = [await north.say("201", "south") for _ in range(3)]
        assert await north.courier.bring_once("south") == 0
        assert await north.courier.bring_once("south") == 0
        (shown,) = await list_chains(north.pool)
        assert (shown["ours"], shown["under_way"], shown["dead"]) == (3, 3, 0)
        assert [await north.state(each) for each in said] == [("SENT", "OPEN")] * 3
        north.federation.change(_set_url("south", south.url), newer=2)
        north.courier._breakers["south"].closed_at = 0
        assert await north.courier.bring_once("south") == 3
        assert [await north.state(each) for each in said] == [("RECEIPTED", "DELIVERED")] * 3


async def test_a_partner_that_stays_away_gets_six_attempts_in_a_day_and_then_people_hear_of_it(
    admin_url: str, tmp_path: Path
) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north = regions["north"]
        north.federation.change(_set_url("south", "https://127.0.0.1:1"), newer=1)
        said = await north.say("201", "south")
        attempts = 0
        for minutes in (0, 5, 10, 45, 300, 360, 719):
            await north.tick(timedelta(minutes=minutes))
            north.courier._breakers["south"] = Breaker()
            due = await north.count("is_ours AND send_at IS NOT NULL")
            await north.courier.bring_once("south")
            attempts += due
        assert attempts == 6
        await north.tick(timedelta(hours=1))
        assert await north.state(said) == ("DEAD_LETTERED", "UNDELIVERABLE")
        (shown,) = await list_chains(north.pool)
        assert (shown["under_way"], shown["dead"]) == (0, 1)


async def test_a_slow_partner_holds_up_nobody_else(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south", "west") as regions:
        north = regions["north"]

        async def sleep(body: bytes) -> bytes:
            await asyncio.sleep(3600)
            return b""

        async with serve_partner(north.federation, "south", sleep) as slow:
            north.federation.change(_set_url("south", slow), newer=1)
            await north.say("201", "south")
            said = await north.say("201", "west")
            working = asyncio.create_task(north.courier.run())
            async with asyncio.timeout(20):
                while await north.state(said) != ("RECEIPTED", "DELIVERED"):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


async def test_answers_that_prove_nothing_change_nothing(admin_url: str, tmp_path: Path) -> None:
    """Unsigned, signed by another, about another letter, about other content, endless, garbage, too few, too many."""
    async with open_regions(admin_url, tmp_path, "north", "south", "west") as regions:
        north = regions["north"]
        said = await north.say("201", "south")
        federation = north.federation
        south, west = federation.members("south"), federation.members("west")

        def receipt(body: bytes, members: Any, **changed: Any) -> bytes:
            (item,) = read_request(body)
            letter = open_letter(item["letter"], south.find_any_key, "south")  # type: ignore[index]
            reply = Receipt(letter.envelope.message_id, letter.hash, north.clock.now())
            stated = {"reply": reply, "sender": members.own, "recipient": "north", "letter_hash": letter.hash}
            return write_answers([sign_answer(Answer(**(stated | changed)), members.signing_key(north.clock.now()))])

        def unsigned(body: bytes) -> bytes:
            document = json.loads(receipt(body, south))
            document["answers"][0]["signature"] = ""
            return json.dumps(document).encode()

        rejection = Rejection(said, "E-TEC-04")
        attacks = [
            unsigned,
            lambda body: receipt(body, west),
            lambda body: receipt(body, south, sender="west"),
            lambda body: receipt(body, south, recipient="west"),
            lambda body: receipt(body, south, letter_hash="00" * 32),
            lambda body: receipt(body, west, reply=rejection),
            lambda body: receipt(body, south, reply=rejection._replace(message_id=str(UUID(int=1)))),
            lambda body: b'{"answers":[]}',
            lambda body: b'{"answers":[1,2]}',
            lambda body: b'{"answers":[{"payload":"","protected":"","signature":""}]}',
            lambda body: b"[" * 1_000_000,
            lambda body: b" " * (9 << 20),
            lambda body: b"",
        ]
        for number, attack in enumerate(attacks, 1):

            async def answer(body: bytes, attack: Any = attack) -> bytes:
                return bytes(attack(body))

            async with serve_partner(federation, "south", answer) as url:
                federation.change(_set_url("south", url), newer=number)
                await north.pool.execute("UPDATE exchange.message SET send_at = $1", north.clock.now())
                north.courier._breakers["south"] = Breaker()
                await north.courier.bring_once("south")
                assert await north.state(said) == ("SENT", "OPEN"), number


async def test_whoever_answers_at_the_address_must_have_the_partners_certificate(
    admin_url: str, tmp_path: Path
) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south", "west") as regions:
        north, west = regions["north"], regions["west"]
        north.federation.change(_set_url("south", west.url), newer=1)
        said = await north.say("201", "south")
        assert await north.courier.bring_once("south") == 0
        assert await north.state(said) == ("SENT", "OPEN")
        assert await west.count() == 0


async def test_a_revoked_partner_is_brought_nothing(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        await north.say("201", "south")
        north.federation.change(lambda document: document["members"][1].update(revoked=True))
        assert await north.courier.bring_once("south") == 0
        assert await south.count() == 0


async def test_a_letter_under_way_is_signed_anew_when_its_key_is_revoked(admin_url: str, tmp_path: Path) -> None:
    """The bytes stay, and with them hash and chain; only the signature is another."""
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        said = await north.say("201", "south")
        members = north.federation.members("north")
        (before,) = await north.outgoing.list_due(members, "south", north.clock.now())
        new = make_key("north-sign-2", SIGNING_CURVE)
        keys = OwnKeys({**members.keys.signing, "north-sign-2": new}, members.keys.encryption)
        (north.federation.own["north"] / KEYS).write_text(write_own_keys(keys))

        def roll(document: Any) -> None:
            listed = document["members"][0]["signing_keys"]
            listed[0]["revoked"] = True
            listed.append({"jwk": public_part(new), "since": "2026-03-01T00:00:00+00:00"})

        north.federation.change(roll)
        await south_refuses(south, before.item)
        assert await north.courier.bring_once("south") == 1
        assert await north.state(said) == ("RECEIPTED", "DELIVERED")
        jws = read_jws(await south.pool.fetchval("SELECT jws FROM exchange.message"))
        assert jws.payload == before.item["letter"]["payload"]
        assert open_letter(jws._asdict(), north.federation.members("south").find_any_key, "south").kid == "north-sign-2"


async def south_refuses(south: Region, item: Any) -> None:
    """What was signed with the revoked key."""
    async with client_of(south.federation, "north") as client:
        answer = await client.post(
            f"{south.url}/exchange/v1/messages",
            content=write_request([item]),
            headers={"content-type": "application/json"},
        )
    opened, _ = open_answer(answer.json()["answers"][0], south.federation.members("north").find_any_key)
    assert opened.reply == Rejection("", "E-TEC-05", "/protected")


async def test_letters_go_in_batches_in_the_order_of_the_chain(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        north, south = regions["north"], regions["south"]
        for _ in range(30):
            await north.say("201", "south")
        assert await north.courier.bring_once("south") == 30
        heard = [each.linked.position for each in south.journal.entries if each.linked is not None]
        assert heard == list(range(1, 31))
        assert await north.count("is_ours AND delivery = 'RECEIPTED'") == 30


def _set_url(region: str, url: str) -> Any:
    def change(document: Any) -> None:
        next(each for each in document["members"] if each["region"] == region)["url"] = url

    return change


async def _conversation_of(region: Region, message_id: str) -> str:
    found = await region.pool.fetchval(
        "SELECT conversation_id FROM exchange.message WHERE message_id = $1", UUID(message_id)
    )
    return str(found)


async def _links(region: Region) -> list[Linked]:
    rows: list[asyncpg.Record] = await region.pool.fetch("SELECT * FROM exchange.message WHERE NOT is_ours")
    return [Linked(row["chain_position"], row["previous_hash"].hex(), row["signed_hash"].hex()) for row in rows]
