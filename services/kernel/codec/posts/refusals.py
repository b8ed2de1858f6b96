"""What msgspec finds wrong, as a refusal that a clerk can act on: code, path (RFC 6901 pointer), rule, remedy."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from msgspec import DecodeError, ValidationError

from services.kernel.codec.posts.model import SET_BY_INGEST
from services.kernel.contract.catalog import DEFAULT_FOLDER, VOCABULARIES
from services.kernel.contract.fields import Field
from services.kernel.contract.refusals import suggest
from services.kernel.errors import Rejected

DEPTH_MAX = 16
_WORDS_MAX = 20
_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_NAMED = re.compile(r"field `(?P<name>.*?)`", re.DOTALL)
_WORD = re.compile(r"Invalid enum value '(?P<word>.*)'", re.DOTALL)
_BYTE = re.compile(r"\(byte (?P<at>\d+)\)$")
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
        return Rejected("not-utf-8") if "surrogate" in str(error) else _refuse_malformed(str(error))
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
    code = _code(what)
    return _refuse_word(what, path, fields) if code == "unknown-word" else Rejected(code, path, rule=_rule(what))


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


def _refuse_malformed(what: str) -> Rejected:
    """msgspec's own words quote nothing; only the place is taken from them."""
    rule, found = "The body must be one JSON document in UTF-8 (RFC 8259)", _BYTE.search(what)
    if found is None:
        return Rejected("malformed-json", rule=f"{rule}; it ends too early." if "truncated" in what else f"{rule}.")
    if int(found["at"]):
        return Rejected("malformed-json", rule=f"{rule}; it cannot be read from byte {found['at']} on.")
    remedy = "If an editor put a byte-order mark in front, save it as UTF-8 without one; else begin with { or [."
    return Rejected("malformed-json", rule=f"{rule}; it cannot be read from byte 0 on.", remedy=remedy)


def _refuse_word(what: str, path: str, fields: Iterable[Field]) -> Rejected:
    """Names the words of the field, where they are few; never the word that was posted."""
    name = _find_vocabulary(path, tuple(fields))
    words, posted = _read_words(name) if name else (), _WORD.search(what)
    if not words:
        return Rejected("unknown-word", path)
    rule = f"The field takes the words of the vocabulary {name}"
    if len(words) <= _WORDS_MAX:
        rule += f": {', '.join(words)}"
    near = suggest(posted["word"].lower(), words) if posted else ""
    return Rejected(
        "unknown-word", path, f"{rule}.", f"Take one of them; `domicile schemas show {name}` explains.{near}"
    )


def _find_vocabulary(path: str, fields: Sequence[Field]) -> str | None:
    """Of the field at a pointer; None where the pointer alone does not tell which field it is."""
    inside, found = fields, list[Field]()
    for step in path.split("/")[1:]:
        if not step.isdigit() and step != "...":
            found = [field for field in inside if field.name == step]
            inside = [child for field in found for child in field.fields] or fields
    names = {field.vocabulary for field in found}
    return names.pop() if len(names) == 1 else None


@cache
def _read_words(vocabulary: str) -> tuple[str, ...]:
    """From the published folder; nothing, if it stands only in another copy of the contract."""
    try:
        document = json.loads((DEFAULT_FOLDER / VOCABULARIES / f"{vocabulary}.json").read_text(encoding="utf-8"))
    except OSError:
        return ()
    return tuple(document["words"])


def _every(fields: Iterable[Field]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from _every(field.fields)


def _names(fields: Iterable[Field]) -> list[str]:
    """Every name that a misspelt one may mean."""
    own = ("type", "version", "role", "civil", "contact", "service")
    return list(dict.fromkeys((*(field.name for field in _every(fields)), *own)))


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
