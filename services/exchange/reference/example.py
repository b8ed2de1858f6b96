"""A worked example with keys that everybody knows: a notice of arrival, its part, and its receipt. No real federation
uses these keys. The JWE was made once, since its ephemeral key is drawn; everything else comes out the same each time.
"""

from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from joserfc.jwk import OKPKey

from services.exchange.particulars.commitments import OpenPart, commit, write_part
from services.exchange.protocol.bodies import write_body
from services.exchange.protocol.envelope import Envelope, Receipt, message_hash
from services.exchange.protocol.states import Talk
from services.exchange.wire.answers import Answer, sign_answer
from services.exchange.wire.chain import GENESIS, ChainLink
from services.exchange.wire.items import write_item
from services.exchange.wire.jws import Jws, SigningKey, encode_base64url
from services.exchange.wire.letters import letter_payload, payload_hash, sign_letter
from services.exchange.wire.parts import PrivateEncryptionKey

AT = datetime(2026, 3, 2, 12, 0, 0, 123000, UTC)
SALT = bytes(range(32))
DOCUMENT = {
    "subject": {
        "family_name": "Åström",
        "given_names": "Ex Ample",
        "birth_on": "1975-03-02",
        "last_address_at_recipient": {"lines": ["Storgatan 1"], "postal_code": "83131"},
    },
    "asserted_fields": [{"path": "civil_status", "value": "married"}],
}
BODY = {
    "registration_id": "019cabf3-0000-7000-8000-000000000001",
    "registered_on": "2026-03-02",
    "moved_in_on": "2026-03-01",
    "residence_kind": "PRIMARY",
}
_SEEDS = {"gotland-sign-1": bytes([1] * 32), "jamtland-sign-1": bytes([2] * 32), "jamtland-read-1": bytes([3] * 32)}


def private_jwk(kid: str) -> dict[str, Any]:
    """A key of the example, both halves."""
    curve = "X25519" if "read" in kid else "Ed25519"
    d = encode_base64url(_SEEDS[kid])
    kind = X25519PrivateKey if curve == "X25519" else Ed25519PrivateKey
    public = kind.from_private_bytes(_SEEDS[kid]).public_key().public_bytes_raw()
    return {"kty": "OKP", "crv": curve, "x": encode_base64url(public), "d": d, "kid": kid}


def signing_key(kid: str) -> SigningKey:
    """One that signs."""
    return SigningKey(kid, OKPKey.import_key(private_jwk(kid)))


def reading_key() -> PrivateEncryptionKey:
    """The recipient's, for parts."""
    return PrivateEncryptionKey("jamtland-read-1", OKPKey.import_key(private_jwk("jamtland-read-1")))


def make_part() -> OpenPart:
    """The particulars, not encrypted."""
    return commit("subject", DOCUMENT, SALT)


def make_envelope() -> Envelope:
    """The first letter from Gotland to Jämtland."""
    return Envelope(
        message_id="019cabf3-0000-7000-8000-000000000002",
        message_type="201",
        schema_version=1,
        conversation_id="019cabf3-0000-7000-8000-000000000003",
        conversation_type=Talk.MOVE,
        seq=1,
        sender_jurisdiction="gotland",
        recipient_jurisdiction="jamtland",
        recorded_at=AT,
        payload=write_body(BODY),
        body_schema_id=20101,
        sender_office="0980-1",
        parts=(make_part().part,),
    )


def make_payload() -> bytes:
    """The signed bytes."""
    return letter_payload(make_envelope(), ChainLink(1, GENESIS))


def make_item() -> dict[str, Any]:
    """The letter with its part, as posted."""
    letter = sign_letter(make_payload(), signing_key("gotland-sign-1"))
    return write_item(letter, {"subject": PART_JWE}, 1, AT.isoformat())


def make_answer() -> Jws:
    """The recipient's receipt."""
    due = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)
    receipt = Receipt(make_envelope().message_id, message_hash(make_envelope()), AT, due, 2)
    answer = Answer(receipt, "jamtland", "gotland", payload_hash(make_payload()))
    return sign_answer(answer, signing_key("jamtland-sign-1"))


def opened_part() -> bytes:
    """What was encrypted."""
    return write_part(make_part())


PART_JWE = (
    "eyJhbGciOiJFQ0RILUVTK0EyNTZLVyIsImVuYyI6IkEyNTZHQ00iLCJraWQiOiJqYW10bGFuZC1yZWFkLTEiLCJ0eXAiOiJkb21p"
    "Y2lsZS1wYXJ0IiwiY29tbWl0bWVudCI6IjczNmQ4ZWY4MDIyYWJhMWIzZjgyMDE1NjQ0ZjFjMGE2MGYwZGI1OWFmMzBmYjVjNTFj"
    "OTY4ZGRkMzEyOWNhYzQiLCJlcGsiOnsiY3J2IjoiWDI1NTE5IiwieCI6IjBOWUNxc3QtOW1yZ1lEcVRSTnJEUHNqUUtBSks0VTNQ"
    "UHZxTUxFZ1c4UmsiLCJrdHkiOiJPS1AifX0.T2-y5VXnzXnGbwJeofDQO2Zd5moc3AbwpUU8-4ZYPtHznDw3vgPPsA.sC0EMluRc"
    "hkqCqfT.j0LGaSNqAHUn4sfWqsugDMsAJZOPcbof8jKBupX6gSSfVt0tDzsfqxs0ntoD1anzFd1zhdu-TLuKeAdOg9eiWhsaVEA7"
    "EQYQnqh0J9jGfK4Ms5r7meMV1EQLedSmQau7rkAN4WvPkdJr0RGJhgRxpWQTQUPoTB_KAiaTkioS7QkJpARLgRaOjuzWoOa81Q68"
    "iG1eKfkO0Y1PZLIt8wAbxw6kbvJG4mF0G2fQnsJhqbJdKuNzrCpgw3WSfncj5WTqvXbMsDvmbM5I6bXuSeKU12Lxz1JAMZMI4hr8"
    "RfklkU6fU7JmUIMSgMJlYTQvWVlV1Evns3CHwPw2gq7LsWIXAzacMG7rbZG5p8zWrqBsjfW9qYPqJy6bCiQXDnCCham0HdUOOip6"
    "pGCPr6K3LitifhHuV84cIvVF.ypzVQKwyPX0cYqE1RbcP_Q"
)
