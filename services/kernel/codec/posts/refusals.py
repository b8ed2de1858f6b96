"""What msgspec finds wrong, as a refusal that a clerk can act on: code, path (RFC 6901 pointer), rule, remedy."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import DecodeError, ValidationError

from services.kernel.codec.posts.model import SET_BY_INGEST
from services.kernel.contract.fields import Field
from services.kernel.contract.refusals import suggest
from services.kernel.errors import Rejected

DEPTH_MAX = 16
_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_NAMED = re.compile(r"field `(?P<name>.*?)`", re.DOTALL)
_COMPARTMENTS = frozenset({"civil", "contact", "service"})
_NOT_YOURS = SET_BY_INGEST | {"identified_by", "blocks"}


class _Twice(Exception):
    """Carries the key that stands twice."""


def refuse_document(error: Exception) -> Rejected:
    """For a post that could not be read at all."""
    if isinstance(error, UnicodeDecodeError):
        return Rejected("not-utf-8")
    if isinstance(error, RecursionError):
        return Rejected("too-deep")
    if isinstance(error, ValidationError):
        return refuse_value(error, ())
    if isinstance(error, DecodeError):
        return Rejected("not-utf-8" if "surrogate" in str(error) else "malformed-json")
    raise error


def refuse_value(error: ValidationError, fields: Iterable[Field]) -> Rejected:
    """For a post that is JSON and does not fit. `fields`: those of the event type, the envelope's included."""
    found = _AT.match(str(error))
    what, path = (found["what"], to_pointer(found["path"] or "")) if found else (str(error), "")
    named = _NAMED.search(what)
    if "unknown field" in what and named:
        name = named["name"]
        pointer = f"{path}/{_escape(name)}"
        if name in _NOT_YOURS or any(name == field.name and not field.posted for field in _every(fields)):
            return Rejected("not-yours-to-set", pointer)
        if name in _COMPARTMENTS and path.startswith("/subjects/"):
            return Rejected("compartment-not-allowed", pointer)
        return Rejected("unknown-field", pointer, remedy=_remedy("unknown-field", suggest(name, _names(fields))))
    if "missing required field" in what and named:
        return Rejected("missing-field", f"{path}/{_escape(named['name'])}")
    return Rejected(_code(what), path, rule=_rule(what))


def find_duplicate_key(raw: bytes) -> str | None:
    """The first key that an object has twice, by a slow and certain reading; None when there is none."""

    def pairs(items: list[tuple[str, Any]]) -> None:
        seen = set()
        for key, _ in items:
            if key in seen:
                raise _Twice(key)
            seen.add(key)

    try:
        json.loads(raw, object_pairs_hook=pairs)
    except _Twice as twice:
        return str(twice)
    return None


def _every(fields: Iterable[Field]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from _every(field.fields)


def _names(fields: Iterable[Field]) -> list[str]:
    """Every name that a misspelt one may mean."""
    return [field.name for field in _every(fields)] + ["type", "version", "role", "civil", "contact", "service"]


def to_pointer(path: str) -> str:
    """`$.subjects[0].role` as `/subjects/0/role`."""
    return "".join("/" + _escape(name or index) for name, index in _STEP.findall(path.removeprefix("$")))


def _escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _code(what: str) -> str:
    for sign, code in (
        ("got `null`", "missing-field"),
        ("Invalid enum value", "unknown-word"),
        ("UUID", "bad-uuid"),
        ("RFC3339", "bad-timestamp"),
        ("timezone", "bad-timestamp"),
        ("matching regex", "bad-format"),
        ("of length <=", "too-long"),
        ("of length >=", "too-short"),
        ("Expected `int` >=", "number-out-of-range"),
        ("Expected `int` <=", "number-out-of-range"),
        ("out of range", "number-out-of-range"),
        ("Timestamp", "date-out-of-range"),
    ):
        if sign in what:
            return code
    return "wrong-type"


def _rule(what: str) -> str | None:
    """msgspec's own sentence where it quotes no value of the sender."""
    return None if "Invalid" in what else what.replace("`", "") + "."


def _remedy(code: str, suggestion: str) -> str | None:
    return f"Leave it out, or spell it as the contract does.{suggestion}" if suggestion else None
