"""How much two names are one: from 0 to 1, over spellings, orders and scripts. Pure.

Names are compared word by word in the best order; as one string where one register writes as two words what is one in
another. A difference of script costs a little, since transcriptions are guesses; two Chinese names that only sound
alike are not the same name.
"""

from collections.abc import Iterable
from itertools import permutations, product
from typing import NamedTuple

from rapidfuzz.distance import OSA

from services.kernel.privacy.sounds import fold, is_unspaced, latinise, sound_of, write_latin
from services.kernel.privacy.spelling import spell_name

SAME_SOUND = 0.9
"""At most this for two names in one unspaced script that are written differently and sound alike."""
TRANSCRIBED = 0.95
"""At most this for names that agree only after the usual transcriptions are unified."""
CONSONANTS = 0.9
"""At most this where one side writes no vowels."""
FEWER_WORDS = 0.9
"""At most this where one side has further names."""
_ABJAD_FIRST, _ABJAD_LAST = "\u0590", "\u08ff"
_WORDS_MIN, _WORDS_MAX = 2, 4


class Spelled(NamedTuple):
    """A name prepared for comparison. `orders`: its Latin letters with the words in each order that people use.

    `words`, `folded` and `sounds` go word by word, each coarser. `parts`: what may be common to two names of a person
    whose family name changed.
    """

    exact: str
    words: tuple[str, ...]
    folded: tuple[str, ...]
    sounds: tuple[str, ...]
    orders: tuple[str, ...]
    parts: frozenset[str]
    is_unspaced: bool
    is_abjad: bool

    def __repr__(self) -> str:
        return "<Spelled>"


def spell(family: str | None, given: str | None, full: str | None) -> Spelled | None:
    """Prepares a name; None where there is none, or a part only."""
    whole = f"{family} {given}" if family and given else full
    if not whole:
        return None
    exact, unspaced = spell_name(whole), is_unspaced(whole)
    words = tuple(latinise(whole) if unspaced else write_latin(whole))
    if not exact or not words:
        return None
    folded = tuple(map(fold, words))
    orders = ("".join(words), "".join(reversed(words)), "".join(sorted(words)), _turn(family, given))
    return Spelled(
        exact,
        words,
        folded,
        tuple(map(sound_of, words)),
        tuple(dict.fromkeys(filter(None, orders))),
        frozenset(["".join(folded[1:])] if unspaced else folded),
        unspaced,
        any(_ABJAD_FIRST <= letter <= _ABJAD_LAST for letter in whole),
    )


def compare_names(one: Iterable[Spelled], other: Iterable[Spelled]) -> float:
    """How much the nearest two names of two people agree; 0 where either has none."""
    return max((_compare(a, b) for a, b in product(tuple(one), tuple(other))), default=0.0)


def share_part(one: Iterable[Spelled], other: Iterable[Spelled]) -> bool:
    """Whether some word is common to names of both: a given name, where the family name changed."""
    mine = frozenset().union(*(name.parts for name in one))
    return any(not mine.isdisjoint(name.parts - {""}) for name in other)


def _compare(one: Spelled, other: Spelled) -> float:
    if one.exact == other.exact:
        return 1.0
    if one.is_unspaced and other.is_unspaced:
        sound = SAME_SOUND if one.words == other.words else 0.0
        return max(OSA.normalized_similarity(one.exact, other.exact), sound)
    best = _align(one.words, other.words)
    if len(one.words) != len(other.words):
        best = max(FEWER_WORDS * best, _nearest(one.orders, other.orders))
    if one.is_unspaced != other.is_unspaced or one.is_abjad != other.is_abjad:
        best *= TRANSCRIBED
    if one.folded != one.words or other.folded != other.words:
        best = max(best, TRANSCRIBED * _compare_words(one.folded, other.folded))
    if one.is_abjad != other.is_abjad:
        best = max(best, CONSONANTS * _compare_words(one.sounds, other.sounds))
    return best


def _compare_words(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    aligned = _align(one, other)
    if len(one) == len(other):
        return aligned
    together = OSA.normalized_similarity("".join(sorted(one)), "".join(sorted(other)))
    return max(FEWER_WORDS * aligned, together, OSA.normalized_similarity("".join(one), "".join(other)))


def _nearest(one: Iterable[str], other: Iterable[str]) -> float:
    return max((OSA.normalized_similarity(a, b) for a, b in product(one, other)), default=0.0)


def _align(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """How well each word of the shorter name is found in the longer one, in the best order, by letters."""
    if one == other:
        return 1.0
    fewer, more = (one, other) if len(one) <= len(other) else (other, one)
    if len(fewer) < _WORDS_MIN and len(more) > len(fewer):
        return 0.0
    if len(more) > _WORDS_MAX:
        return _nearest(["".join(sorted(one))], ["".join(sorted(other))])
    near = [[OSA.normalized_similarity(a, b) for b in more] for a in fewer]
    size = [[len(a) + len(b) for b in more] for a in fewer]
    best = 0.0
    for chosen in permutations(range(len(more)), len(fewer)):
        letters = sum(size[i][j] for i, j in enumerate(chosen))
        best = max(best, sum(near[i][j] * size[i][j] for i, j in enumerate(chosen)) / letters)
    return best


def _turn(family: str | None, given: str | None) -> str:
    """Given names first, as whole parts."""
    return "".join((*write_latin(given), *write_latin(family))) if family and given else ""
