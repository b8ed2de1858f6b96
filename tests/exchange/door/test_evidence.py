"""What proves that a message was said and taken, and that no past can be made up afterwards."""

import hashlib
from pathlib import Path
from uuid import UUID

import asyncpg
from hypothesis import given
from hypothesis import strategies as st

from services.exchange.delivery.anchoring import TYP
from services.exchange.delivery.chains import list_chains
from services.exchange.protocol.envelope import canonical_json
from services.exchange.wire import GENESIS, ChainLink, letter_payload, open_answer, open_letter, payload_hash
from services.exchange.wire.evidence import Step, find_path, is_included, tree_root
from services.exchange.wire.items import write_item, write_request
from services.exchange.wire.jws import sign
from tests.exchange.door.clients import client_of
from tests.exchange.federation import NOON, make_envelope, make_letter
from tests.exchange.regions import open_regions


async def test_both_sides_can_ask_for_the_same_proof(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south", "west") as regions:
        north, south = regions["north"], regions["south"]
        said = [await north.say("201", "south") for _ in range(3)]
        await north.courier.bring_once("south")
        for region in (north, south):
            assert await region.anchoring.anchor_once() is not None
            assert await region.anchoring.anchor_once() is None
        find = north.federation.members("north").find_any_key
        for region, asker in ((north, "south"), (south, "north")):
            async with client_of(north.federation, asker) as client:
                answer = await client.get(f"{region.url}/exchange/v1/evidence/{said[1]}")
            proof = answer.json()
            letter = open_letter(proof["letter"], find, "south")
            signed, _ = open_answer(proof["answer"], find)
            assert (letter.envelope.message_id, signed.letter_hash) == (said[1], letter.hash)
            assert proof["chain"]["hash"] == letter.hash == payload_hash(letter.jws.raw_payload())
            before, after = proof["neighbours"]
            assert (before["hash"], after["previous_hash"]) == (proof["chain"]["previous_hash"], letter.hash)
            path = [Step(bytes.fromhex(each["hash"]), each["side"] == "left") for each in proof["inclusion"]["path"]]
            root = bytes.fromhex(proof["inclusion"]["root"])
            assert is_included(bytes.fromhex(letter.hash), path, root)
            assert not is_included(hashlib.sha256(b"another").digest(), path, root)


async def test_to_everybody_else_there_is_no_such_message(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south", "west") as regions:
        north = regions["north"]
        said = await north.say("201", "south")
        async with client_of(north.federation, "west") as west:
            for message_id in (said, str(UUID(int=1)), "x"):
                answer = await west.get(f"{north.url}/exchange/v1/evidence/{message_id}")
                assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_gaps_and_forks_of_a_partner_are_shown_until_gaps_close(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        south = regions["south"]
        members = south.federation.members("north")

        async def post(number: int, position: int, previous: str) -> str:
            envelope = make_envelope(number=number, parts=())  # it is turned away: nobody is named
            letter = make_letter(members, envelope, ChainLink(position, previous))
            async with client_of(south.federation, "north") as client:
                await client.post(
                    f"{south.url}/exchange/v1/messages",
                    content=write_request([write_item(letter, {}, 1, "")]),
                    headers={"content-type": "application/json"},
                )
            return payload_hash(letter.raw_payload())

        await south.pool.execute("INSERT INTO exchange.chain VALUES ('north', false, 9, '\\x00')")
        first = await post(1, 1, GENESIS)
        second = payload_hash(letter_payload(make_envelope(number=2, parts=()), ChainLink(2, first)))
        third = await post(3, 3, second)
        assert await _breaks(south.pool) == [("GAP", 2, 2)]
        assert await post(2, 2, first) == second
        assert await _breaks(south.pool) == []
        await post(4, 3, second)
        assert await _breaks(south.pool) == [("FORK", 3, 3)]
        await post(5, 4, third)
        assert await _breaks(south.pool) == [("FORK", 3, 3)]
        await post(6, 5, "12" * 32)
        assert await _breaks(south.pool) == [("FORK", 3, 3), ("FORK", 5, 5)]
        assert await south.count() == 0


async def _breaks(pool: asyncpg.Pool) -> list[tuple[str, int, int]]:
    (chain,) = await list_chains(pool)
    return [(each["what"], each["from"], each["to"]) for each in chain["breaks"]]


async def test_roots_follow_one_another_and_are_left_with_partners(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south", "west") as regions:
        north, south = regions["north"], regions["south"]
        for _ in range(2):
            await north.say("201", "south")
            root = await north.anchoring.anchor_once()
        assert root is not None
        first, second = await north.pool.fetch("SELECT * FROM exchange.root ORDER BY root_no")
        assert second["previous_root"] == first["root"] == second["leaves"][0]
        async with client_of(north.federation, "north") as client, client_of(north.federation, "west") as west:
            address = f"{south.url}/exchange/v1/roots"
            assert (await client.post(address, content=root.to_bytes())).status_code == 200
            assert (await west.post(address, content=root.to_bytes())).status_code == 400
            assert (await client.post(address, content=b"{}")).status_code == 400
        kept = await south.pool.fetch("SELECT partner, signed_hash FROM exchange.peer_root")
        assert [tuple(row) for row in kept] == [("north", second["root"])]

        members = north.federation.members("north")

        def sign_root(**changed: object) -> bytes:
            said = {"region": "north", "root": "ab" * 32, "root_no": 2, "made_at": NOON.isoformat()} | changed
            return sign(canonical_json(said), TYP, members.signing_key(NOON)).to_bytes()

        await south.pool.execute("INSERT INTO exchange.chain VALUES ('north', false, 1, '\\x00')")
        async with client_of(north.federation, "north") as client:
            for root_of in ({"region": "west"}, {"root": "ab"}, {"root_no": "x"}, {"root_no": None}):
                assert (await client.post(address, content=sign_root(**root_of))).status_code == 400
            assert (await list_chains(south.pool))[0]["root_forks"] == []
            assert (await client.post(address, content=sign_root())).status_code == 200
        assert (await list_chains(south.pool))[0]["root_forks"] == [2]


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40), st.data())
def test_every_leaf_has_a_path_and_nothing_else_has(leaves: list[bytes], data: st.DataObject) -> None:
    root = tree_root(leaves)
    place = data.draw(st.integers(0, len(leaves) - 1))
    path = find_path(leaves, place)
    assert is_included(leaves[place], path, root)
    assert not is_included(leaves[place] + b"!", path, root)
    if path:
        assert not is_included(leaves[place], [step._replace(is_left=not step.is_left) for step in path], root) or (
            len(set(leaves)) < len(leaves)
        )
        assert not is_included(leaves[place], path[:-1], root)
