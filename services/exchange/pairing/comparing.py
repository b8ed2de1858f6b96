"""Field by field: how what a partner says agrees with what a record says. Pure. Verdicts are words, never values."""

from collections.abc import Iterator
from enum import StrEnum

from rapidfuzz.distance import OSA

from services.exchange.pairing.candidate import Traits
from services.exchange.pairing.names import compare_names, share_part
from services.kernel.privacy.people import is_same_date

NAME_FITS = 0.85
"""From here on two names are one, where an identifier says so too (B4, step 2)."""
_TELLING_MIN = 9
"""A shorter line is a flat or a floor, which many addresses share."""
SLIPS_MAX = 2
"""So many letters of an identifier may be wrong or turned for it to count as misspelt."""
_DAY = len("2000-01-01")


class Verdict(StrEnum):
    """How two values agree, from best to worst."""

    SAME = "same"
    CLOSE = "close"
    PART = "part"
    TURNED = "turned"
    NEAR = "near"
    AS_FAR_AS_SAID = "as-far-as-said"
    OTHER = "other"
    UNKNOWN = "unknown"


FIELDS = ("name", "birth_on", "sex", "address", "birth_place", "identifier")


def compare(asked: Traits, held: Traits) -> Iterator[tuple[str, Verdict]]:
    """Each of `FIELDS` with its verdict."""
    yield "name", compare_naming(asked, held)
    yield "birth_on", compare_birth(asked.birth_on, held.birth_on)
    yield "sex", _compare_sex(asked.sex, held.sex)
    yield "address", compare_address(asked, held)
    yield "birth_place", _compare_texts(asked.birth_place, held.birth_place)
    yield "identifier", _compare_identifiers(asked, held)


def compare_naming(asked: Traits, held: Traits) -> Verdict:
    """SAME in one spelling, CLOSE from `NAME_FITS`, PART where a word is common."""
    if not asked.names or not held.names:
        return Verdict.UNKNOWN
    similarity = compare_names(asked.names, held.names)
    if similarity == 1.0:
        return Verdict.SAME
    if similarity >= NAME_FITS:
        return Verdict.CLOSE
    return Verdict.PART if share_part(asked.names, held.names) else Verdict.OTHER


def compare_birth(asked: str | None, held: str | None) -> Verdict:
    """SAME to the day; TURNED: day and month; NEAR: one of year, month and day is another."""
    if asked is None or held is None:
        return Verdict.UNKNOWN
    if is_same_date(asked, held):
        return Verdict.SAME if len(asked) == len(held) == _DAY else Verdict.AS_FAR_AS_SAID
    if len(asked) != _DAY or len(held) != _DAY:
        return Verdict.OTHER
    mine, theirs = asked.split("-"), held.split("-")
    if mine == [theirs[0], theirs[2], theirs[1]]:
        return Verdict.TURNED
    return Verdict.NEAR if sum(a != b for a, b in zip(mine, theirs, strict=True)) == 1 else Verdict.OTHER


def compare_address(asked: Traits, held: Traits) -> Verdict:
    """The address asked with the nearest of those held: SAME in all lines, CLOSE in a street or house,
    PART in half of the words."""
    if not any(asked.addresses) or not any(held.addresses):
        return Verdict.UNKNOWN
    best = Verdict.OTHER
    for mine in filter(None, asked.addresses):
        for theirs in filter(None, held.addresses):
            if mine == theirs:
                return Verdict.SAME
            if any(len(line) >= _TELLING_MIN for line in mine & theirs):
                best = Verdict.CLOSE
            elif best is Verdict.OTHER and _overlap(mine, theirs) >= 0.5:
                best = Verdict.PART
    return best


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    mine = {word for line in one for word in line.split()}
    theirs = {word for line in other for word in line.split()}
    return len(mine & theirs) / len(mine | theirs)


def _compare_sex(asked: str | None, held: str | None) -> Verdict:
    if asked in (None, "unknown") or held in (None, "unknown"):
        return Verdict.UNKNOWN
    return Verdict.SAME if asked == held else Verdict.OTHER


def _compare_texts(asked: str | None, held: str | None) -> Verdict:
    if not asked or not held:
        return Verdict.UNKNOWN
    if asked == held:
        return Verdict.SAME
    return Verdict.CLOSE if OSA.normalized_similarity(asked, held) >= NAME_FITS else Verdict.OTHER


def _compare_identifiers(asked: Traits, held: Traits) -> Verdict:
    """A wrong check digit proves nothing: at best CLOSE, as is a number that differs in a slip."""
    if asked.identifiers & held.identifiers:
        return Verdict.SAME
    mine, theirs = asked.identifiers | asked.weak, held.identifiers | held.weak
    pairs = [(a, b) for kind, a in mine for other, b in theirs if kind == other]
    if not pairs:
        return Verdict.UNKNOWN
    return Verdict.CLOSE if any(OSA.distance(a, b) <= SLIPS_MAX for a, b in pairs) else Verdict.OTHER
