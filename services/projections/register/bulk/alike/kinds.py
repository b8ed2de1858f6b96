"""What must be the same for two stories to be alike.

Columns of a story are named `n:column`, n being the number of the event. Of most of them the values must be the same.
Of those that the fold only copies it is enough that they compare in the same way: which are missing, which days come
first, which areas and ids are the same.
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import combinations
from typing import Final, NamedTuple

import polars

from services.kernel.contract.catalog import EventVersion
from services.projections.register.bulk.alike.pages import Page
from services.projections.register.life.days import DAY
from services.projections.register.shapes import BEFORE_SUBJECTS
from services.projections.statistics.cells import UNKNOWN_PLACE

Signature = tuple[tuple[int, int, int], ...]
"""Of each event of a story: the page, how many people it names, and the person's place among them."""
_BITS: Final = 60


class Columns(NamedTuple):
    """Names of a story's columns by how they are compared. `days`: the order; `recorded`, `registered`: theirs among
    themselves; `areas`, `ids`: which are the same; `offices`: not at all; `same`: the values; `precisions`: of days.
    """

    days: tuple[str, ...]
    recorded: tuple[str, ...]
    registered: tuple[str, ...]
    areas: tuple[str, ...]
    ids: tuple[str, ...]
    offices: tuple[str, ...]
    same: tuple[str, ...]
    precisions: tuple[str, ...]


def find_columns(pages: Sequence[Page], signature: Signature) -> Columns | None:
    """None if one of the events has values that cannot be compared by columns."""
    found: dict[str, list[str]] = {name: [] for name in Columns._fields}
    for number, (page, count, place) in enumerate(signature):
        version = pages[page].shape.version
        for name in ("event_id", *BEFORE_SUBJECTS[1:], *pages[page].shape.wanted):
            kind = _find_kind(version, name)
            if kind is None:
                return None
            found[kind].append(f"{number}:{name}")
            if name.endswith("_precision"):
                found["precisions"].append(f"{number}:{name}")
        found["recorded"].append(f"{number}:recorded_day")
        found["same"].append(f"{number}:topic")
        for other in range(count):
            found["same"] += [f"{number}:{other}.{name}" for name in ("role", "region", "identified_by")]
            if other != place or not number:
                found["ids"].append(f"{number}:{other}.person_id")
    return Columns(*(tuple(found[name]) for name in Columns._fields))


_ENVELOPE: Final = {
    "event_id": "ids",
    "caused_by": "ids",
    "link_id": "ids",
    "occurred_on": "days",
    "registered_at": "registered",
    "residence_area": "areas",
    "occurrence_area": "areas",
    "office": "offices",
}
_KINDS: Final = {"date": "days", "uuid": "ids", "string": "same", "boolean": "same", "int": "same", "long": "same"}


def _find_kind(version: EventVersion, name: str) -> str | None:
    if name in _ENVELOPE:
        return _ENVELOPE[name]
    field = next((each for each in version.own_fields if each.name == name), None)
    if field is None:  # the envelope's words
        return "same"
    if field.is_array:
        return None
    return "areas" if field.is_area else _KINDS.get(field.kind)


def is_plain(columns: Columns) -> polars.Expr:
    """Whether a story is exact to the day, its areas have names of areas, and no two events were registered at once."""
    exact = [polars.col(name).is_null() | (polars.col(name) == DAY) for name in columns.precisions]
    areas = [
        polars.col(name).is_null()
        | ~(polars.col(name).is_in(["", UNKNOWN_PLACE]) | polars.col(name).str.contains(":", literal=True))
        for name in columns.areas
    ]
    apart = [polars.col(one) != polars.col(other) for one, other in combinations(columns.registered, 2)]
    return polars.all_horizontal(*exact, *areas, *apart)


def list_keys(columns: Columns, story: polars.DataFrame) -> tuple[object, list[polars.Expr]]:
    """Rows of `story` with equal keys are alike; also rows of two stories, if the first of both answers is the same."""
    compared = [*columns.days, *columns.areas, *columns.ids]
    nulls = {name: story[name].null_count() for name in compared}
    there = [name for name in compared if nulls[name] < len(story)]
    bits = [polars.col(name).is_null() for name in compared if nulls[name] > 0]
    for ordered in (columns.days, columns.recorded, columns.registered):
        for one, other in combinations([name for name in ordered if name not in nulls or name in there], 2):
            bits += [polars.col(one) < polars.col(other), polars.col(one) == polars.col(other)]
    for equal in (columns.areas, columns.ids):
        for one, other in combinations([name for name in equal if name in there], 2):
            bits.append(polars.col(one) == polars.col(other))
    there_in_all = (tuple(there), tuple(name for name in compared if nulls[name]))
    return there_in_all, [*(polars.col(name) for name in columns.same), *_pack(bits)]


def _pack(bits: Sequence[polars.Expr]) -> Iterator[polars.Expr]:
    """Many yes and no as few numbers; what cannot be compared is no."""
    for number, first in enumerate(range(0, len(bits), _BITS)):
        some = bits[first : first + _BITS]
        parts = [bit.fill_null(False).cast(polars.Int64) * (1 << place) for place, bit in enumerate(some)]
        yield reduce(lambda one, other: one + other, parts).alias(f"bits-{number}")
