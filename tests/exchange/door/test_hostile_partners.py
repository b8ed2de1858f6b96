"""Whoever is no partner gets nothing; a partner that misbehaves harms nobody else, and nothing of it is applied."""

import asyncio
import gzip
import json
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from deploy.local.authority import Authority
from services.exchange.delivery.chains import list_chains
from services.exchange.door.limits import Limits
from services.exchange.particulars.commitments import OpenPart, commit, write_part
from services.exchange.protocol.envelope import Rejection
from services.exchange.wire import ChainLink, encrypt_part, letter_payload, open_answer, sign_letter
from services.exchange.wire.items import write_item, write_request
from tests.exchange.door.clients import client_of
from tests.exchange.federation import NOON, Federation, make_envelope, make_letter
from tests.exchange.regions import PERSON, Region, open_regions


def _item(federation: Federation, number: int = 1, by: str = "north", **changed: Any) -> dict[str, Any]:
    """A good notice of arrival from north to south; `changed`: fields of the envelope."""
    members = federation.members(by)
    part = commit("subject", PERSON)
    envelope = make_envelope(number=number, **({"parts": (part.part,)} | changed))
    letter = make_letter(members, envelope, ChainLink(number, "00" * 32))
    jwe = encrypt_part(write_part(part), part.commitment, members.encryption_key("south", NOON))
    return write_item(letter, {"subject": jwe} if envelope.parts else {}, 1, NOON.isoformat())


AHEAD = (
    b'{"moved_in_on":"2030-01-01","registered_on":"2030-01-01",'
    b'"registration_id":"019cabf3-0000-7000-8000-000000000001","residence_kind":"PRIMARY"}'
)


def _forwarding(to: str) -> dict[str, Any]:
    """A refusal that names the region to ask instead."""
    payload = b'{"forward_to_jurisdiction":"%s","reason_code":"B-F"}' % to.encode()
    request = {"in_reply_to": "019cabf3-0000-7000-8000-000000000002", "request_hash": "00" * 32}
    return {"message_type": "204", "body_schema_id": 20401, "payload": payload, "parts": (), **request}


async def _post(client: httpx.AsyncClient, region: Region, *items: object) -> list[str]:
    """The codes of the signed answers; `901` for a receipt."""
    answer = await client.post(
        f"{region.url}/exchange/v1/messages", content=write_request(items), headers={"content-type": "application/json"}
    )
    assert answer.status_code == 200, answer.text
    find = region.federation.members("north").find_any_key
    return [_code(each, find) for each in answer.json()["answers"]]


def _code(signed: object, find: Any) -> str:
    if signed is None:
        return "none"
    answer, _ = open_answer(signed, find)
    assert answer.sender == "south"
    return answer.reply.error_code if isinstance(answer.reply, Rejection) else "901"


