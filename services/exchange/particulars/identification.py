"""Who is meant: what one region tells another so that it finds a person in its own register. Pure.

Everything but the date of birth is sealed wherever it rests, and nothing here is ever shown in an error or a log.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from services.kernel.codec.posts.dates import read_date

Text = Annotated[str, Meta(min_length=1, max_length=120)]
Line = Annotated[str, Meta(min_length=1, max_length=200)]
_MANY = Meta(max_length=16)


class WrongParticulars(ValueError):
    """A document that is not of its form. `path` is a JSON pointer within it; nothing of the document is quoted."""

    def __init__(self, path: str, rule: str) -> None:
        super().__init__(path, rule)
        self.path = path
        self.rule = rule


class IdQuality(StrEnum):
    """What checking an identifier said. The recipient checks again: this is what the sender found."""

    VERIFIED = "VERIFIED"
    FORMAT_OK = "FORMAT_OK"
    CHECKSUM_BAD = "CHECKSUM_BAD"
    PLACEHOLDER = "PLACEHOLDER"
    ABSENT = "ABSENT"


class Sex(StrEnum):
    """As in the vocabulary `sex`."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class NameKind(StrEnum):
    """As in the vocabulary `name_kind`."""

    AT_BIRTH = "at-birth"
    FORMER = "former"
    ALSO_KNOWN_AS = "also-known-as"
    LATIN_SCRIPT = "latin-script"
    NATIVE_SCRIPT = "native-script"


class _Particular(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whatever prints it shows its kind only."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class StatedIdentifier(_Particular, frozen=True, kw_only=True):
    """`kind` as in the registers: a name of python-stdnum such as `cn.ric`, or `passport`, `local`…"""

    kind: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_.-]{1,47}\Z")]
    value: Annotated[str, Meta(min_length=1, max_length=64)]
    id_quality: IdQuality


class StatedName(_Particular, frozen=True, kw_only=True):
    """Another name or spelling of the person."""

    kind: NameKind
    full_name: Text | None = None
    family_name: Text | None = None
    given_names: Text | None = None


class StatedAddress(_Particular, frozen=True, kw_only=True):
    """`lines` as written on an envelope, most local first."""

    lines: Annotated[tuple[Line, ...], Meta(max_length=6)] = ()
    postal_code: Annotated[str, Meta(min_length=1, max_length=16)] | None = None
    locality: Text | None = None
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")] | None = None


class Identification(_Particular, frozen=True, kw_only=True):
    """`SubjectIdentification` of the protocol. Everything may be missing; pairing says what it would have needed.

    `birth_on`: ISO date to the day, month or year. `last_address_at_recipient`: where the person lived in the region
    that is asked. `recipient_person_id`: the person's id there, from an earlier conversation.
    """

    identifiers: Annotated[tuple[StatedIdentifier, ...], _MANY] = ()
    family_name: Text | None = None
    given_names: Text | None = None
    full_name: Text | None = None
    name_variants: Annotated[tuple[StatedName, ...], _MANY] = ()
    sex: Sex | None = None
    birth_on: str | None = None
    birth_place: Line | None = None
    last_address_at_recipient: StatedAddress | None = None
    recipient_person_id: UUID | None = None

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """From what `json.loads` made of a part. Raises `WrongParticulars`."""
        try:
            identification = msgspec.convert(document, cls)
        except msgspec.ValidationError as wrong:
            raise WrongParticulars(path_of(str(wrong)), rule_of(str(wrong))) from None
        for path, text in _texts_of(document):
            if not text.isprintable() or not text.strip():
                raise WrongParticulars(path, "A text holds something that can be read, and no control characters.")
        if identification.birth_on is not None:
            try:
                read_date(identification.birth_on)
            except ValueError:
                raise WrongParticulars("/birth_on", "A date is YYYY, YYYY-MM or YYYY-MM-DD.") from None
        return identification

    def to_document(self) -> dict[str, Any]:
        """The same as values that JSON knows, without what is absent."""
        document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return document


def _texts_of(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _texts_of(each, f"{path}/{name}")
    elif isinstance(value, list | tuple):
        for place, each in enumerate(value):
            yield from _texts_of(each, f"{path}/{place}")


def path_of(message: str) -> str:
    """Where msgspec says that it is wrong, as a JSON pointer."""
    at = message.rpartition(" - at `$")[2].rstrip("`") if " - at `$" in message else ""
    return re.sub(r"\[(\d*|\.\.\.)\]", lambda place: f"/{place[1].strip('.')}".rstrip("/"), at).replace(".", "/")


def rule_of(message: str) -> str:
    if "unknown field" in message:
        return "The object has a field that is not known here."
    if "Invalid enum value" in message:
        return "The word is none of those that are known here."
    said = message.partition(" - at ")[0]
    return f"{said}."
