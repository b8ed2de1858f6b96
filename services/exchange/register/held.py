"""What this register holds of somebody, in the words of the protocol. Pure; nothing of it is shown by printing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from services.exchange.pairing.candidate import State
from services.exchange.particulars.documents import Stated
from services.exchange.particulars.identification import (
    Identification,
    IdQuality,
    NameKind,
    Sex,
    StatedAddress,
    StatedIdentifier,
    StatedName,
)
from services.kernel.privacy.identifiers import read_identifier

SEPARATOR = "; "
VALUE_MAX = 200
_QUALITIES = {
    "verified": IdQuality.VERIFIED,
    "format-ok": IdQuality.FORMAT_OK,
    "checksum-bad": IdQuality.CHECKSUM_BAD,
    "placeholder": IdQuality.PLACEHOLDER,
}
_PLAIN = ("family_name", "given_names", "full_name", "birth_place")


@dataclass(frozen=True, slots=True)
class Held:
    """One person of the register. `civil`: particulars as they stand; None where nothing can be read any more.

    `lives_in`: the area here where the person lives; `elsewhere`: the region where they live instead; `since`: from
    when that is so.
    """

    person_id: UUID
    sex: str | None = None
    birth_on: str | None = None
    civil_status: str | None = None
    lives_in: str | None = None
    elsewhere: str | None = None
    since: date | None = None
    died_on: date | None = None
    is_protected: bool = False
    state: State = field(default_factory=State)
    civil: Mapping[str, Any] | None = field(default=None, repr=False)
    event: Mapping[str, Any] | None = field(default=None, repr=False)
    """The arrival or departure that was asked for, as it stands; None where it stands no more, or not yet."""


def identify(held: Held) -> Identification:
    """Who is meant, as the partner may need it to find them."""
    civil = held.civil or {}
    return Identification(
        identifiers=tuple(_identifiers(civil)),
        family_name=civil.get("family_name"),
        given_names=civil.get("given_names"),
        full_name=civil.get("full_name"),
        name_variants=tuple(
            StatedName(
                kind=NameKind(each["kind"]),
                full_name=each.get("full_name"),
                family_name=each.get("family_name"),
                given_names=each.get("given_names"),
            )
            for each in civil.get("name_variants") or ()
        ),
        sex=Sex(held.sex) if held.sex in tuple(Sex) else None,
        birth_on=held.birth_on,
        birth_place=civil.get("birth_place"),
        last_address_at_recipient=state_address(civil.get("previous_address")),
    )


def state_address(address: Mapping[str, Any] | None) -> StatedAddress | None:
    """An address as it is told; None where there is none."""
    if not address:
        return None
    return StatedAddress(
        lines=tuple(address.get("lines") or ()),
        postal_code=address.get("postal_code"),
        locality=address.get("locality"),
        country=address.get("country"),
    )


def state_values(held: Held) -> tuple[Stated, ...]:
    """Values for comparison, by path: those that this register holds."""
    found = {**_values(held), **{f"identifiers.{each.kind}": each.value for each in _identifiers(held.civil or {})}}
    return tuple(Stated(path=path, value=value) for path, value in found.items() if value and len(value) <= VALUE_MAX)


def _values(held: Held) -> Mapping[str, str | None]:
    civil = held.civil or {}
    return {
        **{name: civil.get(name) for name in _PLAIN},
        "sex": held.sex if held.sex != "unknown" else None,
        "birth_on": held.birth_on,
        "civil_status": held.civil_status if held.civil_status != "unknown" else None,
        "citizenships": SEPARATOR.join(sorted(civil.get("citizenships") or ())) or None,
    }


def _identifiers(civil: Mapping[str, Any]) -> Iterator[StatedIdentifier]:
    """Good ones only: a placeholder says nothing, one with a bad check digit proves nothing."""
    for each in civil.get("identifiers") or ():
        try:
            read = read_identifier(each["kind"], each["value"])
        except ValueError:
            continue
        if read.may_match:
            yield StatedIdentifier(kind=each["kind"], value=each["value"], id_quality=_QUALITIES[read.quality])