async def test_without_a_certificate_of_the_authority_there_is_no_connection(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        south, federation = regions["south"], regions["south"].federation
        async with client_of(federation, None) as nobody:
            with pytest.raises(httpx.HTTPError):
                await nobody.get(f"{south.url}/exchange/v1/ready")
        foreign = tmp_path / "foreign"
        foreign.mkdir()
        Authority(foreign).issue(foreign / "north", "north.exchange.local")
        context = ssl.create_default_context(cafile=str(federation.folder / "federation" / "authority.pem"))
        context.load_cert_chain(foreign / "north" / "certificate.pem", foreign / "north" / "certificate.key")
        async with httpx.AsyncClient(verify=context, trust_env=False) as stranger:
            with pytest.raises(httpx.HTTPError):
                await stranger.get(f"{south.url}/exchange/v1/ready")
        async with httpx.AsyncClient(trust_env=False) as plain:
            with pytest.raises(httpx.HTTPError):
                await plain.get(f"{south.url.replace('https', 'http')}/exchange/v1/ready")


async def test_a_certificate_of_no_member_is_told_nothing(admin_url: str, tmp_path: Path) -> None:
    """The authority may have issued others; and who was revoked is nobody from that moment on."""
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        south, federation = regions["south"], regions["south"].federation
        Authority(tmp_path / "federation").issue(tmp_path / "other", "other.exchange.local")
        federation.own["other"] = tmp_path / "other"
        async with client_of(federation, "other") as other:
            for path in ("ready", "feeds/north", "evidence/1"):
                answer = await other.get(f"{south.url}/exchange/v1/{path}")
                assert (answer.status_code, answer.json()["code"]) == (403, "unknown-member")
        async with client_of(federation, "north") as north:
            assert (await north.get(f"{south.url}/exchange/v1/ready")).status_code == 200
            astray = (await north.get(f"{south.url}/exchange/v1/letters")).json()
            assert (astray["code"], "exchange-wire.md" in astray["remedy"]) == ("not-found", True)
            item = _item(federation)
            federation.change(lambda document: document["members"][0].update(revoked=True))
            assert (await north.get(f"{south.url}/exchange/v1/ready")).status_code == 403
            answer = await north.post(f"{south.url}/exchange/v1/messages", content=write_request([item]))
            assert answer.status_code == 403
        assert await south.count() == 0


async def test_nothing_that_does_not_hold_is_applied(admin_url: str, tmp_path: Path) -> None:
    """Each is answered in signed words that quote nothing; the good one among them is taken."""
    async with open_regions(admin_url, tmp_path, "north", "south", "west") as regions:
        south, federation = regions["south"], regions["south"].federation
        good = _item(federation)
        letter = good["letter"]
        altered = letter | {"payload": letter["payload"][:-4] + "AAAA"}
        none = letter | {"protected": "eyJhbGciOiJub25lIn0", "signature": ""}
        to_west = make_letter(federation.members("north"), make_envelope(recipient="west", number=7))._asdict()
        by_west = _item(federation, number=8, by="west", sender_jurisdiction="west")
        other_part = _item(federation, number=9)
        empty: dict[str, Any] = {"letter": letter, "parts": {}}
        items: list[tuple[object, str]] = [
            (good, "901"),
            ({"letter": altered, "parts": good["parts"]}, "E-TEC-04"),
            ({"letter": none, "parts": good["parts"]}, "E-TEC-04"),
            ({"letter": to_west}, "E-TEC-06"),
            (by_west, "E-TEC-05"),
            (_item(federation, number=2) | {"parts": {}}, "E-TEC-02"),
            (_item(federation, number=3) | {"parts": other_part["parts"]}, "E-TEC-02"),
            (_item(federation, number=4) | {"parts": {"subject": "a.b.c.d.e"}}, "E-TEC-02"),
            (
                _item(federation, number=5) | {"parts": good["parts"] | {"member-1": good["parts"]["subject"]}},
                "E-TEC-02",
            ),
            (_item(federation, number=6, message_type="999", parts=()), "E-TEC-03"),
            (_item(federation, number=10, schema_version=2), "E-TEC-03"),
            (_item(federation, number=11, payload=b"{"), "E-TEC-01"),
            (_item(federation, number=12, payload=b'{"religion":"x"}'), "E-TEC-02"),
            (_item(federation, number=14, payload=AHEAD), "E-TEC-02"),
            (_item(federation, number=13, purpose_code="marketing"), "E-TEC-10"),
            (_item(federation, number=15, **_forwarding("atlantis")), "E-TEC-02"),
            (_item(federation, number=16, **_forwarding("west")), "E-TEC-07"),  # may be, but nothing was asked
            (_item(federation, number=17, recorded_at=NOON + timedelta(minutes=14)), "901"),
            (_item(federation, number=18, recorded_at=NOON + timedelta(minutes=16)), "E-TEC-02"),
            (_item(federation, number=10_001), "E-TEC-02"),
            (None, "E-TEC-01"),
            ("letter", "E-TEC-01"),
            ({"letter": letter, "extra": 1}, "E-TEC-01"),
            (empty | {"parts": [1]}, "E-TEC-02"),
            (empty | {"parts": {"subject": "x" * 100_000}}, "E-TEC-09"),
            ({"letter": {"payload": "x" * 200_000, "protected": "", "signature": ""}}, "E-TEC-09"),
        ]
        async with client_of(federation, "north") as north:
            answered = await _post(north, south, *(item for item, _ in items))
        assert answered == [code for _, code in items]
        counted = south.metrics.render().decode()
        assert 'domicile_letters_refused_total{code="E-TEC-04",partner="north"} 2.0' in counted
        assert await south.count("NOT is_ours AND error_code IS NULL") == 2
        (chain,) = await list_chains(south.pool)
        assert max(each["to"] for each in chain["breaks"]) < 100
        kept = await south.pool.fetchval("SELECT count(*) FROM exchange.turned_away")
        assert kept >= 4  # the letters are links of the chain all the same


async def test_particulars_that_may_not_be_said_are_not_kept(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        south, federation = regions["south"], regions["south"].federation
        members = federation.members("north")
        key = members.encryption_key("south", NOON)
        for number, document in enumerate(
            [
                PERSON | {"religion": "x"},
                {"subject": PERSON["subject"] | {"ethnicity": "x"}},
                PERSON | {"asserted_fields": [{"path": "pregnancy", "value": "x"}]},
                {},
            ]
        ):
            part: OpenPart = commit("subject", document)
            payload = letter_payload(make_envelope(number=number, parts=(part.part,)), ChainLink(number + 1, "00" * 32))
            letter = sign_letter(payload, members.signing_key(NOON))
            parts = {"subject": encrypt_part(write_part(part), part.commitment, key)}
            async with client_of(federation, "north") as north:
                assert await _post(north, south, write_item(letter, parts, 1, "")) == ["E-TEC-02"]
        assert await south.count() == 0
        assert await south.pool.fetchval("SELECT count(*) FROM exchange.part") == 0


async def test_the_same_id_with_another_content_is_refused_and_the_chain_shows_it(
    admin_url: str, tmp_path: Path
) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        south, federation = regions["south"], regions["south"].federation
        async with client_of(federation, "north") as north:
            assert await _post(north, south, _item(federation)) == ["901"]
            assert await _post(north, south, _item(federation, sender_office="0980-2")) == ["E-TEC-02"]
            assert await _post(north, south, _item(federation)) == ["E-TEC-02"]  # another salt, so another content
        assert await south.count() == 1


NO_REQUESTS: list[tuple[bytes, dict[str, str], int]] = [
    (b"", {}, 400),
    (b"{", {}, 400),
    (b'{"messages":{}}', {}, 400),
    (b'{"messages":[],"more":1}', {}, 400),
    (b'{"messages":[]}', {}, 400),
    (b"[" * 2_000_000, {}, 400),
    (json.dumps({"messages": [None] * 501}).encode(), {}, 413),
    (b"x" * (17 << 20), {}, 413),
    (gzip.compress(b"x" * (64 << 20)), {"content-encoding": "gzip"}, 413),
    (b"not gzip", {"content-encoding": "gzip"}, 400),
    (b'{"messages":[1]}', {"content-type": "text/xml"}, 415),
    (b"\xff\xfe", {}, 400),
]


async def test_what_is_no_request_is_refused_whole(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        south, federation = regions["south"], regions["south"].federation
        async with client_of(federation, "north") as north:
            for body, headers, status in NO_REQUESTS:
                stated = {"content-type": "application/json"} | headers
                try:
                    answer = await north.post(f"{south.url}/exchange/v1/messages", content=body, headers=stated)
                except httpx.HTTPError:
                    assert status == 413  # the line is cut while the rest is still coming
                else:
                    assert answer.status_code == status, (body[:30], answer.text)
            assert await _post(north, south, _item(federation)) == ["901"]
        assert await south.count() == 1


async def test_a_flood_costs_its_own_sender_only(admin_url: str, tmp_path: Path) -> None:
    limits = Limits(requests_max=2, items_per_s=1, burst=20)
    async with open_regions(admin_url, tmp_path, "north", "south", "west", limits=limits) as regions:
        south, federation = regions["south"], regions["south"].federation
        body = write_request([None] * 10)
        headers = {"content-type": "application/json"}
        async with client_of(federation, "west") as west, client_of(federation, "north") as north:
            flood = [west.post(f"{south.url}/exchange/v1/messages", content=body, headers=headers) for _ in range(40)]
            answers = asyncio.gather(*flood)
            assert await _post(north, south, _item(federation)) == ["901"]
            statuses = [answer.status_code for answer in await answers]
        assert statuses.count(200) <= 3
        assert set(statuses) <= {200, 429}


async def test_endless_and_idle_requests_hold_little_memory_and_nobody_up(admin_url: str, tmp_path: Path) -> None:
    limits = Limits(bytes_max=4 << 20)
    async with open_regions(admin_url, tmp_path, "north", "south", "west", limits=limits) as regions:
        south, federation = regions["south"], regions["south"].federation
        before = psutil.Process().memory_info().rss

        async def endless() -> Any:
            while True:
                yield b" " * 65536
                await asyncio.sleep(0)

        async with client_of(federation, "west") as west, client_of(federation, "north") as north:
            post = [
                west.post(
                    f"{south.url}/exchange/v1/messages", content=endless(), headers={"content-type": "application/json"}
                )
                for _ in range(8)
            ]
            working = [asyncio.create_task(each) for each in post]
            assert await _post(north, south, _item(federation)) == ["901"]
            answers = await asyncio.gather(*working, return_exceptions=True)
        refused = [each.status_code for each in answers if isinstance(each, httpx.Response)]
        assert set(refused) <= {413, 429}
        assert psutil.Process().memory_info().rss - before < 200 << 20


async def test_one_partner_cannot_take_all_connections(admin_url: str, tmp_path: Path) -> None:
    async with open_regions(admin_url, tmp_path, "north", "south", "west") as regions:
        south, federation = regions["south"], regions["south"].federation
        own = federation.own["west"]
        context = ssl.create_default_context(cafile=str(own / "authority.pem"))
        context.load_cert_chain(own / "certificate.pem", own / "certificate.key")
        port = int(south.url.rpartition(":")[2])
        held = [await asyncio.open_connection("127.0.0.1", port, ssl=context) for _ in range(80)]
        async with client_of(federation, "north") as north:
            assert await _post(north, south, _item(federation)) == ["901"]
        async with asyncio.timeout(10):
            closed = [reader for reader, _ in held[64:] if await reader.read(1) == b""]
        assert len(closed) == 16
        for _, writer in held:
            writer.close()


async def test_a_neutral_word_is_the_same_for_whatever_was_wrong_inside(admin_url: str, tmp_path: Path) -> None:
    """A signature by nobody, by a revoked key and by another: nothing tells which regions or keys there are."""
    async with open_regions(admin_url, tmp_path, "north", "south") as regions:
        south, federation = regions["south"], regions["south"].federation
        letter = _item(federation)["letter"]
        wrong = letter | {"signature": "A" * 86}
        async with client_of(federation, "north") as north:
            answer = await north.post(
                f"{south.url}/exchange/v1/messages",
                content=write_request([{"letter": wrong}]),
                headers={"content-type": "application/json"},
            )
        opened, _ = open_answer(answer.json()["answers"][0], federation.members("north").find_any_key)
        assert opened.reply == Rejection("", "E-TEC-04", "/signature")
        assert opened.recipient == ""
