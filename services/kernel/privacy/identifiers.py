"""Natural identifiers: their compact form, how good they are, and which of them may match a person.

Numbers are checked with python-stdnum. A kind is named like the module that knows it (`cn.ric`, `se.personnummer`);
other kinds (`local`, `passport`, …) have no check digit to test. Placeholders circulate in real data (all zeros, one
digit repeated, zeros around a birth date): they mean *absent* and never match (docs/privacy.md).
"""

import re
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from unicodedata import normalize

from msgspec import Struct
from stdnum.exceptions import InvalidChecksum, InvalidComponent, ValidationError

VERIFIED, FORMAT_OK, CHECKSUM_BAD, PLACEHOLDER = "verified", "format-ok", "checksum-bad", "placeholder"
MAY_MATCH = (VERIFIED, FORMAT_OK)
_PUNCTUATION = str.maketrans("", "", "-./+")
_PLACEHOLDERS_BEGIN = frozenset("0NUW-无不未")
_ZEROS_AROUND_A_DATE = re.compile(r"0+(?:(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]))0+")
_NOTHING = re.compile(r"^(?:0+|(\w)\1{5,}|N/?A|NONE|NIL|UNKNOWN|WITHOUT|-+|无|不详|未知)$")


class Identifier(Struct, frozen=True, gc=False):
    """`compact` is what is hashed and sealed; `quality` as in the vocabulary `identifier_quality`."""

    kind: str
    compact: str
    quality: str

    @property
    def may_match(self) -> bool:
        """Whether two people with this identifier are the same: a bad check digit or a placeholder proves nothing."""
        return self.quality in MAY_MATCH


def read_identifier(kind: str, value: str) -> Identifier:
    """Classifies what a sender wrote. Raises ValueError (without the value) when it cannot be of this kind."""
    compact = _fold(value)
    if not compact:
        raise ValueError("it is empty")
    checker = _find_checker(kind)
    if _is_placeholder(compact):
        return Identifier(kind, compact, PLACEHOLDER)
    if checker is None:
        return Identifier(kind, compact, FORMAT_OK)
    try:
        return Identifier(kind, str(checker.validate(compact)), VERIFIED)
    except (InvalidChecksum, InvalidComponent, LookupError):  # the library stumbles over places that it does not know
        return Identifier(kind, str(checker.compact(compact)), CHECKSUM_BAD)
    except ValidationError as error:
        raise ValueError(f"it has not the form of {kind}") from error


def _fold(value: str) -> str:
    """Upper case, without spaces, in one spelling: folding again changes nothing."""
    if value.isascii():
        return value.upper() if value.isalnum() else "".join(value.split()).upper()
    folded = normalize("NFKC", "".join(normalize("NFKC", value).upper().split()))
    return folded if folded == value else _fold(folded)


def _is_placeholder(compact: str) -> bool:
    bare = compact if compact.isalnum() else compact.translate(_PUNCTUATION) or compact
    if bare[0] not in _PLACEHOLDERS_BEGIN and bare.count(bare[0]) < len(bare):
        return False
    return _NOTHING.match(bare) is not None or _ZEROS_AROUND_A_DATE.fullmatch(bare) is not None


@lru_cache(maxsize=256)
def _find_checker(kind: str) -> ModuleType | None:
    if not re.fullmatch(r"[a-z]{2}\.[a-z0-9_]+", kind):
        return None
    country, name = kind.split(".")
    try:
        return import_module(f"stdnum.{country + '_' if country in ('is', 'in', 'do') else country}.{name}")
    except ModuleNotFoundError:
        return None
