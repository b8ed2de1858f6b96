"""The flags of rows as of a day, written plainly: what `reading.FLAGS` says in SQL, said once more without it."""

from collections.abc import Iterable
from datetime import date

from services.exchange.scorecards.assessed import Assessed
from services.exchange.scorecards.cards import Card, OneSided, Period, Scorecards, compile_cards
from services.exchange.scorecards.figures import Cell, Figure
from tests.exchange.protocol.two_sides import Sides
from tests.exchange.protocol.world import DIRECTORY

from services.exchange.scorecards.assessing import Person, assess  # isort: skip

STANDING = {"LINK", "RECONFIRM"}


def cells_of(rows: Iterable[Assessed], period: Period) -> list[Cell]:
    """One cell for each row of the period."""
    found = []
    for row in rows:
        begun = row.cohort_day <= period.as_of.isoformat() < row.ended_day
        within = period.first.isoformat() <= row.cohort_day <= period.last.isoformat()
        if row.cohort_day == "infinity" or not (begun if row.kind in STANDING else within):
            continue
        flags = frozenset(_flags(row, period.as_of.isoformat()))
        days = row.days if "answered" in flags else -1
        found.append(
            Cell(row.kind, row.debtor, row.outcome if row.answered_day <= _text(period) else "", days, flags, 1)
        )
    return found


def _text(period: Period) -> str:
    return period.as_of.isoformat()


def _flags(row: Assessed, as_of: str) -> Iterable[str]:
    """Days are compared as texts: those of digits come before "infinity"."""
    answered = row.answered_day <= as_of and row.contested_day > as_of
    if row.voided_day <= as_of and row.contested_day > as_of:
        yield "voided"
    if answered:
        yield "answered"
        if row.on_time:
            yield "on_time"
        if row.standing == "EFFECTIVE" and row.overturned_day > as_of:
            yield "effective"
        if row.outcome.startswith("CONFIRMED"):
            yield "confirmed"
        if row.differs:
            yield "differs"
        if row.outcome in ("CORRECTED", "ADDED", "REMOVED", "UNCHANGED"):
            yield "decided"
        if row.outcome in ("CORRECTED", "ADDED", "REMOVED"):
            yield "changed"
    if row.first_on_time:
        yield "first_on_time"
    if row.reminded_day <= as_of:
        yield "reminded"
    if row.escalated_day <= as_of:
        yield "escalated"
    if row.kind in STANDING and row.ended_day > as_of:
        yield "open"
    if row.outcome == "TACIT":
        yield "tacit"


def rows_of(sides: Sides, book: str = "north") -> list[Assessed]:
    """What one side's book comes to."""
    return assess(sides.sides[book], Person(), DIRECTORY)


def cards_of(
    conversations: Iterable[Sides], as_of: date = date(2026, 12, 31), book: str = "north", last: date | None = None
) -> Scorecards:
    """Of many conversations between north and south, each looked at by itself."""
    rows = [row for each in conversations for row in rows_of(each, book)]
    period = Period(date(2026, 1, 1), last or as_of, as_of)
    return compile_cards(book, "south" if book == "north" else "north", period, cells_of(rows, period), OneSided())


def card_of(cards: Scorecards, debtor: str) -> Card:
    return next(each for each in cards.cards if each.debtor == debtor)


def figure_of(cards: Scorecards, debtor: str, indicator: str) -> Figure:
    return next(each for each in card_of(cards, debtor).figures if each.indicator.id == indicator)
