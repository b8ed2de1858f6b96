"""Bodies: which fields a message may carry, as data, and reading and writing them.

Only what the conversation needs stands in the payload. Fields marked `part` are particulars of a person: they travel in
the sealed part of their subject, which is not read here. A field that is not declared for its message is refused.
A new version may only add optional fields; `body_schema_id` is the code times 100 plus the version.
"""

import json
import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from services.exchange.protocol.envelope import canonical_json

Scalar = str | int | bool | None
Value = Scalar | list[str] | list[Mapping[str, Scalar]]
Body = Mapping[str, Value]
_HALVES = re.compile("[\ud800-\udfff]")


class Form(StrEnum):
    """What a field looks like in JSON."""

    WORD = "word"
    CODE = "code"
    ID = "id"
    IDS = "list of ids"
    PATHS = "list of paths"
    DATE = "date"
    NUMBER = "number"
    FLAG = "true or false"
    ITEMS = "list of items"
    PART = "sealed part"


class Item(NamedTuple):
    """One field of a body. `words`: what it may say, where that is settled here."""

    name: str
    form: Form
    doc: str
    required: bool = False
    words: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


class WrongBodyError(ValueError):
    """A payload that does not fit its message. `code` is E-TEC-01 or E-TEC-02; `path` is a JSON pointer."""

    def __init__(self, code: str, path: str) -> None:
        super().__init__(code, path)
        self.code = code
        self.path = path


def write_body(body: Body) -> bytes:
    """The payload's bytes: canonical JSON without absent fields."""
    return canonical_json({name: value for name, value in body.items() if value is not None})


@lru_cache(maxsize=2048)
def read_body(payload: bytes, items: tuple[Item, ...]) -> Body:
    """The body in a payload; WrongBodyError where it is no JSON object or does not fit the declared fields.

    One message is read several times on its way: what was read is kept for a while. Nobody may change it.
    """
    try:
        body = json.loads(payload)
    except (ValueError, RecursionError):
        raise WrongBodyError("E-TEC-01", "/payload") from None
    if not isinstance(body, dict):
        raise WrongBodyError("E-TEC-01", "/payload")
    check_body(body, items)
    return body


def check_body(body: Body, items: tuple[Item, ...]) -> None:
    """WrongBodyError for the first field that is too much, missing or not of its form."""
    declared = {item.name: item for item in items if item.form is not Form.PART}
    for name in body:
        if name not in declared:
            raise WrongBodyError("E-TEC-02", "/payload/unknown-field")
    for item in declared.values():
        value = body.get(item.name)
        if value is None:
            if item.required:
                raise WrongBodyError("E-TEC-02", f"/payload/{item.name}")
        elif not _fits(value, item):
            raise WrongBodyError("E-TEC-02", f"/payload/{item.name}")


def _fits(value: object, item: Item) -> bool:
    match item.form:
        case Form.FLAG:
            return isinstance(value, bool)
        case Form.NUMBER:
            return isinstance(value, int) and not isinstance(value, bool)
        case Form.DATE:
            return isinstance(value, str) and _is_date(value)
        case Form.IDS | Form.PATHS:
            return isinstance(value, list) and all(_is_text(each) for each in value)
        case Form.ITEMS:
            return isinstance(value, list) and all(_is_item(each, item.columns) for each in value)
        case _:
            return _is_text(value) and (not item.words or value in item.words)


def _is_item(value: object, columns: tuple[str, ...]) -> bool:
    return isinstance(value, dict) and set(value) <= set(columns) and all(_is_text(each) for each in value.values())


def _is_text(value: object) -> bool:
    """Short, and of characters that have bytes: JSON can spell halves of characters."""
    return isinstance(value, str) and len(value) <= 200 and (value.isascii() or _HALVES.search(value) is None)


def _is_date(text: str) -> bool:
    """As 2026-03-02, in a year in which people who are alive may have moved or will."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return day.isoformat() == text and 1800 <= day.year <= 2200


def text_of(body: Body, name: str) -> str | None:
    """A text field of a body that was read; None where it is absent."""
    value = body.get(name)
    return value if isinstance(value, str) else None


def ids_of(body: Body, name: str) -> frozenset[str]:
    """A field of ids of a body that was read; empty where it is absent."""
    value = body.get(name)
    return frozenset(each for each in value if isinstance(each, str)) if isinstance(value, list) else frozenset()
