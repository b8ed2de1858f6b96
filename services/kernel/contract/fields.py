"""What a schema says about one field, read from its JSON once and kept in plain attributes."""

import re
from dataclasses import dataclass
from typing import Any

PRECISION_SUFFIX = "_on_precision"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an event or a block.

    `kind` is that of the value, or of the items of an array: string, int, long, double, boolean, bytes, date,
    timestamp-millis, uuid, fixed, record. `min` and `max` bound numbers, the length of strings in characters,
    and the number of items of arrays.
    """

    name: str
    avro_type: Any
    doc: str
    privacy: str
    unit: str | None
    vocabulary: str | None
    pattern: re.Pattern[str] | None
    is_area: bool
    region_field: str | None
    is_array: bool
    nullable: bool
    kind: str
    min: int | None
    max: int | None
    has_default: bool
    default: Any
    set_by: str | None
    source_pattern: str | None = None
    fields: tuple["Field", ...] = ()

    @property
    def required(self) -> bool:
        """Whether a record must give it."""
        return not self.has_default

    @property
    def posted(self) -> bool:
        """Whether a sender posts it; precisions of dates and what ingest finds out are not posted."""
        return self.set_by is None and not self.name.endswith(PRECISION_SUFFIX)


@dataclass(frozen=True, slots=True)
class Role:
    """What somebody can be in an event; `birth_date_field` carries this person's birth date."""

    name: str
    required: bool
    max: int
    birth_date_field: str | None
    doc: str = ""


def read_field(document: dict[str, Any]) -> Field:
    """The field that an entry of an Avro record's `fields` describes."""
    nullable, inner = _unwrap_null(document["type"])
    is_array = isinstance(inner, dict) and inner.get("type") == "array"
    item = inner["items"] if is_array else inner
    pattern = document.get("pattern")
    return Field(
        name=document["name"],
        avro_type=document["type"],
        doc=document.get("doc", ""),
        privacy=document.get("privacy", ""),
        unit=document.get("unit"),
        vocabulary=document.get("vocabulary"),
        pattern=_compile(pattern) if pattern else None,
        is_area=bool(document.get("area", False)),
        region_field=document.get("regionField"),
        is_array=is_array,
        nullable=nullable,
        kind=_kind(item),
        min=document.get("min"),
        max=document.get("max"),
        has_default="default" in document,
        default=document.get("default"),
        set_by=document.get("setBy"),
        source_pattern=pattern,
        fields=tuple(read_field(each) for each in item["fields"]) if _kind(item) == "record" else (),
    )


def read_roles(document: dict[str, Any]) -> dict[str, Role]:
    """The roles of an event type, from the attribute `roles` of its record."""
    return {
        name: Role(
            name=name,
            required=bool(role.get("required", False)),
            max=int(role.get("max", 1)),
            birth_date_field=role.get("birthDate"),
            doc=role.get("doc", ""),
        )
        for name, role in document.get("roles", {}).items()
    }


def _unwrap_null(avro_type: Any) -> tuple[bool, Any]:
    if not isinstance(avro_type, list):
        return False, avro_type
    others = [each for each in avro_type if each != "null"]
    return "null" in avro_type, others[0] if len(others) == 1 else others


def _kind(avro_type: Any) -> str:
    if isinstance(avro_type, str):
        return avro_type
    if isinstance(avro_type, dict):
        return str(avro_type.get("logicalType") or avro_type["type"])
    return "union"


def _compile(pattern: str) -> re.Pattern[str]:
    """Patterns in schemas are those of JSON Schema, where `$` is the end; Python's lets a line break follow."""
    return re.compile(pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern)
