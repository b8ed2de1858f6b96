"""docs/exchange-messages.md: `python -m services.exchange.protocol.reference.page > docs/exchange-messages.md`."""

from collections.abc import Iterator, Mapping

from services.exchange.protocol.acceptance import body_schema_id
from services.exchange.protocol.catalogue import MESSAGES, MessageType
from services.exchange.protocol.contents import EMPTY_WHERE_NOTHING_IS_TOLD, IMPOSSIBLE_WITH, NEEDED_WITH
from services.exchange.protocol.deadlines import (
    ESCALATE_AFTER,
    REMIND_AFTER,
    REPEAT_AFTER,
    ROUNDS_MAX,
    TIMES,
    AtDue,
    Profile,
)
from services.exchange.protocol.failures import BUSINESS, PROTECTED, TECHNICAL, Failure
from services.exchange.protocol.reference.diagram import draw
from services.exchange.protocol.reference.envelope_page import ENVELOPE, RECEIPT, REJECTION
from services.exchange.protocol.states import Role, Talk
from services.exchange.protocol.table import TABLES
from services.exchange.protocol.table.row import EVERY, Move, On, Row

_SIDES = {Talk.MOVE: (Role.DESTINATION, Role.ORIGIN)}
_NAMES = {Talk.MOVE: "Moves", Talk.VERIFY: "Verifications", Talk.DISCREPANCY: "Discrepancies"}
_AT_DUE = {
    AtDue.REMIND: "reminders, escalation",
    AtDue.ESCALATE: "escalation in one's own house",
    AtDue.LAPSE: "lapses at once",
}


def render_page() -> str:
    """The page."""
    return "\n".join([*_head(), *_envelope(), *_messages(), *_times(), *_conversations(), *_failures(), ""])


def _head() -> Iterator[str]:
    yield from (
        "# Messages between regions",
        "",
        "Generated from `services/exchange/protocol`; do not edit. Renew it by",
        "`python -m services.exchange.protocol.reference.page > docs/exchange-messages.md`.",
        "How it travels, with what parts hold: [exchange-wire.md](exchange-wire.md).",
        "Why it is so: [exchange-protocol.md](exchange-protocol.md).",
        "",
    )


def _envelope() -> Iterator[str]:
    yield from (
        "## Envelope",
        "",
        "The same for all messages. Canonical JSON: keys sorted, no spaces, UTF-8, absent fields",
    )
    yield from ("left out. `message_hash` is SHA-256 over it.", "", *_fields(ENVELOPE))
    yield from ("", "901 `MessageReceipt`, the answer to a message that was taken:", "", *_fields(RECEIPT))
    yield from ("", "902 `MessageRejection`, the answer to one that was not:", "", *_fields(REJECTION), "")
    offsets = ", ".join(f"{int(each.total_seconds() // 60)}" for each in REPEAT_AFTER)
    yield f"A message without an answer is sent again with the same id {offsets} minutes after it was first sent;"
    yield "after 24 hours it is a dead letter (903), which an operator sends again or brings in another way with proof."
    yield "The next message of a conversation leaves when the one before it was taken. What comes twice gets the same"
    yield from ("receipt twice.", "")


def _fields(meanings: Mapping[str, str]) -> Iterator[str]:
    yield from ("| field | meaning |", "|---|---|")
    yield from (f"| `{name}` | {meaning} |" for name, meaning in meanings.items())


def _messages() -> Iterator[str]:
    yield from ("## Messages", "", "| code | name | who says it | what it says |", "|---|---|---|---|")
    for message in MESSAGES:
        link = f"[{message.name}](#{message.code}-{message.name.lower()})"
        yield f"| {message.code} | {link} | {message.by.lower()} | {message.doc} |"
    yield from (
        "",
        "Texts, words, codes and ids have at most 200 characters; dates are as 2026-03-02. A sealed part is no field",
    )
    yield from ("of the body: it travels beside, and a body that holds one is refused.", "")
    for message in MESSAGES:
        yield from _message(message)


