"""What a partner asserts against what is held here, field by field. Pure."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from services.exchange.particulars.documents import Compared, Stated
from services.exchange.protocol.bodies import Scalar
from services.exchange.register.held import Held, state_values
from services.kernel.privacy.identifiers import read_identifier
from services.kernel.privacy.people import is_same_date
from services.kernel.privacy.spelling import spell_address, spell_name


class Verdict(StrEnum):
    SAME = "SAME"
    DIFFERENT = "DIFFERENT"
    UNKNOWN = "UNKNOWN"
    """The partner asserts that it does not know."""
    NOT_HELD = "NOT_HELD"


class FieldResult(NamedTuple):
    """One line of a 203. The values are particulars: they travel in the sealed part, and only where they differ."""

    path: str
    verdict: Verdict
    as_of: date
    asserted: str | None = None
    held: str | None = None

    def to_line(self) -> Mapping[str, Scalar]:
        """As it stands in the body."""
        return {"path": self.path, "verdict": self.verdict, "basis": "REGISTER", "as_of": self.as_of.isoformat()}

    def to_values(self) -> Compared:
        return Compared(path=self.path, asserted=self.asserted, held=self.held)

    def __repr__(self) -> str:
        return f"<{self.path} {self.verdict}>"


def compare(asserted: Iterable[Stated], held: Held, as_of: date) -> list[FieldResult]:
    """One line for each asserted field, in their order. A field that is stated twice is compared as it was last."""
    here: dict[str, str] = {each.path: each.value for each in state_values(held) if each.value is not None}
    latest = {each.path: each.value for each in asserted}
    return [
        FieldResult(path, _judge(path, value, here.get(path)), as_of, value, here.get(path))
        for path, value in latest.items()
    ]


def differing(results: Iterable[FieldResult]) -> list[FieldResult]:
    return [each for each in results if each.verdict is Verdict.DIFFERENT]


def _judge(path: str, asserted: str | None, held: str | None) -> Verdict:
    if asserted is None or asserted == "unknown":
        return Verdict.UNKNOWN
    if held is None:
        return Verdict.NOT_HELD
    return Verdict.SAME if _is_same(path, asserted, held) else Verdict.DIFFERENT


def _is_same(path: str, one: str, other: str) -> bool:
    if path == "birth_on":
        return is_same_date(one, other)
    if path.startswith("identifiers."):
        return _compact(path, one) == _compact(path, other)
    spell = _SPELLINGS.get(path)
    return spell(one) == spell(other) if spell else one.strip() == other.strip()


def _compact(path: str, value: str) -> str:
    try:
        return read_identifier(path.partition(".")[2], value).compact
    except ValueError:
        return value


def _as_set(text: str) -> str:
    return ";".join(sorted(part.strip() for part in text.split(";")))


_SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "family_name": spell_name,
    "given_names": spell_name,
    "full_name": spell_name,
    "birth_place": spell_address,
    "address": spell_address,
    "last_address": spell_address,
    "citizenships": _as_set,
}
"""Case, accents and punctuation make no difference, nor does the order of names."""
