"""Letters between regions, one process: signed with their particulars, and opened again. What a courier and a door do
for each besides the network and the tables.
"""

import tempfile
from pathlib import Path

from services.exchange.members import Members
from services.exchange.particulars.commitments import OpenPart, commit, read_part, write_part
from services.exchange.particulars.forms import check_parts
from services.exchange.protocol.envelope import Envelope, Receipt, message_hash
from services.exchange.wire import (
    GENESIS,
    Answer,
    ChainLink,
    Jws,
    decrypt_part,
    encrypt_part,
    letter_payload,
    open_answer,
    open_letter,
    sign_answer,
    sign_letter,
)
from services.kernel.contract.catalog import DEFAULT_FOLDER
from services.kernel.contract.lints.forbidden import read_phrases
from tests.benchmarks.peers import best_rate
from tests.benchmarks.results import Figure, Row
from tests.benchmarks.stage import Stage
from tests.exchange.federation import NOON, Federation, make_envelope

TITLE = "letters between regions, one process"
PERSON = {
    "subject": {"family_name": "Ample", "given_names": "Ex", "birth_on": "1975-03-02"},
    "address": {"lines": ["Storgatan 1"], "postal_code": "83131", "area": "2380"},
    "asserted_fields": [{"path": "civil_status", "value": "married"}, {"path": "sex", "value": "female"}],
}


def measure(stage: Stage) -> Row:
    """Against the bare signatures alone, by the library that makes them."""
    count = stage.count(usual=2_000, quick=200)
    stage.say(f"letters: {count:,}")
    with tempfile.TemporaryDirectory() as folder:
        federation = Federation(Path(folder), {"north": "http://n", "south": "http://s"})
        return measure_letters(count, federation.members("north"), federation.members("south"))


def measure_letters(count: int, north: Members, south: Members) -> Row:
    """From north to south."""
    said = [_say(number) for number in range(count)]
    sent = [_send(north, envelope, part) for envelope, part in said]
    payloads = [letter.raw_payload() for letter, _ in sent]
    bare = north.keys.signing["north-sign-1"].private_key
    signatures = [bare.sign(payload) for payload in payloads]  # type: ignore[union-attr, call-arg]
    public = bare.public_key()  # type: ignore[union-attr]
    signing = best_rate(lambda: [bare.sign(each) for each in payloads], count)  # type: ignore[union-attr, call-arg]
    verifying = best_rate(
        lambda: [public.verify(*each) for each in zip(signatures, payloads, strict=True)],  # type: ignore[union-attr, call-arg]
        count,
    )
    phrases = read_phrases(DEFAULT_FOLDER)
    receipts = [_receipt(south, envelope) for envelope, _ in said]
    row = Row("letters", TITLE, count)
    row.figures = [
        Figure(
            "signed, part encrypted",
            best_rate(lambda: [_send(north, envelope, part) for envelope, part in said], count),
            "letters/s",
            "bare Ed25519",
            signing,
        ),
        Figure(
            "verified, part decrypted and checked",
            best_rate(lambda: [_take(south, letter, part, phrases) for letter, part in sent], count),
            "letters/s",
            "bare Ed25519",
            verifying,
        ),
        Figure("receipt signed", best_rate(lambda: [_receipt(south, each) for each, _ in said], count), "answers/s"),
        Figure(
            "receipt verified",
            best_rate(lambda: [open_answer(each._asdict(), north.find_key(NOON)) for each in receipts], count),
            "answers/s",
        ),
    ]
    return row


def _say(number: int) -> tuple[Envelope, OpenPart]:
    part = commit("subject", PERSON)
    return make_envelope(number=number, parts=(part.part,)), part


def _send(north: Members, envelope: Envelope, part: OpenPart) -> tuple[Jws, str]:
    letter = sign_letter(letter_payload(envelope, ChainLink(1, GENESIS)), north.signing_key(NOON))
    return letter, encrypt_part(write_part(part), part.commitment, north.encryption_key("south", NOON))


def _take(south: Members, letter: Jws, part: str, phrases: object) -> None:
    opened = open_letter(letter._asdict(), south.find_key(NOON), "south")
    (stated,) = opened.envelope.parts
    key = south.find_private_key("south-read-1")
    assert key is not None
    check_parts("201", "", [read_part(decrypt_part(part, stated.commitment, key), stated)], phrases)  # type: ignore[arg-type]


def _receipt(south: Members, envelope: Envelope) -> Jws:
    answer = Answer(Receipt(envelope.message_id, message_hash(envelope), NOON), "south", "north", "00" * 32)
    return sign_answer(answer, south.signing_key(NOON))
