"""What is signed is what is sent: one spelling, one key, one algorithm; everything else is refused."""

import hashlib
import json
import string
from base64 import urlsafe_b64decode
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OctKey

from services.exchange.members import Members
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.envelope import Envelope, Part, Urgency, canonical_json, message_hash
from services.exchange.protocol.states import Talk
from services.exchange.wire import GENESIS, ChainLink, WireError, letter_payload, open_letter, read_letter, sign_letter
from services.exchange.wire.jws import Jws, encode_base64url, sign
from services.exchange.wire.letters import LETTER_BYTES_MAX, TYP
from tests.exchange.federation import NOON, Federation, make_envelope, make_letter


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    return Federation(tmp_path_factory.mktemp("federation"), {"north": "http://n", "south": "http://s"})


@pytest.fixture(scope="module")
def north(federation: Federation) -> Members:
    return federation.members("north")


@pytest.fixture(scope="module")
def south(federation: Federation) -> Members:
    return federation.members("south")


def _refusal(members: Members, letter: object, at: datetime = NOON) -> tuple[str, str]:
    with pytest.raises(WireError) as refused:
        open_letter(letter, members.find_key(at), members.own)
    return refused.value.code, refused.value.path


def _signed(north: Members, document: Any) -> Jws:
    return sign_letter(canonical_json(document), north.signing_key(NOON))


def _document(envelope: Envelope) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(letter_payload(envelope, ChainLink(1, GENESIS)))
    return document


def test_a_letter_comes_out_as_it_was_said(north: Members, south: Members) -> None:
    envelope = make_envelope(occurred_on=date(2026, 3, 1), urgency=Urgency.URGENT, sender_office="0980-1")
    link = ChainLink(7, "cd" * 32)
    letter = make_letter(north, envelope, link)
    opened = open_letter(letter.to_bytes(), south.find_key(NOON), "south")
    assert (opened.envelope, opened.chain, opened.kid) == (envelope, link, "north-sign-1")
    assert opened.hash == hashlib.sha256(letter_payload(envelope, link)).hexdigest()
    assert message_hash(opened.envelope) == message_hash(envelope)
    assert read_letter(opened.jws.to_bytes()) == (envelope, link, opened.hash)


def test_another_library_finds_the_same_signature_good(north: Members) -> None:
    """Not by the library that made it: plain Ed25519 over the two texts, as RFC 7515 says."""
    letter = json.loads(make_letter(north, make_envelope()).to_bytes())
    key = north.members["north"].signing_keys[0].key.as_dict(private=False)
    padded = {name: urlsafe_b64decode(text + "==") for name, text in {**letter, "x": key["x"]}.items()}
    public = Ed25519PublicKey.from_public_bytes(padded["x"])
    public.verify(padded["signature"], f"{letter['protected']}.{letter['payload']}".encode())
    assert json.loads(padded["protected"]) == {"alg": "Ed25519", "kid": "north-sign-1", "typ": TYP}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_changed_byte_is_refused(north: Members, south: Members, data: st.DataObject) -> None:
    letter = make_letter(north, make_envelope()).to_bytes()
    place = data.draw(st.integers(0, len(letter) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != letter[place]))
    _refusal(south, letter[:place] + bytes((other,)) + letter[place + 1 :])


@settings(max_examples=100, deadline=None)
@given(place=st.integers(0, 40), letter=st.sampled_from(string.ascii_letters + string.digits + "-_"))
def test_stray_bits_at_the_end_of_base64_are_refused(north: Members, south: Members, place: int, letter: str) -> None:
    signed = make_letter(north, make_envelope(number=place))
    if not signed.signature.endswith(letter):
        _refusal(south, signed._replace(signature=signed.signature[:-1] + letter)._asdict())


def test_what_says_how_it_wants_to_be_checked_is_refused(north: Members, south: Members) -> None:
    signed = make_letter(north, make_envelope())
    key = north.members["north"].signing_keys[0].key.as_dict(private=False)
    ours = {"alg": "Ed25519", "kid": "north-sign-1", "typ": TYP}
    headers: list[dict[str, Any]] = [
        ours | {"alg": "none"},
        ours | {"alg": "EdDSA"},
        ours | {"alg": "HS256"},
        ours | {"typ": "JWT"},
        ours | {"jwk": key},
        ours | {"jku": "http://127.0.0.1/keys"},
        ours | {"x5c": []},
        ours | {"crit": ["b64"], "b64": False},
        {"alg": "Ed25519", "typ": TYP},
        ours | {"kid": "of nobody"},
        ours | {"kid": 1},
        ours | {"kid": "k" * 500},
    ]
    for header in headers:
        for signature in (signed.signature, ""):
            changed = Jws(signed.payload, encode_base64url(canonical_json(header)), signature)
            assert _refusal(south, changed._asdict())[0] == "E-TEC-04", header
    unprotected = signed._asdict() | {"header": {"kid": "north-sign-1"}}
    assert _refusal(south, unprotected) == ("E-TEC-01", "")


