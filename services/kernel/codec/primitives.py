"""How Avro writes numbers and strings (Avro 1.12, "Binary Encoding"), each kept once written where it comes again."""

from typing import Any

_ONE = [bytes([n]) for n in range(128)]
TABLE_SIZE = 1 << 15
STRINGS_MAX = 1 << 14
STRING_LENGTH_MAX = 40


class Misfit(ValueError):
    """A value that its schema does not describe. Says where, never what."""


def varint(n: int) -> bytes:
    """A number that is not negative, seven bits a byte, lowest first."""
    if n < 128:
        return _ONE[n]
    if n < 16384:
        return bytes((n & 127 | 128, n >> 7))
    parts = bytearray()
    while n > 127:
        parts.append(n & 127 | 128)
        n >>= 7
    parts.append(n)
    return bytes(parts)


TABLE = [varint(n << 1) for n in range(TABLE_SIZE)]
"""Small numbers as they are written: lengths, days, ordinals."""
SOME = [b"\2" + written for written in TABLE]
"""The same where null might stand: the second branch of a union."""


def number(n: int) -> bytes:
    """An int or a long; also a length, a count of items, the branch of a union."""
    if 0 <= n < TABLE_SIZE:
        return TABLE[n]
    return varint(n << 1 if n >= 0 else ~n << 1 | 1)


def instant(n: int) -> bytes:
    """A time in milliseconds: six bytes from the middle of 1970 to 2039, written without a loop."""
    if not 1 << 34 <= n < 1 << 41:
        return number(n)
    return bytes(
        (n << 1 & 127 | 128, n >> 6 & 127 | 128, n >> 13 & 127 | 128, n >> 20 & 127 | 128, n >> 27 & 127 | 128, n >> 34)
    )


class Strings(dict[str, bytes]):
    """Strings with their lengths. Short ones come again and again (areas, words, offices): `count_max` are kept.

    Never keep the particulars of people: what is forgotten must not live on in a cache.
    """

    def __init__(self, count_max: int = STRINGS_MAX) -> None:
        super().__init__()
        self._count_max = count_max

    def __missing__(self, value: Any) -> bytes:
        return self.write(value, "a string")

    def write(self, value: Any, where: str) -> bytes:
        """The bytes of any string. Raises `Misfit` for anything else, and for a lone surrogate."""
        if value.__class__ is not str:
            raise Misfit(where)
        try:
            encoded = value.encode()
        except UnicodeEncodeError:
            raise Misfit(where) from None
        written = number(len(encoded)) + encoded
        if len(value) <= STRING_LENGTH_MAX and len(self) < self._count_max:
            self[value] = written
        return written


class OptionalStrings(dict[str | None, bytes]):
    """The same for strings that may be null."""

    def __init__(self, strings: Strings) -> None:
        super().__init__({None: b"\0"})
        self._strings = strings

    def __missing__(self, value: Any) -> bytes:
        written = b"\2" + self._strings[value]
        if value in self._strings:
            self[value] = written
        return written
