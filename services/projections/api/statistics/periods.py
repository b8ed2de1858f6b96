"""Which periods are asked for. Pure."""

import re
from calendar import monthrange
from datetime import date

from starlette.requests import Request

from services.kernel.codec.posts.dates import YEAR_MAX, YEAR_MIN
from services.kernel.errors import Rejected
from services.kernel.http.parameters import word
from services.projections.api.asking import find_day
from services.projections.statistics.indicators.spans import Span, as_date, day_of

PERIODS_MAX = 400
EVERY = ("year", "month")
_FORM = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_RULE = "It is a year, a month or a day: 2011, 2011-04 or 2011-04-01."


def read_periods(request: Request, ordinary: Span) -> tuple[Span, ...]:
    """From ?from, ?to, ?at and ?every, oldest first; `ordinary` when none is given. Rejected("wrong-parameter").

    A period holds its first day and not its last. `at` is the period of that one day.
    """
    given = request.query_params
    at = find_day(request, "at")
    if at is not None:
        if {"from", "to", "every"} & given.keys():
            raise Rejected("wrong-parameter", "?at", rule="Either at, or from and to.")
        return (Span(at, at + 1),)
    if "from" not in given:
        if {"to", "every"} & given.keys():
            raise Rejected("wrong-parameter", "?from", rule="A period begins somewhere: give from too.")
        return (ordinary,)
    first = _read_unit(given["from"], "from")
    end = _read_unit(given["to"], "to").start if "to" in given else first.end
    if end <= first.start:
        raise Rejected("wrong-parameter", "?to", rule="The period ends after it began; `to` is the first day after it.")
    return _cut(Span(first.start, end), word(request, "every", EVERY))


def _read_unit(text: str, name: str) -> Span:
    """The year, month or day that a text names."""
    try:
        if not _FORM.fullmatch(text):
            raise ValueError
        year, *rest = (int(part) for part in text.split("-"))
        first = date(year, *[*rest, 1, 1][:2])
        if not YEAR_MIN <= year <= YEAR_MAX:
            raise ValueError
    except ValueError:
        raise Rejected("wrong-parameter", f"?{name}", rule=_RULE) from None
    start = day_of(first.year, first.month, first.day)
    if len(rest) == 2:
        return Span(start, start + 1)
    if len(rest) == 1:
        return Span(start, start + monthrange(first.year, first.month)[1])
    return Span(start, day_of(first.year + 1))


def _cut(span: Span, every: str | None) -> tuple[Span, ...]:
    if every is None:
        return (span,)
    found: list[Span] = []
    start = span.start
    while start < span.end:
        on = as_date(start)
        turn = day_of(on.year + 1) if every == "year" else start - on.day + 1 + monthrange(on.year, on.month)[1]
        found.append(Span(start, min(turn, span.end)))
        start = turn
        if len(found) > PERIODS_MAX:
            raise Rejected("wrong-parameter", "?every", rule=f"At most {PERIODS_MAX} periods are answered at once.")
    return tuple(found)


def turns_with(span: Span, unit: str) -> bool:
    """Whether a period begins and ends with a year or month; every period does with a day."""
    edges = (as_date(span.start), as_date(span.end))
    if unit == "year":
        return all((on.month, on.day) == (1, 1) for on in edges)
    return unit == "day" or all(on.day == 1 for on in edges)
