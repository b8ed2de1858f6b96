"""The words around a picture: what it shows, when, and where it comes from."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from services.projections.client.charts.datum import Material
from services.projections.client.charts.model import Caption

_DASH = "\N{EN DASH}"
_MOST_CHECKS = 4


def caption(material: Material, region: str, title: str, subtitle: str, codes: Mapping[str, str]) -> Caption:
    """Title and subtitle are given; the footer says source, vintage, map, rule, definition, and failed checks."""
    parts = "; over ".join(part.rstrip(".") for part in material.parts[:2])
    defined = f"Definition {material.id}" + (f": {parts}." if parts else ".")
    checks = f"Checks of the denominator that failed: {', '.join(material.failed)}." if material.failed else ""
    origin = tell_origin(region, material.maps, material.vintages, material.rules)
    return Caption(
        title=title,
        subtitle=subtitle,
        footer=tuple(filter(None, (material.missing, origin, defined, checks))),
        codes=dict(codes),
    )


def tell_origin(region: str, maps: Sequence[str], vintages: Sequence[str], rules: Sequence[str]) -> str:
    """The line of every footer that says where figures come from."""
    known = " and ".join(dict.fromkeys(map(tell_instant, vintages)))
    on = " and ".join(
        "areas as they were at each event" if each == "event" else f"areas of {tell_day(each)}" for each in maps
    )
    rule = " and ".join("none" if each == "none" else f"rule {each}" for each in rules)
    return f"Source: population register of {region}, as known {known}. Map: {on}. Disclosure control: {rule}."


def tell_instant(text: str) -> str:
    """2026-11-22T12:50:00.000Z → on 22 Nov 2026, 12:50 UTC."""
    at = _read_instant(text)
    return text if at is None else f"on {_day(at.date())}, {at:%H:%M} UTC"


def name_vintages(vintages: Iterable[str]) -> dict[str, str]:
    """Each vintage → a few words for a label: its day, with the hour where two are of one day, or the second."""
    known = {each: at for each in dict.fromkeys(vintages) if (at := _read_instant(each)) is not None}
    for form in ("", ", %H:%M", ", %H:%M:%S", ", %H:%M:%S.%f"):
        found = {each: f"known {_day(at.date())}{at.strftime(form)}" for each, at in known.items()}
        if len(set(found.values())) == len(found):
            break
    return found


def _read_instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def tell_day(text: str) -> str:
    """2015-03-01 → 1 Mar 2015."""
    try:
        return _day(date.fromisoformat(text))
    except ValueError:
        return text


def tell_period(start: date, end: date) -> str:
    """[start, end) in the fewest words: 2011, 2011-2014, Mar 2011, 30 Jun 2011, or two days."""
    last = end - timedelta(1)
    if (start.month, start.day, last.month, last.day) == (1, 1, 12, 31):
        return f"{start.year}" if start.year == last.year else f"{start.year}{_DASH}{last.year}"
    if start == last:
        return _day(start)
    if start.day == 1 and end.day == 1:
        first = f"{start:%b %Y}"
        return first if (start.year, start.month) == (last.year, last.month) else f"{first}{_DASH}{last:%b %Y}"
    return f"{_day(start)}{_DASH}{_day(last)}"


def tell_periods(spans: Iterable[tuple[date, date]]) -> str:
    """From the first to the last of them; a handful of separate ones by name."""
    every = sorted(set(spans))
    joined = all(end == start for (_, end), (start, _) in pairwise(every))
    if joined or len(every) > 4:
        return (
            tell_period(every[0][0], every[-1][1])
            if joined
            else f"{tell_period(*every[0])} to {tell_period(*every[-1])}"
        )
    return " and ".join(tell_period(*span) for span in every)


def as_clause(words: str) -> str:
    """The first sentence of a definition, without its full stop: what a subtitle begins with."""
    return words.split(". ")[0].rstrip(".")


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
