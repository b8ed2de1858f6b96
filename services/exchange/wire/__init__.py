"""Bytes between regions: signed letters and answers, sealed parts, the chain. No I/O, no clock.

Read in this order: `jws` (how anything is signed), `letters`, `reading` (bytes back into an envelope), `answers`,
`parts`, `chain`, `items` (what a request holds), `evidence` (trees of hashes).
"""

from services.exchange.wire.answers import Answer, open_answer, sign_answer
from services.exchange.wire.chain import GENESIS, ChainLink
from services.exchange.wire.jws import Jws, PublicKey, SigningKey, WireError
from services.exchange.wire.letters import (
    OpenedLetter,
    letter_payload,
    open_letter,
    payload_hash,
    read_letter,
    sign_letter,
)
from services.exchange.wire.parts import EncryptionKey, PrivateEncryptionKey, decrypt_part, encrypt_part

__all__ = [
    "GENESIS",
    "Answer",
    "ChainLink",
    "EncryptionKey",
    "Jws",
    "OpenedLetter",
    "PrivateEncryptionKey",
    "PublicKey",
    "SigningKey",
    "WireError",
    "decrypt_part",
    "encrypt_part",
    "letter_payload",
    "open_answer",
    "open_letter",
    "payload_hash",
    "read_letter",
    "sign_answer",
    "sign_letter",
]
