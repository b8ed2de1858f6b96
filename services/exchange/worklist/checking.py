"""What a message still lacks, all at once: every field that is missing, too much or not of its form, in words. Pure."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from services.exchange.protocol.bodies import Form, Item, WrongBodyError, check_body
from services.exchange.protocol.catalogue import MessageType
from services.exchange.protocol.contents import IMPOSSIBLE_WITH, NEEDED_WITH
from services.kernel.http.parameters import suggest

_LOOKS: Mapping[Form, str] = {
    Form.WORD: "a word",
    Form.CODE: "a code",
    Form.ID: "an id, as 0190a1b2-c3d4-7e5f-8a6b-9c7d8e9f0a1b",
    Form.IDS: "ids, separated by commas",
    Form.PATHS: "fields, separated by commas: family_name,birth_on",
    Form.DATE: "a day, as 2026-03-02",
    Form.NUMBER: "a number",
    Form.FLAG: "true or false",
    Form.ITEMS: "a list, one line each",
}


_DAYS = frozenset({"birth_on", "departed_on"})
_DAY = re.compile(r"[12]\d{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


def is_of_form(path: str, value: str | None) -> bool:
    """Whether a value may stand in that field: days are written as days."""
    return value is None or path not in _DAYS or _DAY.fullmatch(value) is not None


class Problem(NamedTuple):
    """One thing that is wrong with one field. `path` is of the body; nothing of what was said stands in `rule`."""

    path: str
    rule: str


def find_problems(message: MessageType, body: Mapping[str, Any]) -> list[Problem]:
    """All of them; empty for a body that may be said."""
    items = {item.name: item for item in message.items if item.form is not Form.PART}
    found = [
        Problem("/unknown-field", f"{message.code} has no such field; it has {_list(items)}.{suggest(name, items)}")
        for name in body
        if name not in items
    ]
    for item in items.values():
        value = body.get(item.name)
        if value is None:
            if item.required:
                found.append(Problem(f"/{item.name}", f"Missing: {explain(item)}"))
        elif not _fits({item.name: value}, item):
            said = suggest(value, item.words) if isinstance(value, str) and item.words else ""
            found.append(Problem(f"/{item.name}", f"{explain(item)}{said}"))
    return [*found, *_of_outcome(message, body, {each.path for each in found})]


def explain(item: Item) -> str:
    """A field in words: what it is, how it looks, what it may say."""
    words = f" One of {', '.join(item.words)}." if item.words else ""
    columns = f" Each line holds {', '.join(item.columns)}." if item.columns else ""
    return f"{item.name}: {item.doc} It is {_LOOKS[item.form]}.{words}{columns}"


def _of_outcome(message: MessageType, body: Mapping[str, Any], known: set[str]) -> list[Problem]:
    if not message.outcome or f"/{message.outcome}" in known:
        return []
    said = message.code, str(body.get(message.outcome, ""))
    items = {item.name: item for item in message.items}
    found = []
    needed = NEEDED_WITH.get(said)
    if needed is not None and body.get(needed) is None:
        found.append(Problem(f"/{needed}", f"Missing with {said[1]}: {explain(items[needed])}"))
    for name, words in IMPOSSIBLE_WITH.get(said, {}).items():
        if body.get(name) is not None and (not words or body[name] in words):
            found.append(Problem(f"/{name}", f"It cannot stand with {said[1]}."))
    return found


def _fits(body: Mapping[str, Any], item: Item) -> bool:
    try:
        check_body(body, (item._replace(required=False),))
    except WrongBodyError:
        return False
    return True


def _list(items: Mapping[str, Item]) -> str:
    return ", ".join(f"{name}{' (required)' if item.required else ''}" for name, item in items.items())
