"""The rules that invent what no table says: draws, dates, delays, names, identifiers, event ids.

Everything follows from a seed by splitmix64 (Steele, Lea, Flood 2014), so that the same tables give the
same bytes on every machine and Python.
"""

from datetime import date
from functools import cache

_MASK = (1 << 64) - 1
DAYS = 365
"""Days of the exploder's year: 29 February is left out, so that a birthday exists in every year."""

LAST_DAY = DAYS - 1
_BEFORE_LEAP_DAY = 59
_UNIX_EPOCH = date(1970, 1, 1).toordinal()
_OFFICE_MINUTES = 8 * 60
_OPENS_AT_UTC_MINUTE = 7 * 60

# fmt: off
_LETTERS = (
    "Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett", "Kilo",
    "Lima", "Mike", "November", "Oscar", "Papa", "Quebec", "Romeo", "Sierra", "Tango", "Uniform",
    "Victor", "Whiskey", "Xray", "Yankee", "Zulu",
)
FAMILIES = (
    "Ample", "Blank", "Dummy", "Example", "Exempel", "Fixture", "Invented", "Madeup", "Mockup", "Model",
    "Muster", "Nobody", "Pattern", "Placeholder", "Sample", "Specimen", "Synthetic", "Template", "Trial",
    "Unreal",
)
# fmt: on
_PREFIX, _IDENTIFIER_BASE = "DEMO-", 1_000_000


class Lots:
    """A stream of draws from a seed."""

    __slots__ = ("_state",)

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def below(self, bound: int) -> int:
        """A whole number from 0 to bound - 1; `bound` is at most 2 ** 64."""
        self._state = state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((state ^ (state >> 31)) * bound) >> 64


@cache
def _month_days() -> list[str]:
    return [date.fromordinal(date(2001, 1, 1).toordinal() + day).isoformat()[4:] for day in range(DAYS)]


def iso_date(year: int, day: int) -> str:
    """ISO date of a day of the exploder's year (0 is 1 January, 364 is 31 December)."""
    return f"{year}{_month_days()[day]}"


def ordinal(year: int, day: int) -> int:
    """The proleptic ordinal of a day of the exploder's year, 29 February stepped over."""
    leap = day >= _BEFORE_LEAP_DAY and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _first_of(year) + day + leap


@cache
def _first_of(year: int) -> int:
    return date(year, 1, 1).toordinal()


@cache
def _iso_of(day_ordinal: int) -> str:
    return date.fromordinal(day_ordinal).isoformat()


def delay_days(lots: Lots, *, usual_days_max: int, late_per_mille: int) -> int:
    """Days from the fact to its registration: 1 to the usual maximum, but a few come a month to ten
    months late.
    """
    if lots.below(1000) < late_per_mille:
        return 30 + lots.below(270)
    return 1 + lots.below(usual_days_max)


def registration_time(lots: Lots, year: int, day: int, delay: int) -> tuple[int, str]:
    """(Unix time in ms, RFC 3339 text) at which an office takes a fact down: on a weekday between 8 and 16
    o'clock.

    Swedish standard time all the year: the exploder has no need of summer time.
    """
    day_ordinal = ordinal(year, day) + delay
    weekday = day_ordinal % 7  # 1 is Monday, 6 Saturday, 0 Sunday
    if weekday == 6:
        day_ordinal += 2
    elif weekday == 0:
        day_ordinal += 1
    minute = lots.below(_OFFICE_MINUTES)
    unix_ms = ((day_ordinal - _UNIX_EPOCH) * 1440 + _OPENS_AT_UTC_MINUTE + minute) * 60_000
    return unix_ms, f"{_iso_of(day_ordinal)}{_clock_times()[minute]}"


@cache
def _clock_times() -> list[str]:
    return [f"T{8 + minute // 60:02d}:{minute % 60:02d}:00+01:00" for minute in range(_OFFICE_MINUTES)]


def event_id(lots: Lots, unix_ms: int) -> str:
    """An id in the shape of a UUIDv7 (RFC 9562, 5.7): the time of registration, then drawn bits."""
    drawn = lots.below(1 << 64)
    text = f"{unix_ms:012x}7{drawn & 0xFFF:03x}{(drawn >> 2) | 0x8000000000000000:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def given_names(number: int) -> str:
    """Three words of the radio alphabet: nobody is called that."""
    rest, last = divmod(number, 26)
    first, middle = divmod(rest, 26)
    return f"{_LETTERS[first % 26]} {_LETTERS[middle]} {_LETTERS[last]}"


def identifier(number: int) -> str:
    """The civil identifier (kind 'local') that a person keeps in every region."""
    return f"{_PREFIX}{_IDENTIFIER_BASE + number}"


def number_of(civil_identifier: str) -> int:
    """The person's number, back from `identifier`."""
    return int(civil_identifier.removeprefix(_PREFIX)) - _IDENTIFIER_BASE
