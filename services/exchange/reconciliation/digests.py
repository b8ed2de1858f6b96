"""Links as keyed digests, and sums of them by bucket. Pure: bytes in, bytes out.

A link's place among the buckets is the beginning of HMAC-SHA-256(key, link id); what is added there is HMAC-SHA-256
of everything that both registers must agree on. Sums (modulo 2^128) know no order, and unlike XOR two equal things do
not vanish in them. The key is new for each run, so digests of two runs have nothing in common.
"""

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

BUCKETS = 4096
PARTS = 32
"""Into how many a bucket is divided where it differs and buckets are large."""
SUM_BYTES = 16
ID_BYTES, TOKEN_BYTES, FLAG_BYTES = 16, 8, 1
NO_DAY = -(1 << 31)
_SHIFT = 24 - 17
_MODULUS = 1 << 8 * SUM_BYTES
_INCOMING, _TACIT, _GROUPED = 1, 2, 4


class HeldLink(NamedTuple):
    """A link that lives, as one register holds it. `person_id` never leaves the house.

    `from_day`: since when the records are linked, days since 1970. `is_incoming`: the mover came here; else they left.
    `is_tacit`: settled by silence: then the two registers may hold different days in good faith.
    """

    link_id: bytes
    person_id: bytes
    from_day: int | None
    is_incoming: bool
    is_tacit: bool = False


class Version(NamedTuple):
    """A link together with the first of all living links of its person in the same direction (its own id mostly)."""

    link: HeldLink
    group: bytes


class Item(NamedTuple):
    """What is told of a link in a bucket that differs. `is_incoming`: at who tells it. `day`: a token of the day."""

    link_id: bytes
    is_incoming: bool
    is_tacit: bool
    day: bytes
    group: bytes


class Sides(NamedTuple):
    """Whose link it is to whom. Both regions build the same digests, so what is hashed names the destination."""

    own: str
    partner: str

    def destination(self, is_incoming: bool) -> bytes:
        return (self.own if is_incoming else self.partner).encode()


def group_links(links: Iterable[HeldLink]) -> Iterator[Version]:
    """`links`: those of one person one after the other, by id."""
    person, first = b"", {True: b"", False: b""}
    for link in links:
        if link.person_id != person:
            person, first = link.person_id, {True: b"", False: b""}
        group = first[link.is_incoming] = first[link.is_incoming] or link.link_id
        yield Version(link, group)


class Sums:
    """Sums of versions by bucket and part. Memory does not grow with the number of links."""

    def __init__(self, key: bytes, sides: Sides) -> None:
        self._key = key
        self._destinations = {each: sides.destination(each) for each in (True, False)}
        self._sums = [0] * (BUCKETS * PARTS)
        self.links = 0

    def add(self, versions: Iterable[Version]) -> None:
        """Adds them, in whatever order."""
        key, sums, destinations, count, digest = self._key, self._sums, self._destinations, 0, hmac.digest
        for (link_id, _, day, is_incoming, _), group in versions:
            told = _write_version(link_id, day, group, destinations[is_incoming])
            part = int.from_bytes(digest(key, link_id, "sha256")[:3]) >> _SHIFT
            sums[part] += int.from_bytes(digest(key, told, "sha256")[:SUM_BYTES])
            count += 1
        self.links += count

    def of_buckets(self) -> bytes:
        """4,096 sums, 16 bytes each."""
        parts = self._sums
        return b"".join(_write_sum(sum(parts[at : at + PARTS])) for at in range(0, len(parts), PARTS))

    def of_parts(self, buckets: Sequence[int]) -> bytes:
        """32 sums for each of the buckets, in their order."""
        return b"".join(_write_sum(each) for b in buckets for each in self._sums[b * PARTS : (b + 1) * PARTS])


def find_part(key: bytes, link_id: bytes) -> int:
    """Of 131,072; the bucket is that divided by 32."""
    return int.from_bytes(hmac.digest(key, link_id, "sha256")[:3]) >> _SHIFT


