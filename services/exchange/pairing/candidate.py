"""A record that may be meant, as far as pairing looks at it. Pure."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from services.exchange.pairing.names import Spelled, spell
from services.kernel.privacy.identifiers import Identifier, read_identifier
from services.kernel.privacy.spelling import split_address


class Place(NamedTuple):
    """Where somebody lives: in an `area` of this region, in another `region`, or in a `country`; none: not known."""

    since: date | None = None
    area: str | None = None
    region: str | None = None
    country: str | None = None


class State(NamedTuple):
    """What a record says about whether its person can move from here. `linked_with`: open links by partner region.

    `locked_for`: the region to which a transfer of the record is under way.
    """

    died_on: date | None = None
    is_dead: bool = False
    is_protected: bool = False
    lives: Place | None = None
    linked_with: frozenset[tuple[str, UUID]] = frozenset()
    locked_for: str | None = None


@dataclass(frozen=True, slots=True)
class Traits:
    """What is compared, of a question or of a record. `birth_on`: ISO, to the day, month or year.

    `identifiers`: good ones by (kind, compact form); `weak`: those with a bad check digit. `addresses`: each as the
    set of its spelled lines.
    """

    names: tuple[Spelled, ...] = ()
    birth_on: str | None = None
    sex: str | None = None
    birth_place: str | None = None
    identifiers: frozenset[tuple[str, str]] = frozenset()
    weak: frozenset[tuple[str, str]] = frozenset()
    addresses: tuple[frozenset[str], ...] = ()

    def __repr__(self) -> str:
        return "<Traits>"


@dataclass(frozen=True, slots=True)
class Candidate:
    """`named_by_partner`: the partner named this record itself, by an id that it knows from before."""

    person_id: UUID
    traits: Traits
    state: State = field(default_factory=State)
    named_by_partner: bool = False


def list_spelled(civil: dict[str, Any]) -> tuple[Spelled, ...]:
    """All names of civil particulars, or of an identification as a document."""
    named = (civil, *(civil.get("name_variants") or ()))
    spelled = (spell(each.get("family_name"), each.get("given_names"), each.get("full_name")) for each in named)
    return tuple(dict.fromkeys(each for each in spelled if each is not None))


def sort_identifiers(listed: list[dict[str, Any]]) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]:
    """The good ones and the weak ones. Placeholders, and what has not the form of its kind, are absent."""
    read = [found for each in listed if (found := _read(each["kind"], each["value"])) is not None]
    good = frozenset((each.kind, each.compact) for each in read if each.may_match)
    weak = frozenset((each.kind, each.compact) for each in read if each.quality == "checksum-bad")
    return good, weak


def spell_lines(lines: list[str] | tuple[str, ...]) -> frozenset[str]:
    """An address as the set of its lines, spelled; empty where nothing is left."""
    found = split_address("\n".join(lines))
    return frozenset(found[:-1] if len(found) > 1 else found)  # the last of several is all of them together


def _read(kind: str, value: str) -> Identifier | None:
    try:
        return read_identifier(kind, value)
    except ValueError:
        return None
