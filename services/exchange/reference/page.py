"""docs/exchange-wire.md: `python -m services.exchange.reference.page > docs/exchange-wire.md`."""

import json
from datetime import timedelta
from pathlib import Path
from string import Template

from services.exchange.delivery import anchoring, posting
from services.exchange.door import feeds, taking
from services.exchange.members import document
from services.exchange.particulars.commitments import SALT_BYTES
from services.exchange.particulars.documents import PATHS
from services.exchange.particulars.forms import FREE_TEXT
from services.exchange.reconciliation import messages
from services.exchange.reference import example
from services.exchange.reference.documents_page import render_documents
from services.exchange.wire import answers, items, jws, letters, parts, proofs, reading

TEMPLATE = Path(__file__).parent / "wire.md"


def render_page() -> str:
    """The page: the template, with what the code says in the places for it."""
    return Template(TEMPLATE.read_text("utf-8")).substitute(_values() | _example())


def _values() -> dict[str, object]:
    return {
        "alg": jws.ALGORITHM,
        "letter_typ": letters.TYP,
        "answer_typ": answers.TYP,
        "request_typ": proofs.TYP,
        "root_typ": anchoring.TYP,
        "members_typ": document.TYP,
        "reconciliation_typ": messages.REQUEST_TYP,
        "reconciliation_answer_typ": messages.ANSWER_TYP,
        "text_max": reading.TEXT_MAX,
        "letter_kib": letters.LETTER_BYTES_MAX >> 10,
        "salt_bytes": SALT_BYTES,
        "part_alg": parts.ALG,
        "part_enc": parts.ENC,
        "part_typ": parts.TYP,
        "part_kib": parts.PART_BYTES_MAX >> 10,
        "free_text": _list(sorted(FREE_TEXT)),
        "paths": _list(PATHS),
        "documents": "\n".join(render_documents()),
        "messages": posting.MESSAGES,
        "ready": posting.READY,
        "reconciliation": posting.RECONCILIATION,
        "items_max": items.ITEMS_MAX,
        "request_mib": items.REQUEST_BYTES_MAX >> 20,
        "ndjson": feeds.NDJSON,
        "events": feeds.EVENTS,
        "wait_s": int(feeds.WAIT_S_MAX),
        "scheme": proofs.SCHEME,
        "skew_min": int(taking.SKEW / timedelta(minutes=1)),
        "jump_max": f"{taking.JUMP_MAX:,}",
        "good_for": int(proofs.GOOD_FOR / timedelta(minutes=1)),
    }


def _example() -> dict[str, str]:
    payload, part, answer = example.make_payload(), example.make_part(), example.make_answer()
    keys = (example.private_jwk(kid) for kid in ("gotland-sign-1", "jamtland-sign-1", "jamtland-read-1"))
    body = example.make_envelope().payload.decode()
    return {
        "keys": "\n".join(_write(key) for key in keys),
        "part": "\n".join((part.document.decode(), part.salt.hex(), part.commitment)),
        "letter": "\n".join((body, payload.decode(), letters.payload_hash(payload))),
        "item": _write(example.make_item()),
        "answer": "\n".join((answer.raw_payload().decode(), _write(answer._asdict()))),
    }


def _list(words: object) -> str:
    assert isinstance(words, list | tuple)
    return ", ".join(f"`{each}`" for each in words)


def _write(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    print(render_page(), end="")
