"""Bodies that cannot be read: a clear 4xx each, never 500, and nothing appended."""

import gzip
import json
import zlib
from collections.abc import Iterator

import pytest

from tests.ingest.offices import Office, birth, refusal

NDJSON = {"content-type": "application/x-ndjson"}
GZIP = {"content-encoding": "gzip"}


def spoilt(old: str, new: str) -> bytes:
    text = json.dumps(birth())
    assert old in text
    return text.replace(old, new, 1).encode()


UNREADABLE: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 400, "malformed-json"),
    "half": (json.dumps(birth()).encode()[:-9], 400, "malformed-json"),
    "two documents": (json.dumps(birth()).encode() + b"{}", 400, "malformed-json"),
    "an array": (b"[]", 400, "not-an-object"),
    "a number": (b"1", 400, "not-an-object"),
    "NaN": (spoilt('"live_birth": true', '"live_birth": NaN'), 400, "malformed-json"),
    "Infinity": (spoilt('"live_birth": true', '"live_birth": -Infinity'), 400, "malformed-json"),
    "trailing comma": (spoilt('"1975"}', '"1975",}'), 400, "malformed-json"),
    "latin-1": (spoilt("Ample", "Ampl\xe9").decode().encode("latin-1"), 400, "not-utf-8"),
    "a lone surrogate": (spoilt("Ample", "\\udc00"), 400, "not-utf-8"),
    "utf-16": (json.dumps(birth()).encode("utf-16"), 400, "malformed-json"),
    "a key twice": (spoilt('"sex": "female"', '"sex": "female", "sex": "male"'), 400, "duplicate-key"),
    "no type": (spoilt('"type": "BirthRegistered", ', ""), 422, "missing-field"),
    "unknown type": (spoilt("BirthRegistered", "BirthRegisterd"), 422, "unknown-type"),
    "unknown version": (spoilt('"type":', '"version": 99, "type":'), 422, "unknown-version"),
    "year 0": (spoilt("2003-05-17", "0000-05-17"), 422, "date-out-of-range"),
    "year 9999": (spoilt("2003-05-17", "9999-05-17"), 422, "date-out-of-range"),
    "no such day": (spoilt("2003-05-17", "2003-02-30"), 422, "bad-date"),
    "no such area": (spoilt('"residence_area": "0980"', '"residence_area": "0999"'), 422, "unknown-area"),
    "id of another version": (spoilt('"event_id": "', '"event_id": "5f0c0f5e-7b1b-4c7e-9c70-0d6c9b3f8f5e","x": "'),
                              422, "unknown-field"),
}  # fmt: skip


@pytest.mark.parametrize("what", list(UNREADABLE))
def test_an_event_that_cannot_be_read_is_refused_with_its_reason(registrar: Office, what: str) -> None:
    body, status, code = UNREADABLE[what]
    assert refusal(registrar.post(body))[:2] == (status, code)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"type":"BirthRegistered","subjects":' + b"["])
def test_deep_nesting_is_refused(registrar: Office, opening: bytes) -> None:
    answer = registrar.post(opening * 50_000 if len(opening) < 9 else opening + b"[" * 50_000)
    assert refusal(answer)[0] in (400, 413)


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/xml", "application/json; charset=latin-1"])
def test_another_media_type_is_refused(registrar: Office, content_type: str) -> None:
    for path in ("/v1/events", "/v1/events:batch", "/v1/corrections"):
        answer = registrar.post(birth(), path, headers={"content-type": content_type})
        assert refusal(answer)[:2] == (415, "wrong-media-type")


def test_json_may_say_that_it_is_utf_8(registrar: Office) -> None:
    headers = {"content-type": "application/json; charset=UTF-8"}
    assert registrar.post(birth(), headers=headers).status_code == 201


def test_a_giant_event_is_refused_before_it_is_read(registrar: Office) -> None:
    assert refusal(registrar.post(b" " * (257 << 10)))[:2] == (413, "too-large")


def test_a_giant_body_without_a_length_is_refused_while_it_comes(registrar: Office) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * (1 << 20)

    answer = registrar.http.post("/v1/events:batch", content=endless(), headers=NDJSON)
    assert refusal(answer)[:2] == (413, "too-large")


def test_a_gzip_bomb_is_refused_before_it_is_unpacked(registrar: Office) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(1000)) + packer.flush()
    assert len(bomb) < 2 << 20
    for path, headers in (("/v1/events:batch", NDJSON), ("/v1/events", {})):
        assert refusal(registrar.post(bomb, path, headers=GZIP | headers))[:2] == (413, "too-large")


def test_a_packed_body_is_read_like_a_plain_one(registrar: Office) -> None:
    event = birth()
    packed = gzip.compress(json.dumps(event).encode())
    assert registrar.post(packed, headers=GZIP).status_code == 201
    assert registrar.post(event).json()["outcome"] == "repeated"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not gzip",
        gzip.compress(json.dumps(birth()).encode())[:-9],
        gzip.compress(b"{}") + gzip.compress(b"{}"),
        gzip.compress(b"{}") + b"more",
        zlib.compress(b"{}"),
    ],
    ids=range(6),
)
def test_a_body_that_is_not_one_gzip_stream_is_refused(registrar: Office, body: bytes) -> None:
    assert refusal(registrar.post(body, headers=GZIP))[:2] == (400, "bad-encoding")


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_another_encoding_is_refused(registrar: Office, encoding: str) -> None:
    assert refusal(registrar.post(birth(), headers={"content-encoding": encoding}))[:2] == (400, "bad-encoding")
