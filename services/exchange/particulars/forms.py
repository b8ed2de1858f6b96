"""Which document each message may bring of whom, and the check that sender and recipient both make."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import msgspec

from services.exchange.particulars import documents
from services.exchange.particulars.commitments import OpenPart
from services.exchange.particulars.identification import Identification, WrongParticulars, path_of, rule_of
from services.exchange.protocol.bodies import Body, Form
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.contents import COLUMN_WORDS, EMPTY_WHERE_NOTHING_IS_TOLD, LINES_MAX
from services.kernel.contract.lints.forbidden import Phrase, split_name

SUBJECT = "subject"
MEMBERS_MAX = 20
_PATH = re.compile(documents.PATH_PATTERN)
_SEEN_ON = ("verified_on", "as_of")
_ROLE = re.compile("[a-z][a-z-]{0,39}")
_MEMBER = re.compile(r"member-([1-9]|1[0-9]|20)\Z")
FREE_TEXT = frozenset({"statement"})


class PartForm(NamedTuple):
    """`subject`: what the part of role `subject` holds. `needs_subject`: whether there must be one.

    `members`: whether those who move along may be told of. `outcomes`: with which outcomes there may be parts; all
    where empty.
    """

    subject: type[msgspec.Struct]
    needs_subject: bool = False
    members: bool = False
    outcomes: frozenset[str] = frozenset()


FORMS: Mapping[str, PartForm] = {
    "101": PartForm(documents.Request, needs_subject=True),
    "102": PartForm(documents.Response, outcomes=frozenset({"FOUND"})),
    "201": PartForm(documents.Arrival, needs_subject=True, members=True),
    "202": PartForm(documents.Departure, needs_subject=True, members=True),
    "203": PartForm(documents.Feedback),
    "211": PartForm(documents.Values),
    "301": PartForm(documents.Question, needs_subject=True),
    "302": PartForm(documents.Verified),
    "304": PartForm(documents.Clarification),
    "401": PartForm(documents.Change),
    "501": PartForm(documents.Doubt, needs_subject=True),
}
"""Messages that are not named have no parts."""


HAPPENED: Mapping[str, tuple[str, ...]] = {
    "201": ("moved_in_on", "registered_on"),
    "203": ("departed_on",),
    "205": ("arrived_on",),
    "211": ("moved_in_on",),
    "404": ("ended_on",),
}
"""Days that cannot lie ahead. A departure (202) may be announced."""


def check_parts(code: str, outcome: str, parts: Sequence[OpenPart], phrases: Sequence[Phrase] = ()) -> None:
    """WrongParticulars for the first thing that may not be told. `path` begins with the part's role.

    `phrases`: of schemas/forbidden-vocabulary.json. What a sender may not say a recipient refuses to keep.
    """
    form = FORMS.get(code)
    if form is None or not may_have_parts(code, outcome):
        if parts:
            raise WrongParticulars("", "This message has no parts.")
        return
    roles = [part.role for part in parts]
    if form.needs_subject and SUBJECT not in roles:
        raise WrongParticulars(f"/{SUBJECT}", "This message says who is meant.")
    for part in parts:
        _check_document(form, part, phrases)


def may_have_parts(code: str, outcome: str) -> bool:
    """Neutral answers have none: they are equal to the byte, whoever is asked for."""
    form = FORMS.get(code)
    if form is None or (code, outcome) in EMPTY_WHERE_NOTHING_IS_TOLD:
        return False
    return not form.outcomes or outcome in form.outcomes


def find_declared(code: str, role: str) -> type[msgspec.Struct] | None:
    """What the document of a role is; None where there is no such role."""
    form = FORMS[code]
    if role == SUBJECT:
        return form.subject
    return documents.Member if form.members and _MEMBER.match(role) else None


def check_body(code: str, body: Body) -> None:
    """WrongParticulars where the body, which anybody may read, has lines that say what is no field and no question."""
    for item in CATALOGUE[code].items:
        value = body.get(item.name)
        if item.form is Form.ITEMS and isinstance(value, list):
            _check_lines(code, value, f"/payload/{item.name}")
            for place, line in enumerate(value):
                if isinstance(line, Mapping):
                    _check_line(line, f"/payload/{item.name}/{place}")


def check_days(code: str, body: Body, today: date) -> None:
    """WrongParticulars where something is told as having happened that has not: a register that believed it would hold
    something else than its own signed answer says. `today` in UTC; the sender may be a day ahead.
    """
    latest = (today + timedelta(days=1)).isoformat()
    for name in HAPPENED.get(code, ()):
        told = body.get(name)
        if isinstance(told, str) and told > latest:
            raise WrongParticulars(f"/payload/{name}", "What is told has happened.")
    for item in CATALOGUE[code].items:
        lines = body.get(item.name) if item.form is Form.ITEMS else None
        for place, line in enumerate(lines if isinstance(lines, list) else ()):
            seen = {name: line[name] for name in _SEEN_ON if name in line} if isinstance(line, Mapping) else {}
            for name, day in seen.items():
                if not _is_day(day) or str(day) > latest:
                    raise WrongParticulars(f"/payload/{item.name}/{place}/{name}", "It is a day that has come.")
    moved, registered = body.get("moved_in_on"), body.get("registered_on")
    if isinstance(moved, str) and isinstance(registered, str) and moved > registered:
        raise WrongParticulars("/payload/moved_in_on", "Who is registered has moved in.")


def _is_day(text: object) -> bool:
    try:
        return date.fromisoformat(str(text)).isoformat() == text
    except ValueError:
        return False


def _check_line(line: Mapping[str, Any], path: str) -> None:
    if "path" in line and not _PATH.match(str(line["path"])):
        fields = ", ".join(documents.PATHS)
        raise WrongParticulars(f"{path}/path", f"There is no such field; fields are {fields}, identifiers.<kind>.")
    for column, words in COLUMN_WORDS.items():
        if line.get(column) is not None and line[column] not in words:
            raise WrongParticulars(f"{path}/{column}", f"It is one of {', '.join(words)}.")
    if not _ROLE.fullmatch(str(line.get("verifier_role") or "registrar")):
        raise WrongParticulars(f"{path}/verifier_role", "It is a role, for example registrar; nobody is named.")


def _check_lines(code: str, lines: Sequence[Any], path: str) -> None:
    """Something is asked, nothing twice, and no more than people can answer."""
    ids = [line.get("item_id") or line.get("path") for line in lines if isinstance(line, Mapping)]
    if len(lines) > LINES_MAX:
        raise WrongParticulars(path, f"At most {LINES_MAX} lines.")
    if len(set(ids)) < len(ids):
        raise WrongParticulars(path, "Each line is about something of its own.")
    if code == "301" and not lines:
        raise WrongParticulars(path, "Who asks asks something.")


def _check_document(form: PartForm, part: OpenPart, phrases: Sequence[Phrase]) -> None:
    declared = form.subject if part.role == SUBJECT else documents.Member
    if part.role != SUBJECT and not (form.members and _MEMBER.match(part.role)):
        raise WrongParticulars("/unknown-role", "This message tells nothing of such a role.")
    document = json.loads(part.document)
    try:
        msgspec.convert(document, declared)
    except msgspec.ValidationError as wrong:
        raise WrongParticulars(f"/{part.role}{path_of(str(wrong))}", rule_of(str(wrong))) from None
    for path, text in texts_of(document, f"/{part.role}"):
        if not text.isprintable():
            raise WrongParticulars(path, "A text has no control characters.")
        if path.rpartition("/")[2] in FREE_TEXT and _is_forbidden(text, phrases):
            raise WrongParticulars(path, "It speaks of what no register may keep.")
    _check_people(document, f"/{part.role}")


def _check_people(value: Any, path: str) -> None:
    """Dates of birth and texts of identifications, wherever they stand."""
    if not isinstance(value, dict):
        return
    for name, each in value.items():
        if name in ("subject", "identification", "child", "spouse") and isinstance(each, dict):
            try:
                Identification.from_document(each)
            except WrongParticulars as wrong:
                raise WrongParticulars(f"{path}/{name}{wrong.path}", wrong.rule) from None
        else:
            _check_people(each, f"{path}/{name}")


def texts_of(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a document, with its place."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from texts_of(each, f"{path}/{name}")
    elif isinstance(value, list | tuple):
        for place, each in enumerate(value):
            yield from texts_of(each, f"{path}/{place}")


def _is_forbidden(text: str, phrases: Sequence[Phrase]) -> bool:
    words = split_name(text)
    return any(phrase.find_in(words) for phrase in phrases)
