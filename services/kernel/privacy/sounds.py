"""How names sound, roughly, in Latin letters: one answer for many spellings and scripts. Pure.

Three steps, each coarser: `latinise` writes any script in Latin letters (pinyin for Chinese, consonants for Arabic and
Hebrew, which write no others); `fold` gives the same letters to the same sound in the usual transcriptions; `sound_of`
leaves the consonants. What sounds alike is not the same name: it is somebody to be compared.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from unicodedata import normalize

from anyascii import anyascii

_APART = re.compile(r"[\W_]+")
_UNSPACED = re.compile(r"[぀-ヿ㐀-鿿가-힯豈-﫿]")
_CONSONANTS_ONLY = re.compile(r"[֐-ۿݐ-ݿࢠ-ࣿיִ-﷿ﹰ-ﻼ]")
_SYLLABLES = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_NO_LETTERS = re.compile(r"[^a-z0-9]+")
# In this order: of several letters for one sound the longest first.
_SOUNDS = tuple(
    (re.compile(letters), sound)
    for letters, sound in (
        ("tsch|tch|cz", "ch"),
        ("shch|sch|sh|sz|ss", "s"),
        ("kh|ck|qu|q", "k"),
        ("ph", "f"),
        ("zh|dz|tz|ts", "z"),
        ("ch", "C"),
        ("c(?=[eiy])", "s"),
        ("c", "k"),
        ("C", "c"),
        ("ks", "x"),
        ("th", "t"),
        ("dh", "d"),
        ("gh", "g"),
        ("w", "v"),
        ("[jy]", "i"),
        ("ou|oo", "u"),
        ("ee|ie|ei", "i"),
        ("ue", "u"),
        ("oe", "o"),
        ("ae|aa", "a"),
        ("(?<=[a-z])h", ""),
        (r"([a-z])\1+", r"\1"),
    )
)
_VOWELS = re.compile("[aeiouh]+")
_DOUBLED = re.compile(r"(.)\1+")


def latinise(text: str) -> list[str]:
    """The words of a name in small Latin letters; syllables where a script writes no spaces."""
    if text.isascii():
        return [word for word in _NO_LETTERS.split(text.lower().replace("'", "")) if word]
    return [word for part in _APART.split(normalize("NFKC", text)) if part for word in _latinise(part)]


def write_latin(text: str) -> list[str]:
    """The same word by word: what is written together stays together."""
    if text.isascii():
        return latinise(text)
    return [word for part in _APART.split(normalize("NFKC", text)) if (word := "".join(_latinise(part)))]


def fold(word: str) -> str:
    """A Latin word as most transcriptions would have it: `tchaikovsky` and `chaykovskiy` differ no more."""
    return _fold(word)


def sound_of(word: str) -> str:
    """The consonants of a Latin word; of one that has none, all its letters."""
    return _sound(word)


def list_sounds(family: str | None, given: str | None, full: str | None) -> Iterator[str]:
    """How the family name and the first given name sound; of a whole name, its first and its last word.

    A name in a script without spaces begins with the family name, nearly always of one syllable.
    """
    family_words, given_words = write_latin(family or ""), write_latin(given or "")
    if family_words and given_words:
        words = ["".join(family_words), given_words[0]]
    elif full and is_unspaced(full):
        syllables = latinise(full)
        words = [syllables[0], "".join(syllables[1:])] if syllables else []
    else:
        whole = write_latin(full or "") or family_words or given_words
        words = whole[:1] + whole[1:][-1:]
    yield from dict.fromkeys(sound_of(word) for word in words if word)


def is_unspaced(text: str) -> bool:
    """Whether a name is in a script that writes no spaces between its parts."""
    return not text.isascii() and _UNSPACED.search(text) is not None


@lru_cache(maxsize=1 << 16)
def _latinise(part: str) -> tuple[str, ...]:
    latin = anyascii(part)
    if _UNSPACED.search(part):
        return tuple(syllable.lower() for syllable in _SYLLABLES.findall(latin))
    word = _NO_LETTERS.sub("", latin.lower())
    if _CONSONANTS_ONLY.search(part):  # its w and y are long vowels more often than not
        word = word[:1] + re.sub("[wy]", "", word[1:])
    return (word,) if word else ()


@lru_cache(maxsize=1 << 16)
def _fold(word: str) -> str:
    for letters, sound in _SOUNDS:
        word = letters.sub(sound, word)
    return word


@lru_cache(maxsize=1 << 16)
def _sound(word: str) -> str:
    folded = _fold(word)
    return _DOUBLED.sub(r"\1", _VOWELS.sub("", folded)) or folded