def differing(ours: bytes, theirs: bytes) -> list[int]:
    """Places at which two rows of sums differ. They are of one length."""
    size = SUM_BYTES
    return [at // size for at in range(0, len(ours), size) if ours[at : at + size] != theirs[at : at + size]]


def add_up(parts: bytes) -> list[bytes]:
    """The sums of buckets of which these are the parts."""
    size = PARTS * SUM_BYTES
    return [
        _write_sum(sum(int.from_bytes(parts[part : part + SUM_BYTES]) for part in range(at, at + size, SUM_BYTES)))
        for at in range(0, len(parts), size)
    ]


def parts_of(buckets: Sequence[int], places: Iterable[int] | None = None) -> frozenset[int]:
    """The parts meant: all of the buckets, or those at places in a row of `of_parts`."""
    if places is None:
        return frozenset(b * PARTS + part for b in buckets for part in range(PARTS))
    return frozenset(buckets[place // PARTS] * PARTS + place % PARTS for place in places)


def make_item(key: bytes, version: Version) -> Item:
    """What is told of a link."""
    link = version.link
    return Item(link.link_id, link.is_incoming, link.is_tacit, _day_token(key, link), version.group)


def write_items(items: Iterable[Item]) -> bytes:
    """By link id: link id 16, flags 1, day token 8, and the group's 16 where it is another link."""
    told = []
    for each in sorted(items):
        is_grouped = each.group != each.link_id
        flags = _INCOMING * each.is_incoming | _TACIT * each.is_tacit | _GROUPED * is_grouped
        told += [each.link_id, bytes([flags]), each.day, each.group if is_grouped else b""]
    return b"".join(told)


def read_items(raw: bytes, count_max: int) -> dict[bytes, Item]:
    """ValueError for anything that `write_items` would not have written, and for more than `count_max`."""
    items: dict[bytes, Item] = {}
    at, last = 0, b""
    while at < len(raw):
        link_id, flags = raw[at : at + ID_BYTES], raw[at + ID_BYTES : at + ID_BYTES + FLAG_BYTES]
        at += ID_BYTES + FLAG_BYTES
        day = raw[at : at + TOKEN_BYTES]
        at += TOKEN_BYTES
        if len(day) < TOKEN_BYTES or link_id <= last or flags[0] > 7 or len(items) >= count_max:
            raise ValueError("items")
        group = link_id
        if flags[0] & _GROUPED:
            group, at = raw[at : at + ID_BYTES], at + ID_BYTES
            if len(group) < ID_BYTES or group >= link_id:
                raise ValueError("items")
        items[link_id] = Item(link_id, bool(flags[0] & _INCOMING), bool(flags[0] & _TACIT), day, group)
        last = link_id
    return items


def write_marks(marks: Mapping[bytes, int]) -> bytes:
    """By link id: link id 16, marks 1."""
    return b"".join(link_id + bytes([mark]) for link_id, mark in sorted(marks.items()) if mark)


def read_marks(raw: bytes, known: frozenset[bytes] | set[bytes], marks_max: int) -> dict[bytes, int]:
    """ValueError for anything but marks of links that are spoken of."""
    size = ID_BYTES + FLAG_BYTES
    marks = {raw[at : at + ID_BYTES]: raw[at + ID_BYTES] for at in range(0, len(raw) - len(raw) % size, size)}
    if write_marks(marks) != raw or not marks.keys() <= known or any(mark > marks_max for mark in marks.values()):
        raise ValueError("marks")
    return marks


def _write_version(link_id: bytes, from_day: int | None, group: bytes, destination: bytes) -> bytes:
    day = NO_DAY if from_day is None else from_day
    return link_id + day.to_bytes(4, signed=True) + group + destination


def _day_token(key: bytes, link: HeldLink) -> bytes:
    day = NO_DAY if link.from_day is None else link.from_day
    return hmac.digest(key, b"day" + link.link_id + day.to_bytes(4, signed=True), "sha256")[:TOKEN_BYTES]


def _write_sum(value: int) -> bytes:
    return (value % _MODULUS).to_bytes(SUM_BYTES)
