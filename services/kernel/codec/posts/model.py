"""The shape of a post, built from the contract: one typed struct per event version.

Nothing here is written by hand per event type, so a new type needs no code. Fields that ingest sets or derives
do not exist in the struct; posting them is refused.
"""

from datetime import datetime
from secrets import token_hex
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Raw, Struct, defstruct

from services.kernel.contract.catalog import ENVELOPE, BlockVersion, Catalog, EventVersion
from services.kernel.contract.fields import Field

SET_BY_INGEST = frozenset({"region", "actor", "approved_by", "content_tag"})
OPTIONAL = frozenset({"purpose", "legal_basis", "source"})
STRING_LENGTH_MAX = 2000
ITEMS_MAX = 200
SUBJECTS_MAX = 50
_TYPES: dict[str, Any] = {"boolean": bool, "uuid": UUID, "date": str, "bytes": Raw}
_WIDTHS = {"int": 31, "long": 63}


class Head(Struct):
    """As much of a post as says how to read the rest."""

    type: str
    version: int = 0


def build_post(event: EventVersion, catalog: Catalog, *, any_office: bool = False) -> type[Struct]:
    """The struct of a post of one event version. Absent and null are the same.

    `type` is its tag, so that a decoder of several finds out by itself which one a post is. `any_office`: whoever reads
    looks at the form of the office; matching it anew for every post was a fifth of reading it.
    """
    fields: list[Any] = [("version", int, 0)]
    for field in ENVELOPE:
        if field.name == "subjects":
            fields.append(_subjects(event, catalog))
        elif field.name == "office" and any_office:
            fields.append(("office", str))
        elif field.name not in SET_BY_INGEST and field.posted:
            fields.append(_member(field, catalog, optional=field.name in OPTIONAL))
    fields += [_member(field, catalog) for field in event.own_fields if field.posted]
    return _define(event.name, fields, tag=event.name)


def _subjects(event: EventVersion, catalog: Catalog) -> Any:
    if not event.roles:
        return ("subjects", list[Any], [])
    members: list[Any] = [("role", str), ("person_id", UUID | None, None), ("region", str | None, None)]
    for compartment in sorted(event.compartments):
        members.append((compartment, _block(catalog.latest_block(compartment), catalog) | None, None))
    subject = _define("Subject", members)
    kind = Annotated[list[subject], Meta(max_length=SUBJECTS_MAX)]  # type: ignore[valid-type]
    return ("subjects", kind, []) if event.two_people else ("subjects", kind)


def _block(block: BlockVersion, catalog: Catalog) -> Any:
    return _define(block.name, [_member(f, catalog) for f in block.fields if f.posted])


def _member(field: Field, catalog: Catalog, *, optional: bool = False) -> Any:
    kind = _kind(field, catalog)
    if field.is_array:  # `max` counts the items, not their characters
        kind = Annotated[list[kind], Meta(min_length=_or(field.min, 0), max_length=_or(field.max, ITEMS_MAX))]  # type: ignore[valid-type]
        return (field.name, kind, []) if field.has_default else (field.name, kind)
    if field.nullable or optional:
        return (field.name, kind | None, None)
    if field.has_default:
        return (field.name, kind, field.default)
    return (field.name, kind)


def _kind(field: Field, catalog: Catalog) -> Any:
    if field.vocabulary:
        return Literal[tuple(catalog.vocabulary(field.vocabulary))]
    if field.kind == "record":
        # Also what ingest sets, so that it can be set in place; under a name that nobody can know, hence not post.
        hidden = {each.name: f"{each.name} {token_hex(16)}" for each in field.fields if not each.posted}
        return _define(field.name, [_member(each, catalog) for each in field.fields], hidden)
    if field.kind in _WIDTHS:
        bound = 1 << _WIDTHS[field.kind]
        return Annotated[int, Meta(ge=_or(field.min, -bound), le=_or(field.max, bound - 1))]
    if field.kind == "timestamp-millis":
        return Annotated[datetime, Meta(tz=True)]
    if field.kind == "string":
        shortest, longest = (0, STRING_LENGTH_MAX) if field.is_array else (field.min, field.max)
        known_by_the_map = field.is_area and field.region_field is None  # which is stricter than any pattern
        pattern = field.pattern.pattern if field.pattern and not known_by_the_map else None
        length_max = _or(longest, STRING_LENGTH_MAX)
        return Annotated[str, Meta(pattern=pattern, min_length=_or(shortest, 0), max_length=length_max)]
    return _TYPES[field.kind]


def _or(value: int | None, default: int) -> int:
    return default if value is None else value


def _define(name: str, fields: list[Any], rename: dict[str, str] | None = None, tag: str | None = None) -> type[Struct]:
    return defstruct(
        name,
        fields,
        tag_field="type" if tag else None,
        tag=tag,
        kw_only=True,
        forbid_unknown_fields=True,
        omit_defaults=True,
        gc=False,
        repr_omit_defaults=True,
        rename=rename,
    )
