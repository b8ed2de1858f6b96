"""The Philippine Standard Geographic Code: the published summaries of changes become areas and their changes.

The summaries name only what changed, in quarters. A change is dated with the last month of its quarter, for by then it
is on the map. An area that is named as if it had always been there is established with the first month of the quarter
in which it is named first: nothing is said of the time before. A parent is what the digits of the code say.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from services.ingest.client.maps.draft import LEFT_OUT, Draft, clean
from services.ingest.client.maps.gb2260 import Table
from services.ingest.client.maps.psgc_quarter import Line, take_quarter
from services.kernel.asking import CannotGoOn

COLUMNS = {"period", "name", "change_type", "new_code9", "old_code9", "mother_or_old_name", "remarks"}
CREATE, RECODE, DIVIDE, MERGE, RENAME, DELETE = "create", "recode", "divide", "merge", "rename", "delete"

# In this order: "Newly created" is a creation, "New city" a municipality that is called a city from now on.
_WORDS = (
    ("delet", DELETE),
    ("merg", MERGE),
    ("division", DIVIDE),
    ("splitting", DIVIDE),
    ("fragmentation", DIVIDE),
    ("transfer", RECODE),
    ("change of code", RECODE),
    ("new city", RENAME),
    ("re-enlisted", CREATE),
    ("new", CREATE),
    ("creation", CREATE),
    ("correction", RENAME),
    ("renam", RENAME),
    ("convert", RENAME),
    ("reverted", RENAME),
)
_CODE = re.compile(r"\d{9,10}")
_PERIOD = re.compile(r"([a-z]+)\s*(\d{4})?\s*-\s*([a-z]+)\s+(\d{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

NO_CODE = "no code"
BAD_CODE = "a code that has not nine or ten digits"
NO_PERIOD = "a period that cannot be read"
NO_CHANGE = "a kind of change that nobody knows"
ON_HOLD = "put on hold, says its remark"


class _Quarter(NamedTuple):
    """First and last month, as 2001-03."""

    last: str
    first: str


def draft_psgc(tables: Sequence[Table], region: str, office: str) -> Draft:
    """Posts for tables of changes. CannotGoOn for another table."""
    draft = Draft(region, office)
    read: list[tuple[_Quarter, Line]] = []
    for table in tables:
        missing = COLUMNS - table.header
        if missing:
            raise CannotGoOn(f"{table.file} has no column {', '.join(sorted(missing))}.")
        read += _read_lines(draft, table)
    read.sort(key=lambda each: each[0])
    for quarter, lines in groupby(read, key=lambda each: each[0]):
        take_quarter(draft, quarter.first, quarter.last, [line for _, line in lines])
    return draft


def _read_lines(draft: Draft, table: Table) -> Iterator[tuple[_Quarter, Line]]:
    for number, row in enumerate(table.rows, 1):
        quarter, kind = _read_quarter(row["period"]), _read_kind(row["change_type"])
        new, new_fault = _read_codes(row["new_code9"])
        olds, old_fault = _read_codes(row["old_code9"])
        code = row["new_code9"].strip() or row["old_code9"].strip()
        left_out = _find_fault(row, quarter, kind, new, olds, new_fault or old_fault)
        if left_out or quarter is None or kind is None:
            draft.account(table.file, number, clean(code), LEFT_OUT, left_out)
            continue
        former = row["mother_or_old_name"] if kind == RENAME or new == olds else ""
        yield (
            quarter,
            Line(
                table.file,
                number,
                kind,
                new[0] if new else None,
                tuple(olds),
                _first_part(row["name"]),
                _first_part(former),
                old_fault,
            ),
        )


def _find_fault(
    row: Mapping[str, str], quarter: _Quarter | None, kind: str | None, new: list[str], olds: list[str], fault: bool
) -> str:
    """Why a row is left out, if it is."""
    if quarter is None:
        return NO_PERIOD
    if kind is None:
        return NO_CHANGE
    if "on hold" in row["remarks"].lower():
        return ON_HOLD
    if not new and not (olds and kind == DELETE):
        return BAD_CODE if fault else NO_CODE
    return ""


def _read_quarter(text: str) -> _Quarter | None:
    found = _PERIOD.fullmatch(" ".join(text.lower().split()))
    if found is None:
        return None
    first, first_year, last, last_year = found.groups()
    try:
        months = [_MONTHS.index(name[:3]) + 1 for name in (first, last)]
    except ValueError:
        return None
    return _Quarter(f"{last_year}-{months[1]:02}", f"{first_year or last_year}-{months[0]:02}")


def _read_kind(text: str) -> str | None:
    spelled = clean(text).lower()
    return next((kind for word, kind in _WORDS if word in spelled), None)


def _read_codes(text: str) -> tuple[list[str], bool]:
    """The codes in a field, and whether there is something in it that is none. Words stand for no code."""
    parts = text.split()
    codes = [part for part in parts if _CODE.fullmatch(part)]
    return codes, any(part.isdigit() for part in parts if part not in codes)


def _first_part(name: str) -> str:
    """A name without what it lies in, which follows a comma."""
    return clean(name.split(",")[0])
