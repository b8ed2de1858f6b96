"""The doors of real regions, on a real broker: what partners' software does to them, and what auditors can show."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx

from deploy.local.layout import Layout
from deploy.local.stack import Running
from services.exchange.members import Members, read_members
from services.exchange.particulars.commitments import commit, write_part
from services.exchange.protocol.bodies import write_body
from services.exchange.protocol.envelope import Envelope, Receipt, Rejection, derive_id
from services.exchange.protocol.states import Talk
from services.exchange.wire import (
    GENESIS,
    ChainLink,
    encrypt_part,
    letter_payload,
    open_answer,
    payload_hash,
    sign_letter,
)
from services.exchange.wire.items import write_item, write_request
from services.kernel.clock import SystemClock
from tests.exchange.door.clients import open_client
from tests.exchange.journeys.towns import Town

NOW = SystemClock().now().replace(microsecond=0)


class Partner:
    """Software of a partner: it is west by its keys, and keeps a chain to south of its own."""

    def __init__(self, stack: Running) -> None:
        layout = Layout(stack.home)
        self.folder: Path = layout.region("west") / "exchange"
        self.members: Members = read_members(layout.home / "federation" / "members.json", self.folder, "west")
        self.url = self.members.get("south").url
        self.link, self.hash = ChainLink(9_000, GENESIS), GENESIS  # far from what west itself says meanwhile

    def make_item(self, **changed: Any) -> dict[str, Any]:
        mark = str(uuid4())
        part = commit("subject", {"subject": {"family_name": f"Nobody{mark[:8]}", "given_names": "Ex"}})
        body = {
            "registration_id": derive_id(NOW, "arrival", mark),
            "registered_on": NOW.date().isoformat(),
            "moved_in_on": NOW.date().isoformat(),
            "residence_kind": "PRIMARY",
        }
        stated: dict[str, Any] = {
            "message_id": derive_id(NOW, "message", mark),
            "message_type": "201",
            "schema_version": 1,
            "conversation_id": derive_id(NOW, "conversation", mark),
            "conversation_type": Talk.MOVE,
            "seq": 1,
            "sender_jurisdiction": "west",
            "recipient_jurisdiction": "south",
            "recorded_at": NOW,
            "payload": write_body(body),
            "body_schema_id": 20101,
            "parts": (part.part,),
        }
        envelope = Envelope(**(stated | changed))
        payload = letter_payload(envelope, self.link)
        self.link, self.hash = ChainLink(self.link.position + 1, payload_hash(payload)), payload_hash(payload)
        letter = sign_letter(payload, self.members.signing_key(NOW))
        key = self.members.encryption_key("south", NOW)
        return write_item(letter, {"subject": encrypt_part(write_part(part), part.commitment, key)}, 1, "")

    def open_client(self) -> httpx.AsyncClient:
        return open_client(self.folder)

    async def post(self, client: httpx.AsyncClient, *items: object) -> list[Receipt | Rejection]:
        answer = await client.post(
            f"{self.url}/exchange/v1/messages",
            content=write_request(items),  # type: ignore[arg-type]
            headers={"content-type": "application/json"},
        )
        assert answer.status_code == 200, answer.text
        return [open_answer(each, self.members.find_any_key)[0].reply for each in answer.json()["answers"]]


async def test_a_letter_is_on_the_log_before_it_is_receipted_and_a_repeat_adds_nothing(
    three_regions: Running, towns: dict[str, Town]
) -> None:
    partner, south = Partner(three_regions), towns["south"]
    item = partner.make_item()
    async with partner.open_client() as client:
        (first,) = await partner.post(client, item)
        assert isinstance(first, Receipt)
        applied = await south.database.fetchval("SELECT count(*) FROM exchange.applied")
        again = await asyncio.gather(*(partner.post(client, item, item) for _ in range(5)))
        assert again == [[first, first]] * 5
    message = UUID(first.message_id)
    rows = await south.database.fetch("SELECT jws, answer FROM exchange.message WHERE message_id = $1", message)
    assert [json.loads(row["jws"]) for row in rows] == [item["letter"]]
    assert await south.database.fetchval("SELECT count(*) FROM exchange.applied") <= applied + 10  # the clerk's own


async def test_a_hundred_bad_letters_among_good_ones_cost_nobody_else_anything(
    three_regions: Running, towns: dict[str, Town]
) -> None:
    partner = Partner(three_regions)
    items: list[object] = []
    for number in range(60):
        good = partner.make_item()
        bad = [
            good | {"letter": good["letter"] | {"signature": "A" * 86}},
            good | {"parts": {}},
            partner.make_item(recipient_jurisdiction="north"),
            partner.make_item(message_type="999"),
            partner.make_item(payload=b"{}"),
            None,
        ]
        items += [good] if number % 2 else [bad[number % len(bad)]]
    async with partner.open_client() as client:
        answers = await partner.post(client, *items)
    taken = [isinstance(each, Receipt) for each in answers]
    assert taken == [number % 2 == 1 for number in range(60)]
    aside = await towns["south"].database.fetchval("SELECT count(*) FROM exchange.set_aside")
    assert aside == 0


async def test_auditors_can_show_chains_and_what_proves_a_message(
    three_regions: Running, towns: dict[str, Town]
) -> None:
    partner = Partner(three_regions)
    async with partner.open_client() as client:
        (receipt,) = await partner.post(client, partner.make_item())
    south = three_regions.regions["south"]
    headers = {"authorization": f"Bearer {south.token('auditor')}"}
    async with httpx.AsyncClient(base_url=str(south.exchange), headers=headers, trust_env=False) as auditor:
        chains = (await auditor.get("/exchange/v1/chains")).json()["chains"]
        (west,) = [each for each in chains if each["partner"] == "west"]
        assert any(each["what"] == "GAP" for each in west["breaks"])  # this partner begins in the middle
        proof = (await auditor.get(f"/exchange/v1/evidence/{receipt.message_id}")).json()
        assert open_answer(proof["answer"], partner.members.find_any_key)[0].reply == receipt
        assert (await auditor.get(f"/exchange/v1/evidence/{uuid4()}")).status_code == 404
    async with httpx.AsyncClient(base_url=str(south.exchange), trust_env=False) as nobody:
        assert (await nobody.get("/exchange/v1/chains")).status_code == 401
