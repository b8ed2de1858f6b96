"""The page for partners says what the code does, and a stranger can work with it.

The stranger here has the page, `cryptography` and the standard library: no code of ours and no JOSE library.
"""

import hashlib
import hmac
import json
import re
from base64 import b64decode, urlsafe_b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

from services.exchange.reference.page import render_page

PAGE = Path(__file__).resolve().parents[3] / "docs" / "exchange-wire.md"


def test_the_page_is_that_of_the_code() -> None:
    renew = "python -m services.exchange.reference.page > docs/exchange-wire.md"
    assert PAGE.read_text("utf-8") == render_page(), f"renew it: {renew}"


@pytest.fixture(scope="module")
def blocks() -> list[str]:
    """What stands in the code blocks of the example."""
    example = PAGE.read_text("utf-8").partition("## An example")[2]
    return re.findall(r"```\w*\n(.*?)\n```", example, re.DOTALL)


@pytest.fixture(scope="module")
def keys(blocks: list[str]) -> dict[str, dict[str, Any]]:
    return {key["kid"]: key for key in map(json.loads, blocks[0].splitlines())}


def _raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _verify(jws: dict[str, str], key: dict[str, Any]) -> bytes:
    signed = f"{jws['protected']}.{jws['payload']}".encode()
    Ed25519PublicKey.from_public_bytes(_raw(key["x"])).verify(_raw(jws["signature"]), signed)
    assert json.loads(_raw(jws["protected"]))["kid"] == key["kid"]
    return _raw(jws["payload"])


def test_a_stranger_verifies_the_letter_and_makes_it_to_the_byte(
    blocks: list[str], keys: dict[str, dict[str, Any]]
) -> None:
    body, payload, digest = blocks[2].splitlines()
    letter = json.loads(blocks[3])["letter"]
    assert _verify(letter, keys["gotland-sign-1"]) == payload.encode()
    assert hashlib.sha256(payload.encode()).hexdigest() == digest
    said = json.loads(payload)
    assert b64decode(said["payload"]) == body.encode() == _canonical(json.loads(body))
    assert _canonical(said) == payload.encode()
    # made anew, with nothing but what the page says
    header = _canonical({"alg": "Ed25519", "kid": "gotland-sign-1", "typ": "domicile-letter+json"})
    signing = Ed25519PrivateKey.from_private_bytes(_raw(keys["gotland-sign-1"]["d"]))
    signature = signing.sign(f"{letter['protected']}.{letter['payload']}".encode())
    assert (_raw(letter["protected"]), _raw(letter["signature"])) == (header, signature)


def test_a_stranger_reads_the_part_and_finds_the_commitment_kept(
    blocks: list[str], keys: dict[str, dict[str, Any]]
) -> None:
    document, salt, commitment = blocks[1].splitlines()
    assert hashlib.sha256(bytes.fromhex(salt) + document.encode()).hexdigest() == commitment
    header, wrapped, nonce, ciphertext, tag = json.loads(blocks[3])["parts"]["subject"].split(".")
    stated = json.loads(_raw(header))
    assert (stated["alg"], stated["enc"], stated["commitment"]) == ("ECDH-ES+A256KW", "A256GCM", commitment)
    ours = X25519PrivateKey.from_private_bytes(_raw(keys["jamtland-read-1"]["d"]))
    shared = ours.exchange(X25519PublicKey.from_public_bytes(_raw(stated["epk"]["x"])))
    name = b"ECDH-ES+A256KW"
    about = len(name).to_bytes(4, "big") + name + bytes(8) + (256).to_bytes(4, "big")  # RFC 7518, section 4.6.2
    wrapping = ConcatKDFHash(SHA256(), 32, about).derive(shared)
    key = aes_key_unwrap(wrapping, _raw(wrapped))
    opened = AESGCM(key).decrypt(_raw(nonce), _raw(ciphertext) + _raw(tag), header.encode())
    assert opened == _canonical({"salt": salt, "document": json.loads(document)})
    parts = json.loads(blocks[2].splitlines()[1])["parts"]
    assert parts == [{"commitment": commitment, "role": "subject"}]


def test_a_stranger_verifies_the_receipt_and_whom_it_is_about(
    blocks: list[str], keys: dict[str, dict[str, Any]]
) -> None:
    written, answer = blocks[4].splitlines()
    payload = _verify(json.loads(answer), keys["jamtland-sign-1"])
    assert payload == written.encode()
    said = json.loads(payload)
    letter = json.loads(blocks[2].splitlines()[1])
    without_chain = {name: value for name, value in letter.items() if name != "chain"}
    assert said["message_hash"] == hashlib.sha256(_canonical(without_chain)).hexdigest()
    assert hmac.compare_digest(said["letter_hash"], blocks[2].splitlines()[2])
    with pytest.raises(InvalidSignature):
        _verify(json.loads(answer) | {"payload": json.loads(blocks[3])["letter"]["payload"]}, keys["jamtland-sign-1"])
