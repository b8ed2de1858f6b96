"""Drafts what an office wants to say: the word that it chose becomes a message with its body and parts. Pure.

The house fills in what follows from the conversation; what only people know and did not say is told all at once.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from services.exchange.clerk.conditions import differing_paths
from services.exchange.clerk.words import moved_in_on
from services.exchange.particulars.documents import PATH_PATTERN, PATHS
from services.exchange.protocol import Conversation
from services.exchange.protocol.actions import Action
from services.exchange.protocol.bodies import Form, Item, ids_of, read_body, text_of
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.contents import COLUMN_WORDS
from services.exchange.worklist.checking import Problem, find_problems, is_of_form
from services.exchange.worklist.sayable import field_of_word, sayable, sayable_lines, words_of
from services.kernel.http.parameters import suggest

_PATH = re.compile(PATH_PATTERN)
RESULTS, DECISIONS, METHODS = (COLUMN_WORDS[name] for name in ("result", "decision", "method"))


class Said(NamedTuple):
    """One item: what it is about (an item's id or a field), what is said of it, and a value where there is one."""

    item: str
    result: str = ""
    value: str | None = None


class Wish(NamedTuple):
    """What somebody wants to say. `word`: an outcome, a code or a message's name. `fields`: of the body."""

    word: str
    fields: Mapping[str, Any] = {}
    items: Sequence[Said] = ()
    in_reply_to: str | None = None
    method: str = METHODS[0]
    role: str = ""


class Draft(NamedTuple):
    """A message to be said. `values`: the document about the person, where there is one."""

    code: str
    body: dict[str, Any]
    in_reply_to: str | None
    document: dict[str, Any] | None


class WrongDraftError(ValueError):
    """`problems`: all that is missing or wrong. `code`, `word`: of the message, where it is clear which is meant."""

    def __init__(self, problems: Sequence[Problem], code: str = "", word: str = "") -> None:
        super().__init__("draft", code)
        self.problems = tuple(problems)
        self.code, self.word = code, word


def draft(conversation: Conversation, wish: Wish, today: date) -> Draft:
    """WrongDraftError with everything that is in the way."""
    action, outcome = _choose(conversation, wish)
    message = CATALOGUE[action.what]
    items = {item.name: item for item in message.items}
    given = {name: _parse(value, items.get(name)) for name, value in wish.fields.items()}
    made = _MAKERS.get(message.code, _nothing)(conversation, action, wish, today)
    body = {**made.body, **given}
    field = field_of_word(message)
    if outcome and field is not None:
        body[field] = outcome
    twice = [place for place, each in enumerate(wish.items) if each.item in [one.item for one in wish.items[:place]]]
    again = [Problem("/items", f"Item {place + 1} of yours speaks of what was said already.") for place in twice]
    problems = [*again, *made.problems, *find_problems(message, body)]
    if problems:
        raise WrongDraftError(problems, message.code, outcome)
    return Draft(message.code, body, action.in_reply_to, made.document)


def _choose(conversation: Conversation, wish: Wish) -> tuple[Action, str]:
    """The action that is meant, and the outcome where the word is one."""
    word = wish.word.strip()
    found = [
        (each, word.upper() if word.upper() in words_of(each) else "")
        for each in sayable(conversation)
        if word.upper() in words_of(each) or word == each.what or word.lower() == each.name.lower()
    ]
    if wish.in_reply_to is not None:
        found = [each for each in found if each[0].in_reply_to == wish.in_reply_to]
    if not found:
        words = [one for each in sayable(conversation) for one in (each.what, *words_of(each))]
        said = f"That cannot be said now.{suggest(word.upper(), words)}"
        raise WrongDraftError(
            [Problem("/word", said), *(Problem("/word", each) for each in sayable_lines(conversation))]
        )
    if len({each[0].in_reply_to for each in found}) > 1:
        asked = ", ".join(str(each[0].in_reply_to) for each in found)
        raise WrongDraftError([Problem("/in_reply_to", f"Several wait for it; say which: {asked}.")], found[0][0].what)
    if len({each[0].what for each in found}) > 1:
        codes = ", ".join(sorted({each[0].what for each in found}))
        raise WrongDraftError([Problem("/word", f"Several messages say that: {codes}. Name the code, and the outcome"
                                                 " as a field.")])  # fmt: skip
    return found[0]


class _Made(NamedTuple):
    body: dict[str, Any]
    document: dict[str, Any] | None = None
    problems: tuple[Problem, ...] = ()


def _nothing(conversation: Conversation, action: Action, wish: Wish, today: date) -> _Made:
    if wish.items:
        return _Made({}, None, (Problem("/items", f"{action.what} has no items."),))
    return _Made({})


def _feedback(conversation: Conversation, action: Action, wish: Wish, today: date) -> _Made:
    """203 as the register would say it: since when, and what becomes of the record."""
    if wish.word.upper() == "UNDER_VERIFICATION":
        return _nothing(conversation, action, wish, today)
    notice = conversation.find_taken(conversation.arrival)
    asked = read_body(notice.envelope.payload, CATALOGUE["201"].items) if notice is not None else {}
    kept = "OUTFLOW_RECORDED" if asked.get("keep_origin_registration") else "DEREGISTERED"
    since = moved_in_on(conversation, action.in_reply_to or "")
    body: dict[str, Any] = {
        "origin_effect": "KEPT" if text_of(asked, "residence_kind") == "SECONDARY" else kept,
        "departed_on": since.isoformat() if since is not None else None,
    }
    verdicts = ("SAME", "DIFFERENT", "UNKNOWN", "NOT_HELD")
    problems = _wrong_results(wish.items, verdicts)
    lines = [{"path": each.item, "verdict": each.result, "basis": wish.method} for each in wish.items]
    values = [{"path": each.item, "held": each.value} for each in wish.items if each.value is not None]
    return _Made(body | ({"field_results": lines} if lines else {}), {"values": values} if values else None, problems)


def _acceptance(conversation: Conversation, action: Action, wish: Wish, today: date) -> _Made:
    """213: of each difference what became of it."""
    answer = conversation.find_taken(action.in_reply_to)
    paths = sorted(differing_paths(answer)) if answer is not None else []
    said = {each.item: each.result for each in wish.items}
    problems = [*_wrong_results(wish.items, DECISIONS), *_unknown_items(wish.items, paths)]
    missing = [path for path in paths if path not in said]
    if missing:
        rule = f"Say of each difference what became of it: {', '.join(missing)}. One of {', '.join(DECISIONS)}."
        problems.append(Problem("/items", rule))
    goes_on = "SENT_TO_DISCREPANCY" in said.values()
    body: dict[str, Any] = {"outcome": "SENT_TO_DISCREPANCY" if goes_on else "ALL_SETTLED"}
    lines = [{"path": path, "decision": said.get(path, "")} for path in paths]
    return _Made(body | ({"decisions": lines} if lines else {}), None, tuple(problems))


def _verified(conversation: Conversation, action: Action, wish: Wish, today: date) -> _Made:
    """302: every item that was asked for has its answer."""
    if wish.word.upper() == "NOT_PERMITTED":
        return _Made({})
    asked = items_asked(conversation, action.in_reply_to)
    said = {each.item: each for each in wish.items}
    by_id = {item["item_id"]: said.get(item["item_id"]) or said.get(item["path"]) for item in asked}
    known = [one for item in asked for one in (item["item_id"], item["path"])]
    problems = [*_wrong_results(wish.items, RESULTS), *_unknown_items(wish.items, known)]
    both = [each["item_id"] for each in asked if each["item_id"] in said and each["path"] in said]
    if both:
        problems.append(Problem("/items", f"Answered twice, by number and by field: item {', '.join(both)}."))
    missing = [f"{each['path']} (item {each['item_id']})" for each in asked if by_id[each["item_id"]] is None]
    is_pending = wish.word.upper() == "PENDING" and not wish.items
    if missing and not is_pending:
        problems.append(Problem("/items", f"Answer every item: {', '.join(missing)}. One of {', '.join(RESULTS)}."))
    without = [each.item for each in wish.items if each.result == "CORRECTED" and not each.value]
    if without:
        problems.append(Problem("/items", f"With CORRECTED the right value is told: {', '.join(without)}."))
    paths = {each["item_id"]: each["path"] for each in asked}
    if not all(is_of_form(paths[id_], one.value) for id_, one in by_id.items() if one is not None):
        problems.append(Problem("/items", "A day is written 1975-03-02, or as far as it is known: 1975-03, 1975."))
    answers = {id_: one or Said(id_, "PENDING") for id_, one in by_id.items()}
    told = {"method": wish.method, "verified_on": today.isoformat(), "verifier_role": wish.role or "registrar"}
    lines = [
        {"item_id": id_, "result": one.result, **({} if one.result == "PENDING" else told)}
        for id_, one in answers.items()
    ]
    results = {one.result for one in answers.values()}
    only = next(iter(results)) if len(results) == 1 else ""
    outcome = only if only in ("PENDING", "NOT_PERMITTED") else "VERIFIED"
    values = [{"item_id": id_, "value": one.value} for id_, one in answers.items() if one.result == "CORRECTED"]
    if outcome == "NOT_PERMITTED":  # a neutral answer: equal to the byte
        return _Made({"outcome": outcome}, None, tuple(problems))
    document = {"values": values} if values and not without else None
    return _Made({"outcome": outcome, "items": lines}, document, tuple(problems))


def _corrected(conversation: Conversation, action: Action, wish: Wish, today: date) -> _Made:
    """211: fields and their right values."""
    values = [{"path": each.item, "value": each.value or each.result or None} for each in wish.items]
    body: dict[str, Any] = {"registration_id": conversation.registration_id}
    since = moved_in_on(conversation, conversation.arrival or "")
    if since is not None:
        body["moved_in_on"] = since.isoformat()
    if values:
        body["changed_fields"] = [each["path"] for each in values]
    wrong = [str(place) for place, each in enumerate(wish.items, 1) if not _PATH.match(each.item)]
    if wrong:
        rule = f"Item {', '.join(wrong)} of yours is no field; fields are {', '.join(PATHS)}, identifiers.<kind>."
        return _Made(body, None, (Problem("/items", rule),))
    return _Made(body, {"values": values} if values else None)


def _clarify(conversation: Conversation, action: Action, wish: Wish, today: date) -> _Made:
    """303: which items are meant."""
    asked = [each["item_id"] for message in conversation.taken for each in items_asked(conversation, message.id)]
    ids = [each.item for each in wish.items]
    return _Made({"item_ids": ids} if ids else {}, None, _unknown_items(wish.items, asked) if asked else ())


def _clarified(conversation: Conversation, action: Action, wish: Wish, today: date) -> _Made:
    """304: what was meant, item by item."""
    question = conversation.find_taken(action.in_reply_to)
    asked = ids_of(read_body(question.envelope.payload, CATALOGUE["303"].items), "item_ids") if question else ()
    ids = [each.item for each in wish.items] or sorted(asked)
    values = [{"item_id": each.item, "value": each.value or each.result} for each in wish.items]
    return _Made({"item_ids": ids}, {"values": values} if values else None)


def items_asked(conversation: Conversation, message_id: str | None) -> list[dict[str, str]]:
    """The items of a 301."""
    question = conversation.find_taken(message_id)
    if question is None or question.code != "301":
        return []
    lines = read_body(question.envelope.payload, CATALOGUE["301"].items).get("items")
    plain = [dict(line) for line in lines if isinstance(line, Mapping)] if isinstance(lines, list) else []
    return [{"item_id": str(each.get("item_id", "")), "path": str(each.get("path", ""))} for each in plain]


def _wrong_results(items: Sequence[Said], words: Sequence[str]) -> tuple[Problem, ...]:
    wrong = [str(place) for place, each in enumerate(items, 1) if each.result not in words]
    if not wrong:
        return ()
    return (Problem("/items", f"Item {', '.join(wrong)} of yours: say one of {', '.join(words)} of it."),)


def _unknown_items(items: Sequence[Said], known: Sequence[str]) -> tuple[Problem, ...]:
    unknown = [str(place) for place, each in enumerate(items, 1) if each.item not in known]
    if not unknown:
        return ()
    return (Problem("/items", f"Item {', '.join(unknown)} of yours: nobody asks for that, but for"
                              f" {', '.join(known) or 'nothing'}."),)  # fmt: skip


def _parse(value: Any, item: Item | None) -> Any:
    """What was typed, in the form of the field; anything else as it is, for the check to refuse."""
    if item is None or not isinstance(value, str):
        return value
    match item.form:
        case Form.IDS | Form.PATHS:
            return [each.strip() for each in value.split(",") if each.strip()]
        case Form.FLAG:
            return {"true": True, "false": False}.get(value, value)
        case Form.NUMBER:
            return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else value
        case _:
            return value


_MAKERS = {
    "203": _feedback,
    "211": _corrected,
    "213": _acceptance,
    "302": _verified,
    "303": _clarify,
    "304": _clarified,
}