def test_a_public_key_is_no_secret_to_sign_with(north: Members, south: Members) -> None:
    """The classic: a MAC keyed with the public key."""
    secret = OctKey.import_key(north.members["north"].signing_keys[0].key.as_dict(private=False)["x"])
    header = {"protected": {"alg": "HS256", "kid": "north-sign-1", "typ": TYP}}
    forged = jws.serialize_json(header, b"{}", secret, algorithms=["HS256"])  # type: ignore[call-overload]
    assert _refusal(south, dict(forged))[0] == "E-TEC-04"


def test_who_signs_says_only_what_is_their_own(north: Members, south: Members, federation: Federation) -> None:
    swapped = make_letter(north, make_envelope(sender="south", recipient="south"))
    assert _refusal(south, swapped._asdict()) == ("E-TEC-04", "/sender_jurisdiction")
    for_others = make_letter(north, make_envelope(recipient="west"))
    assert _refusal(south, for_others._asdict()) == ("E-TEC-06", "/recipient_jurisdiction")
    other_kind = sign(letter_payload(make_envelope(), ChainLink(1, GENESIS)), "JWT", north.signing_key(NOON))
    assert _refusal(south, other_kind._asdict())[0] == "E-TEC-04"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("message_id", "1", "E-TEC-02"),
        ("message_id", "0190A1B2-C3D4-7E5F-8A6B-9C7D8E9F0A1B", "E-TEC-02"),
        ("seq", 0, "E-TEC-02"),
        ("seq", True, "E-TEC-02"),
        ("seq", 1.5, "E-TEC-02"),
        ("seq", "1", "E-TEC-02"),
        ("recorded_at", "2026-03-02", "E-TEC-02"),
        ("recorded_at", "2026-03-02T12:00:00Z", "E-TEC-02"),
        ("recorded_at", "2026-03-02T13:00:00+01:00", "E-TEC-02"),
        ("occurred_on", "20260302", "E-TEC-02"),
        ("occurred_on", None, "E-TEC-02"),
        ("payload", "e30", "E-TEC-02"),
        ("urgency", "SOON", "E-TEC-02"),
        ("response_required", 1, "E-TEC-02"),
        ("parts", [], "E-TEC-02"),
        ("parts", [{"role": "subject"}], "E-TEC-02"),
        ("parts", [{"role": "subject", "commitment": "ab"}], "E-TEC-02"),
        ("request_hash", "x" * 64, "E-TEC-02"),
        ("sender_office", "x" * 201, "E-TEC-02"),
        ("sender_office", "\x00", "E-TEC-02"),
        ("chain", {"position": 0, "previous_hash": GENESIS}, "E-TEC-02"),
        ("chain", None, "E-TEC-02"),
        ("religion", "x", "E-TEC-02"),
        ("conversation_type", "SOMETHING_LATER", "E-TEC-03"),
    ],
)
def test_a_field_that_is_not_of_its_form_is_named(
    north: Members, south: Members, field: str, value: object, code: str
) -> None:
    found = _refusal(south, _signed(north, _document(make_envelope()) | {field: value})._asdict())
    assert found[0] == code
    assert str(value) not in found[1] or value in (0, 1)


def test_each_field_that_is_always_there_is_missed(north: Members, south: Members) -> None:
    whole = _document(make_envelope())
    for name in whole:
        less = {other: value for other, value in whole.items() if other != name}
        if name == "parts":
            continue  # a message without particulars
        assert _refusal(south, _signed(north, less)._asdict())[0] == "E-TEC-02", name