def _message(message: MessageType) -> Iterator[str]:
    yield from (f"### {message.code} {message.name}", "", message.doc, "")
    versions = ", ".join(
        f"{each} (body schema {body_schema_id(message.code, each)})" for each in sorted(message.versions)
    )
    yield f"- Said by: {message.by.lower()}; version {versions}"
    if message.answers:
        yield f"- Answers: {', '.join(sorted(message.answers))}"
    for owed in message.owes:
        who = "who hears it" if owed.by_hearer else "who says it"
        when = f" with {', '.join(sorted(owed.outcomes))}" if owed.outcomes else ""
        yield f"- Obliges{when} {who}: {owed.kind}{', if asked for' if owed.if_asked else ''}"
    for (code, outcome), needed in NEEDED_WITH.items():
        if code == message.code:
            yield f"- With {outcome}, `{needed}` is required"
    for (code, outcome), fields in IMPOSSIBLE_WITH.items():
        if code == message.code:
            said = (f"`{name}` {', '.join(sorted(words))}".strip() for name, words in fields.items())
            yield f"- With {outcome} there can be no {', no '.join(said)}"
    if message.voids:
        yield f"- With {', '.join(sorted(message.voids))} it voids what it answers: another must answer"
    if message.out_of_place:
        answer = " ".join(message.out_of_place).strip()
        yield f"- Heard where the conversation is past it, it is answered at once: {answer}"
    for (code, outcome), told in EMPTY_WHERE_NOTHING_IS_TOLD.items():
        if code == message.code:
            yield f"- With {outcome} the body holds only: {', '.join(sorted(told))}"
    if message.items:
        yield from ("", "| field | form | required | meaning |", "|---|---|---|---|")
        for item in message.items:
            words = f" One of {', '.join(f'`{word}`' for word in item.words)}." if item.words else ""
            columns = f" Columns: {', '.join(f'`{name}`' for name in item.columns)}." if item.columns else ""
            required = "yes" if item.required else "no"
            yield f"| `{item.name}` | {item.form} | {required} | {item.doc}{words}{columns} |"
    yield ""


def _times() -> Iterator[str]:
    yield from ("## Obligations and times", "")
    yield "s: seconds, d: days, wd: working days of who owes. A clock starts at the legal time of delivery, or when the"
    yield "office opens next. Working days end with the close of office; the day on which it starts does not count."
    yield from ("", "| obligation | timer | owed | std | padis | padis, urgent | when overdue |")
    yield "|---|---|---|---|---|---|---|"
    for kind, times in TIMES.items():
        three = f"{times.std} | {times.padis} | {times.padis_urgent}"
        later = _AT_DUE[times.at_due] + ("" if times.at_due is AtDue.LAPSE else f"; lapses after {times.lapses_after}")
        yield f"| {kind} | {times.timer} | {times.owed} | {three} | {later} |"
    levels = ", ".join(str(each) if each.amount else "when it is due" for each in REMIND_AFTER)
    yield from ("", f"Reminders (701) come at these times after the due time: {levels}.")
    yield f"Escalation (703, metadata only) after {ESCALATE_AFTER[Profile.STD]} (std) or"
    yield f"{ESCALATE_AFTER[Profile.PADIS]} (padis). At most {ROUNDS_MAX} corrected notices."
    yield ""


def _conversations() -> Iterator[str]:
    for talk, table in TABLES.items():
        yield from (f"## {_NAMES[talk]}", "")
        for role in _SIDES.get(talk, (Role.ASKER, Role.ANSWERER)):
            yield from (f"As the {role.lower()} sees it:", "", "```mermaid", *draw(talk, role), "```", "")
        yield from ("| what | who | states | to | what for | effects |", "|---|---|---|---|---|---|")
        for row in table.rows:
            yield from _row(row)
        yield ""


def _row(row: Row) -> Iterator[str]:
    """A word has a line for each side."""
    what = row.what if row.on is On.WORD else f"{row.on} {row.what}"
    outcomes = f" {', '.join(sorted(row.outcomes))}" if row.outcomes else ""
    says, hears = (" says", " hears") if row.on is On.WORD else ("", "")
    for move, who in ((row.acts, row.by.lower() + says), (row.hears, row.by.opposite.lower() + hears)):
        if move is not None:
            to, does = move.to or "stays", "; ".join(move.does)
            yield f"| {what}{outcomes} | {who} | {_where(move)} | {to} | {row.doc} | {does} |"


def _where(move: Move) -> str:
    states = "any" if move.where == EVERY else ", ".join(sorted(move.where))
    return f"{states}, if {' and '.join(move.when)}" if move.when else states


def _failures() -> Iterator[str]:
    yield from ("## Failures", "", "Technical, in 902 and 903:", "", *_codes(TECHNICAL))
    yield from ("", "Business, in 204 (102, 302 and 402 have their own words):", "")
    yield from _codes(tuple(each for each in BUSINESS if each.code != PROTECTED))
    yield from ("", "Who is protected is answered like who is not found, to the byte.")


def _codes(failures: tuple[Failure, ...]) -> Iterator[str]:
    yield from ("| code | meaning | same message again? | who acts | counts as |", "|---|---|---|---|---|")
    for each in failures:
        again = "yes" if each.retryable else "no"
        yield f"| {each.code} | {each.text} | {again} | {each.acts} | {each.counts_as} |"


if __name__ == "__main__":
    print(render_page(), end="")
