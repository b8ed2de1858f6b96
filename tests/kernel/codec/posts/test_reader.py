"""Whatever is posted: a post in one spelling, or a refusal that names its place. Never anything else."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.kernel.codec.posts import PostReader
from services.kernel.contract.catalog import Catalog
from services.kernel.errors import Rejected

READER = PostReader(Catalog.load())
SCHEMAS = Path(__file__).parents[4] / "schemas"
EXAMPLES: list[dict[str, Any]] = [json.loads(path.read_text("utf-8")) for path in SCHEMAS.glob("*/*/examples/*.json")]
BIRTH = next(post for post in EXAMPLES if post["type"] == "BirthRegistered" and len(post["subjects"]) == 3)


def shuffled(value: Any, chance: random.Random) -> Any:
    """The same document with the keys of every object in another order."""
    if isinstance(value, dict):
        items = [(key, shuffled(each, chance)) for key, each in value.items()]
        chance.shuffle(items)
        return dict(items)
    return [shuffled(each, chance) for each in value] if isinstance(value, list) else value


def escaped(text: str, chance: random.Random) -> str:
    """The same JSON string in another spelling."""
    return "".join(f"\\u{ord(c):04x}" if c.isascii() and c.isalnum() and chance.random() < 0.2 else c for c in text)


def respelt(value: Any, chance: random.Random) -> str:
    """The same document with other blanks and escapes."""

    def space() -> str:
        return chance.choice(("", "", " ", "\n", "\t", "\r\n "))

    match value:
        case dict():
            pairs = (f"{space()}{respelt(k, chance)}{space()}:{space()}{respelt(v, chance)}" for k, v in value.items())
            return "{" + ",".join(pairs) + space() + "}"
        case list():
            return "[" + ",".join(space() + respelt(each, chance) for each in value) + space() + "]"
        case str():
            quoted = json.dumps(value, ensure_ascii=chance.random() < 0.5)
            return escaped(quoted, chance) if "\\" not in quoted else quoted
    return json.dumps(value)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, each in inner for place in [(*path, key), *places(each, (*path, key))]]


def changed(post: dict[str, Any], place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """A copy with another value at a place."""
    copy = json.loads(json.dumps(post))
    inner = copy
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    assert isinstance(copy, dict)
    return copy


def find_refusal(raw: bytes) -> Rejected | None:
    """None for a post that was read. Any other error than `Rejected` is a failure."""
    try:
        READER.read(raw)
    except Rejected as refused:
        return refused
    return None


@settings(deadline=None)
@given(st.sampled_from(EXAMPLES), st.integers(0, 1 << 30))
def test_two_spellings_of_one_content_have_one_canonical_form(post: dict[str, Any], seed: int) -> None:
    chance = random.Random(seed)
    other = respelt(shuffled(post, chance), chance)
    assert READER.read(other.encode()).canonical == READER.read(json.dumps(post).encode()).canonical


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(EXAMPLES), st.data())
def test_another_content_has_another_canonical_form(post: dict[str, Any], data: st.DataObject) -> None:
    place = data.draw(st.sampled_from([place for place in places(post) if place not in (("type",), ("version",))]))
    value = data.draw(st.sampled_from([None, True, 3, "x", "2003", "female", "2012-03-15T09:31:00+01:00", [], "0981"]))
    other = changed(post, place, value)
    try:
        read = READER.read(json.dumps(other).encode())
    except Rejected:
        return
    same = READER.read(json.dumps(post).encode()).canonical == read.canonical
    assert same == (meaning(other) == meaning(post))


def meaning(value: Any) -> Any:
    """What is said: absent, null, and empty lists in a field that may be left out say the same."""
    if isinstance(value, dict):
        return {
            key: meaning(each) for key, each in value.items() if each is not None and each != [] and key != "version"
        }
    return [meaning(each) for each in value] if isinstance(value, list) else value


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(EXAMPLES), st.data())
def test_a_key_that_stands_twice_is_found_at_any_depth_and_in_any_spelling(
    post: dict[str, Any], data: st.DataObject
) -> None:
    chance = random.Random(data.draw(st.integers(0, 1 << 30)))
    keys = [place for place in places(post) if isinstance(place[-1], str)]
    place = data.draw(st.sampled_from(keys))
    marked = json.dumps(changed(post, place, "@@"))
    inner: Any = post
    for step in place:
        inner = inner[step]
    value, key = json.dumps(inner), json.dumps(place[-1])
    again = escaped(key, chance) if chance.random() < 0.5 else key
    blank = chance.choice(("", " ", "\n", "\t", "\r"))
    first, second = chance.sample([f"{key}: {value}", f"{again}{blank}:{value}"], 2)
    doubled = marked.replace(f'{key}: "@@"', f"{first}, {second}", 1)
    with pytest.raises(Rejected, match="duplicate-key"):
        READER.read(doubled.encode())


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300))
@example(b'{"type":"BirthRegistered"')
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b'{"type":"BirthRegistered","version":99999999999999999999}')
@example(b'{"type":"\xff"}')
@example(b'{"type":"\\ud800"}')
@example(b"\xef\xbb\xbf{}")
def test_arbitrary_bytes_are_refused_and_nothing_else_happens(raw: bytes) -> None:
    with pytest.raises(Rejected):
        READER.read(raw)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(EXAMPLES), st.data())
def test_a_damaged_post_is_read_or_refused_and_never_anything_else(post: dict[str, Any], data: st.DataObject) -> None:
    raw = json.dumps(post).encode()
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 12)))
    noise = data.draw(
        st.binary(max_size=12) | st.sampled_from([b'"', b"NaN", b"1e999", b"\\ud83d", b"null", b"{}", b"-0"])
    )
    refused = find_refusal(raw[:start] + noise + raw[end:])
    assert refused is None or (refused.code and refused.rule)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(EXAMPLES), st.data())
def test_a_refusal_names_a_place_and_quotes_nothing_that_was_posted(post: dict[str, Any], data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(places(post)))
    other = changed(post, place, "Xylophonia Kanari")
    refused = find_refusal(json.dumps(other).encode())
    assert "Xylophonia" not in str(refused)
    assert refused is None or refused.code == "unknown-type" or refused.path.startswith("/")


def test_the_version_may_be_left_out_and_says_the_same() -> None:
    named = READER.read(json.dumps(BIRTH | {"version": 1}).encode())
    assert named.canonical == READER.read(json.dumps(BIRTH).encode()).canonical


@pytest.mark.parametrize(
    "text", ["5f0c0f5e-7b1b-4c7e-9c70-0d6c9b3f8f5e", "0134971a-758a-1fd8-bf4a-fd8fee073fc4", "x", ""]
)
def test_an_event_id_of_another_kind_is_refused(text: str) -> None:
    with pytest.raises(Rejected) as refused:
        READER.read(json.dumps(BIRTH | {"event_id": text}).encode())
    assert (refused.value.code, refused.value.path) == ("bad-uuid", "/event_id")
