"""Hostile and mistaken posts by the hundred: a clear 4xx each, never 500, and not one record more on the log."""

import gzip
import json
import random
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.stack import Running
from tests.office import Office, Post, uuid7
from tests.on_the_log import count_records

SCHEMAS = Path(__file__).parents[2] / "schemas"
REFUSED = sorted(SCHEMAS.glob("*/*/refused/*.json"))


@pytest.fixture(scope="module")
def office(stack: Running) -> Office:
    return Office.open(stack.regions["south"])


def spoilt_births(office: Office) -> list[bytes]:
    """A birth with one thing wrong in it, in every place and in many ways."""
    birth = office.birth(subjects=[{"role": "child", "civil": {"identifiers": [{"kind": "local", "value": "X-1"}]}}])
    text = json.dumps(birth).encode()
    wrong: tuple[Any, ...] = (None, {}, [{}], -1, 1e300, "\x01", "0000-01-01", "9999-12-31", "x" * 3000)
    required = ("type", "event_id", "occurred_on", "registered_at", "subjects", "sex", "live_birth")
    spoilt = [json.dumps({**birth, "event_id": uuid7(), name: value}).encode() for name in required for value in wrong]
    spoilt += [text[:end] for end in range(0, len(text), 17)]
    spoilt += [text.replace(b"female", bad, 1) for bad in (b"\xff", b"\\ud800", b"\\u0000", b'","sex":"male')]
    spoilt += [text.replace(b"true", bad, 1) for bad in (b"NaN", b"Infinity", b"1", b"True", b"tru\xc3\xa9", b"null")]
    spoilt += [text + text, b"\xef\xbb\xbf", b"[" * 90_000, b'{"a":' * 40_000, text.decode().encode("utf-16")]
    chance = random.Random(11)
    for _ in range(60):
        broken = bytearray(text)
        broken[chance.randrange(len(broken))] = chance.choice(b'"{}[]:,\\\x00\xff')
        if b'"sex"' not in broken or not is_json(broken):
            spoilt.append(bytes(broken))
    return spoilt


def is_json(text: bytes | bytearray) -> bool:
    try:
        json.loads(bytes(text))
    except ValueError:
        return False
    return True


def refuse(answer: httpx.Response) -> None:
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.request.content[:300], answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert all(told[name] for name in ("code", "title", "rule", "remedy")), told


def test_whatever_is_wrong_is_refused_and_nothing_is_appended(stack: Running, office: Office) -> None:
    spoilt = spoilt_births(office)
    before = count_records(stack.kafka, "south")
    with httpx.Client(base_url=office.url, headers=office.headers, timeout=60) as client:
        for body in spoilt:
            refuse(client.post("/v1/events", content=body))
            refuse(client.post("/v1/corrections", content=body))
            packed = client.post("/v1/events", content=gzip.compress(body)[:-1], headers={"content-encoding": "gzip"})
            refuse(packed)
    assert count_records(stack.kafka, "south") == before


def test_in_a_batch_too_item_by_item(stack: Running, office: Office) -> None:
    spoilt = [body for body in spoilt_births(office) if body.strip() and b"\n" not in body]
    before = count_records(stack.kafka, "south")
    answer = office.send("/v1/events:batch", b"\n".join(spoilt), content_type="application/x-ndjson")
    assert answer.status_code == 200
    assert answer.json()["refused"] == len(spoilt)
    for told in answer.json()["outcomes"]:
        assert 400 <= told["status"] < 500, told
        assert told["code"]
        assert told["remedy"]
    assert count_records(stack.kafka, "south") == before


def test_every_refused_example_of_the_contract_is_refused_at_the_door(stack: Running, office: Office) -> None:
    posts: list[Post] = [json.loads(path.read_text("utf-8"))["post"] for path in REFUSED]
    before = count_records(stack.kafka, "south")
    for role in ("registrar", "importer", "service-worker", "geographer"):
        asking = Office(office.region, office.url, office.area, office.code, office.region.token(role))
        told = asking.post_many(posts).json()
        assert told["recorded"] == 0
    assert count_records(stack.kafka, "south") == before