def test_two_spellings_of_one_content_are_one_too_many(north: Members, south: Members) -> None:
    payload = letter_payload(make_envelope(), ChainLink(1, GENESIS))
    for other in (
        payload + b" ",
        payload.replace(b":1,", b": 1,", 1),
        b'{"seq":1,' + payload[1:],
        b"\xef\xbb\xbf" + payload,
    ):
        assert _refusal(south, sign_letter(other, north.signing_key(NOON))._asdict())[0] == "E-TEC-01"
    for none in (b"", b"[]", b"1", b"null", b"[" * 40_000, b"\xff"):
        assert _refusal(south, sign_letter(none, north.signing_key(NOON))._asdict())[0] in ("E-TEC-01", "E-TEC-02")


def test_what_is_no_letter_at_all_is_refused_in_words(south: Members) -> None:
    for nothing in (None, 1, [], {}, "x", b"", b"{", {"payload": 1, "protected": "", "signature": ""}):
        assert _refusal(south, nothing)[0] == "E-TEC-01"


def test_a_later_version_comes_through_to_the_protocol(north: Members, south: Members) -> None:
    """Which answers E-TEC-03: here a version with a new field and a new word, and a message of later times."""
    later = _document(make_envelope()) | {"schema_version": 2, "urgency": "AT_ONCE", "weather": "fine"}
    opened = open_letter(_signed(north, later)._asdict(), south.find_key(NOON), "south")
    assert opened.envelope.schema_version == 2
    unknown = _document(make_envelope()) | {"message_type": "999"}
    opened = open_letter(_signed(north, unknown)._asdict(), south.find_key(NOON), "south")
    assert opened.envelope.message_type == "999"


def test_a_letter_has_a_largest_size(north: Members, south: Members) -> None:
    fits = make_letter(north, make_envelope(payload=b"x" * 20_000))
    open_letter(fits._asdict(), south.find_key(NOON), "south")
    large = make_letter(north, make_envelope(payload=b"x" * LETTER_BYTES_MAX))
    assert _refusal(south, large._asdict()) == ("E-TEC-09", "")


_texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=50)
_days = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@settings(max_examples=60, deadline=None)
@given(
    code=st.sampled_from(sorted(CATALOGUE)),
    talk=st.sampled_from(list(Talk)),
    seq=st.integers(1, 10**9),
    at=st.timedeltas(timedelta(days=-3650), timedelta(days=3650)),
    payload=st.binary(max_size=500),
    office=_texts,
    occurred_on=st.none() | _days,
    effective_on=st.none() | _days,
    roles=st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True), unique=True, max_size=5),
)
def test_every_envelope_survives_the_way(
    north: Members,
    south: Members,
    code: str,
    talk: Talk,
    seq: int,
    at: timedelta,
    payload: bytes,
    office: str,
    occurred_on: date | None,
    effective_on: date | None,
    roles: list[str],
) -> None:
    envelope = make_envelope(
        message_type=code,
        conversation_type=talk,
        seq=seq,
        recorded_at=NOON + at,
        payload=payload,
        sender_office=office,
        occurred_on=occurred_on,
        effective_on=effective_on,
        parts=tuple(Part(role, "0f" * 32) for role in roles),
    )
    opened = open_letter(make_letter(north, envelope).to_bytes(), south.find_key(NOON), "south")
    assert opened.envelope == envelope


def test_keys_hold_from_a_day_to_a_day_and_not_after_they_were_revoked(tmp_path: Path) -> None:
    federation = Federation(tmp_path, {"north": "http://n", "south": "http://s"})
    letter = make_letter(federation.members("north"), make_envelope())._asdict()
    at_south = federation.file("south")
    key = at_south.current().find_key

    def set_key(**fields: Any) -> Any:
        return lambda document: document["members"][0]["signing_keys"][0].update(fields)

    federation.change(set_key(until="2026-03-02T12:00:00+00:00"), newer=1)
    assert _refusal(at_south.current(), letter) == ("E-TEC-05", "/protected")
    open_letter(letter, at_south.current().find_key(NOON.replace(hour=11)), "south")
    federation.change(set_key(since="2026-03-02T12:00:01+00:00"), newer=2)
    assert _refusal(at_south.current(), letter) == ("E-TEC-05", "/protected")
    federation.change(set_key(revoked=True), newer=3)
    assert _refusal(at_south.current(), letter) == ("E-TEC-05", "/protected")
    federation.change(lambda document: document["members"][0].update(revoked=True), newer=4)
    assert _refusal(at_south.current(), letter) == ("E-TEC-05", "/protected")
    federation.change(lambda document: None, newer=5)
    open_letter(letter, at_south.current().find_key(NOON), "south")
    open_letter(letter, key(NOON), "south")
