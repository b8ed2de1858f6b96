"""Whatever bytes come, they are refused in words of the wire; answers and parts are as tamper-proof as letters."""

import json
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.exchange.journal.entry import Entry
from services.exchange.journal.records import EntryCoder
from services.exchange.members import Members
from services.exchange.protocol.envelope import Receipt, Rejection, canonical_json
from services.exchange.protocol.stimuli import TakeReceipt, TakeRejection
from services.exchange.wire import Answer, WireError, decrypt_part, encrypt_part, open_answer, open_letter, sign_answer
from services.exchange.wire.answers import TYP as TYP_OF_ANSWERS
from services.exchange.wire.items import read_answers, read_item, read_request
from services.exchange.wire.jws import Jws, sign
from services.exchange.wire.letters import TYP, find_hash
from services.exchange.wire.proofs import find_asker, prove
from services.kernel.contract.catalog import Catalog
from services.kernel.event_id import new_event_id
from services.kernel.privacy.region_key import RegionKey
from tests.exchange.federation import NOON, Federation, make_envelope, make_letter

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
CODER = EntryCoder("north", Catalog.load(), RegionKey.derive(bytes(32)))
RECEIPT = Receipt("019cabf3-0000-7000-8000-000000000002", "ab" * 32, NOON, NOON, 2)


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    return Federation(tmp_path_factory.mktemp("federation"), {"north": "http://n", "south": "http://s"})


@pytest.fixture(scope="module")
def north(federation: Federation) -> Members:
    return federation.members("north")


@pytest.fixture(scope="module")
def south(federation: Federation) -> Members:
    return federation.members("south")


@settings(max_examples=300, deadline=None)
@given(value=_values, raw=st.binary(max_size=200))
def test_nothing_but_the_wires_own_error_comes_out(south: Members, value: Any, raw: bytes) -> None:
    find = south.find_key(NOON)
    readers: list[Any] = [
        lambda: open_letter(value, find, "south"),
        lambda: open_letter(raw, find, "south"),
        lambda: open_answer(value, find),
        lambda: open_answer(raw, find),
        lambda: read_item(value),
        lambda: read_request(raw),
        lambda: read_answers(raw, 1),
        lambda: find_asker(raw.decode("latin-1"), "GET", "/", "south", NOON, find),
    ]
    for read in readers:
        with pytest.raises(WireError):
            read()
    assert find_hash(value) == ""


@settings(max_examples=200, deadline=None)
@given(document=_values, fields=st.dictionaries(st.sampled_from(["seq", "parts", "chain", "payload"]), _values))
def test_whatever_a_member_signs_is_read_or_refused(
    north: Members, south: Members, document: Any, fields: dict[str, Any]
) -> None:
    """A good signature is no reason to believe anything else."""
    whole = json.loads(make_letter(north, make_envelope()).raw_payload()) | fields
    for said in (document, whole):
        try:
            payload = canonical_json(said)
        except ValueError:
            continue  # what JSON cannot hold
        signed = sign(payload, TYP, north.signing_key(NOON))
        with suppress(WireError):
            open_letter(signed._asdict(), south.find_key(NOON), "south")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_changed_byte_of_an_answer_is_refused(north: Members, south: Members, data: st.DataObject) -> None:
    reply = data.draw(st.sampled_from([RECEIPT, Rejection(RECEIPT.message_id, "E-TEC-02", "/seq")]))
    answer = Answer(reply, "south", "north", "cd" * 32)
    signed = sign_answer(answer, south.signing_key(NOON)).to_bytes()
    assert open_answer(signed, north.find_key(NOON))[0] == answer
    place = data.draw(st.integers(0, len(signed) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != signed[place]))
    with pytest.raises(WireError):
        open_answer(signed[:place] + bytes((other,)) + signed[place + 1 :], north.find_key(NOON))


@pytest.mark.parametrize(
    "value", [None, 7, -1, 0, 77, 2**31, 10**20, 1.5, True, "x", "\ud800", "a" * 300, [], {}, "2026"]
)
@pytest.mark.parametrize(
    "name", ["message_hash", "calendar_version", "response_due_at", "received_at", "error_code", "detail_path", "extra"]
)
def test_what_is_taken_of_an_answer_can_be_kept(north: Members, south: Members, name: str, value: object) -> None:
    """Whatever a partner signs: it is no answer, or the journal holds it and gives it back."""
    code = "902" if name in ("error_code", "detail_path") else "901"
    stated = (Rejection(RECEIPT.message_id, "E-TEC-02", "/seq") if code == "902" else RECEIPT)._asdict()
    document = {name: each.isoformat() if isinstance(each, datetime) else each for name, each in stated.items()}
    document |= {"code": code, "sender": "south", "recipient": "north", "letter_hash": "cd" * 32, name: value}
    signed = sign(canonical_json(document), TYP_OF_ANSWERS, south.signing_key(NOON))
    try:
        reply = open_answer(signed.to_bytes(), north.find_key(NOON))[0].reply
    except WireError:
        return
    stimulus = TakeReceipt(reply) if isinstance(reply, Receipt) else TakeRejection(reply)
    entry = Entry(
        event_id=new_event_id(NOON), partner="south", conversation_id=RECEIPT.message_id, at=NOON, stimulus=stimulus
    )
    assert CODER.decode(CODER.encode(entry).value).stimulus == stimulus


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_changed_character_of_a_part_is_refused(north: Members, south: Members, data: st.DataObject) -> None:
    key = south.find_private_key("south-read-1")
    assert key is not None
    part = encrypt_part(b'{"some":"thing"}', "ab" * 32, north.encryption_key("south", NOON))
    assert decrypt_part(part, "ab" * 32, key) == b'{"some":"thing"}'
    place = data.draw(st.integers(0, len(part) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda character: character != part[place]))
    with pytest.raises(WireError):
        decrypt_part(part[:place] + other + part[place + 1 :], "ab" * 32, key)
    with pytest.raises(WireError):
        decrypt_part(part, "cd" * 32, key)


def test_an_answer_of_another_kind_is_no_answer(north: Members, south: Members) -> None:
    """A letter is no receipt, and who asks for a feed has not answered anything."""
    letter = make_letter(south, make_envelope(sender="south", recipient="north"))
    proof = prove("GET", "/", "north", NOON, south.signing_key(NOON))
    for other in (letter, Jws("", "", "")):
        with pytest.raises(WireError):
            open_answer(other._asdict(), north.find_key(NOON))
    assert find_asker(proof, "GET", "/", "north", NOON, north.find_key(NOON)) == "south"
    with pytest.raises(WireError):
        find_asker(proof, "GET", "/other", "north", NOON, north.find_key(NOON))
