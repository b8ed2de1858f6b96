"""Names and addresses in the one spelling in which they are compared. Pure.

Case, accents, punctuation and the order of the parts of a name do not count, so that a slip does not hide a person;
scripts that write no spaces between the parts of a name are compared without them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from unicodedata import combining, normalize

_APART = re.compile(r"[^\w]+|_+")
_WORDS = re.compile(r"[a-z0-9]+")
_UNSPACED = re.compile(r"[぀-ヿ㐀-鿿가-힯豈-﫿]")
_LINES = re.compile(r"[\n;,]+")
LINE_MIN = 4


def spell_name(text: str) -> str:
    """`Élise  Ample-Ex` and `ample ex, elise` are one name. Empty when nothing is left."""
    parts = _parts(text)
    together = "".join(parts)
    if not together.isascii() and _UNSPACED.search(together):
        return together
    return " ".join(sorted(parts))


def spell_address(text: str) -> str:
    """One line of an address; its order counts."""
    return " ".join(_parts(text))


def list_names(civil: Mapping[str, Any]) -> Iterator[str]:
    """Every name that civil particulars give, spelled."""
    for named in (civil, *(civil.get("name_variants") or ())):
        family, given = named.get("family_name") or "", named.get("given_names") or ""
        whole = (named.get("full_name") or "", f"{family} {given}" if family and given else "")
        yield from filter(None, map(spell_name, whole))


def list_addresses(civil: Mapping[str, Any]) -> Iterator[str]:
    """Every line of the address that civil particulars give, and the whole of it, spelled; not the previous one."""
    address = civil.get("address")
    if address:
        yield from split_address("\n".join(address.get("lines") or ()))


def split_address(text: str) -> list[str]:
    """The lines of an address as somebody says it, spelled, and all of them together."""
    lines = [line for line in map(spell_address, _LINES.split(text)) if len(line) >= LINE_MIN]
    return list(dict.fromkeys([*lines, " ".join(lines)])) if lines else []


def address_words(civil: Mapping[str, Any]) -> set[str]:
    """All words of an address, postal code and locality too."""
    address = civil.get("address") or {}
    return _words([*(address.get("lines") or ()), address.get("postal_code"), address.get("locality")])


def words_of(text: str) -> set[str]:
    """The words of a line, spelled."""
    return _words([text])


def _words(texts: Iterable[str | None]) -> set[str]:
    return {part for text in texts if text for part in _parts(text)}


def _parts(text: str) -> list[str]:
    if text.isascii():
        return _WORDS.findall(text.casefold())
    # Twice, because capitals may hide in letters of another style, and folding case may put letters together.
    plain = normalize("NFKD", normalize("NFKD", text).casefold())
    bare = "".join(each for each in plain if not combining(each))
    return [part for part in _APART.split(normalize("NFKC", bare)) if part]
