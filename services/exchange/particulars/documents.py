"""Documents: what a part may hold, as declarations. A field that is not declared is refused by whoever reads it.

One document per subject of a message. The person whom the conversation is about has the role `subject`; who moves along
has `member-1`, `member-2` … .
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from services.exchange.particulars.identification import Identification, StatedAddress

PATHS = (
    "family_name",
    "given_names",
    "full_name",
    "name_variants",
    "sex",
    "birth_on",
    "birth_place",
    "civil_status",
    "citizenships",
    "address",
    "last_address",
    "departed_on",
    "household",
)
"""Of what two registers may compare and tell. Beside them `identifiers.<kind>`: `identifiers.se.personnummer`."""

PATH_PATTERN = rf"^({'|'.join(PATHS)}|identifiers\.[a-z][a-z0-9_.-]{{1,47}})\Z"
_MANY = Meta(max_length=40)

Path = Annotated[str, Meta(pattern=PATH_PATTERN)]
Value = Annotated[str, Meta(max_length=200)]
Statement = Annotated[str, Meta(min_length=1, max_length=500, description="In words; scanned for what is forbidden.")]
ItemId = Annotated[str, Meta(min_length=1, max_length=100)]
Area = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,31}\Z", description="In the sender's own codes.")]
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")]


class CivilStatus(StrEnum):
    """As in the vocabulary `civil_status`."""

    NEVER_MARRIED = "never-married"
    MARRIED = "married"
    PARTNERED = "partnered"
    WIDOWED = "widowed"
    DIVORCED = "divorced"
    SEPARATED = "separated"
    UNKNOWN = "unknown"


class Document(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whatever prints it shows its kind only."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Address(StatedAddress, frozen=True, kw_only=True):
    """An address, and the area in which it lies."""

    area: Area | None = None


class Stated(Document, frozen=True, kw_only=True):
    """One value. Dates as ISO texts, words as in the vocabularies, lists joined by a semicolon; null: not held."""

    path: Path
    value: Value | None = None


class Compared(Document, frozen=True, kw_only=True):
    """One field of which two registers were compared."""

    path: Path
    asserted: Value | None = None
    held: Value | None = None


class Answered(Document, frozen=True, kw_only=True):
    """The value of one item that was asked for."""

    item_id: ItemId
    value: Value | None = None


class Snapshot(Document, frozen=True, kw_only=True):
    """The permitted record. `as_of`: the day on which it held."""

    identification: Identification
    civil_status: CivilStatus | None = None
    citizenships: Annotated[tuple[Country, ...], Meta(max_length=16)] = ()
    address: Address | None = None
    as_of: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}\Z")] | None = None


class Member(Document, frozen=True, kw_only=True):
    """Somebody who moves along. `relation`: a word of the vocabulary `household_relation`."""

    subject: Identification
    relation: Annotated[str, Meta(pattern=r"^[a-z][a-z-]{0,39}\Z")] | None = None


class Request(Document, frozen=True, kw_only=True):
    """101."""

    subject: Identification


class Response(Document, frozen=True, kw_only=True):
    """102, with FOUND."""

    snapshot: Snapshot


class Arrival(Document, frozen=True, kw_only=True):
    """201. What is asserted is compared by the origin, path by path."""

    subject: Identification
    address: Address | None = None
    previous_address_declared: StatedAddress | None = None
    asserted_fields: Annotated[tuple[Stated, ...], _MANY] = ()


class Departure(Document, frozen=True, kw_only=True):
    """202."""

    subject: Identification


class Feedback(Document, frozen=True, kw_only=True):
    """203. Fields that differ, with both values; facts of which nothing was asserted have no `asserted`."""

    values: Annotated[tuple[Compared, ...], _MANY] = ()


class Values(Document, frozen=True, kw_only=True):
    """211: the corrected values."""

    values: Annotated[tuple[Stated, ...], _MANY]


class Question(Document, frozen=True, kw_only=True):
    """301. The values held by the sender, by the ids of the items."""

    subject: Identification
    current_values: Annotated[tuple[Answered, ...], _MANY] = ()


class Verified(Document, frozen=True, kw_only=True):
    """302."""

    values: Annotated[tuple[Answered, ...], _MANY] = ()


class Clarification(Document, frozen=True, kw_only=True):
    """304."""

    values: Annotated[tuple[Answered, ...], _MANY] = ()
    statement: Statement | None = None


class Change(Document, frozen=True, kw_only=True):
    """401. `child`, `spouse`: for a birth, a marriage or a divorce, the other person concerned."""

    before: Annotated[tuple[Stated, ...], _MANY] = ()
    after: Annotated[tuple[Stated, ...], _MANY] = ()
    child: Identification | None = None
    spouse: Identification | None = None


class Doubt(Document, frozen=True, kw_only=True):
    """501. The value seen, the other value, and what shows it."""

    subject: Identification
    seen: Value | None = None
    other: Value | None = None
    document_number: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    statement: Statement | None = None
