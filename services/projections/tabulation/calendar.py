"""Days as SQL reckons them: whole numbers from 1970-01-01 into years, birthdays and ages, without a function call.

The *rank* of a day is 366 times its year plus its place in a leap year, from 0: 29 February has place 59, 1 March has
60 in every year. So an age in completed years is a difference of ranks divided by 366, rounded down, and 29 February
needs no case of its own. Every fragment takes a column (or a number) and is a whole-number expression in brackets.
"""

PLACES = 366
_BEFORE_EPOCH = 719_468
"""From 0000-03-01, on which a day after the last of February is put, to 1970-01-01."""


def rank(day: str) -> str:
    """After C. Neri and L. Schneider, Euclidean affine functions and their application to calendar algorithms, 2023."""
    quarter = f"(4 * {day} + {4 * _BEFORE_EPOCH + 3})"
    of_century = f"({quarter} % 146097 | 3)"
    return f"(36600 * ({quarter} / 146097) + 366 * ({of_century} / 1461) + {of_century} % 1461 / 4 + 60)"


def rank_of(day: int) -> int:
    """The same of a number."""
    quarter = 4 * day + 4 * _BEFORE_EPOCH + 3
    of_century = quarter % 146_097 | 3
    return 36_600 * (quarter // 146_097) + 366 * (of_century // 1461) + of_century % 1461 // 4 + 60


def year(day: str) -> str:
    """The calendar year."""
    return f"({rank(day)} / {PLACES})"


def age(born: str, day: str) -> str:
    """In completed years on a day; below 0 before the birth. Division rounds down, as ranks are shifted above 0."""
    return f"(({rank(day)} - {rank(born)} + {PLACES * 10_000}) / {PLACES} - 10000)"


def age_at_year_end(born: str, day: str) -> str:
    """Age in completed years on the last day of the day's year."""
    return f"({year(day)} - {year(born)})"


def month_at(place: str) -> str:
    """The month, 1 to 12, in which a place of the leap year lies: counted from March, five months are 153 days."""
    return f"(((5 * (({place} + 306) % {PLACES}) + 2) / 153 + 2) % 12 + 1)"


def month(day: str) -> str:
    """As text, yyyy-mm."""
    return f"to_char(date '1970-01-01' + {day}, 'YYYY-MM')"


def is_common(year: str) -> str:
    """Whether a year has 365 days."""
    return f"NOT ({year} % 4 = 0 AND ({year} % 100 <> 0 OR {year} % 400 = 0))"
