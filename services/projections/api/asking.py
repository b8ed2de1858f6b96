"""Parameters of a read. Pure."""

from datetime import UTC, date, datetime
from uuid import UUID

from starlette.requests import Request

from services.kernel.codec.posts.dates import EPOCH, YEAR_MAX, YEAR_MIN, to_milliseconds
from services.kernel.errors import NotFound, Rejected

LIMIT_MAX, LIMIT = 200, 50


def parse_person_id(text: str) -> bytes:
    """The 16 bytes of an id. NotFound("unknown-person") for what is no id: nobody has it."""
    try:
        return UUID(text).bytes
    except ValueError:
        raise NotFound("unknown-person") from None


def find_day(request: Request, name: str) -> int | None:
    """A parameter YYYY-MM-DD as days since 1970; None if it is left out. Rejected("wrong-parameter")."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or len(text) != 10 or not YEAR_MIN <= day.year <= YEAR_MAX:
        raise Rejected("wrong-parameter", f"?{name}", rule="It is a date: YYYY-MM-DD.")
    return day.toordinal() - EPOCH


def find_instant(request: Request, name: str) -> int | None:
    """A time in RFC 3339 with an offset, or a date (its end, UTC), as milliseconds since 1970; None if left out."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if len(text) == 10:
        day = find_day(request, name)
        return ((day or 0) + 1) * 86_400_000 - 1
    try:
        # A plus sign that nobody escaped is a space.
        at = datetime.fromisoformat(text.replace(" ", "+"))
        if at.tzinfo is None or not YEAR_MIN <= at.year <= YEAR_MAX:
            raise ValueError
        return to_milliseconds(at.astimezone(UTC))
    except (ValueError, OverflowError):
        rule = "It is a time with an offset, 2012-03-14T09:30:00Z, or a date."
        raise Rejected("wrong-parameter", f"?{name}", rule=rule) from None


def find_limit(request: Request) -> int:
    """How many lines a page has. Rejected("wrong-parameter")."""
    text = request.query_params.get("limit", str(LIMIT))
    if not text.isascii() or not text.isdigit() or len(text) > 3 or not 1 <= int(text) <= LIMIT_MAX:
        raise Rejected("wrong-parameter", "?limit", rule=f"It is a number from 1 to {LIMIT_MAX}.")
    return int(text)
