"""Of what a life adds, the rows that are kept: one for each crossing and each vital event, by person and record day.

They stand by person, like all that is derived from lives, so that writing them waits for nobody else and a rebuild has
nothing to add up. Who reads figures reads sums of them.
"""

from collections.abc import Sequence
from typing import Any, Final

from services.projections.register.life import LifeCourse
from services.projections.statistics.cells import Crossing
from services.projections.statistics.vintages import Vintages

CROSSING, OCCURRENCE = "crossing", "occurrence"
_FIRST: Final = ("person_id", "recorded_day")
TABLES: Final[dict[str, tuple[str, ...]]] = {
    CROSSING: (
        *_FIRST,
        "cause",
        "from_lives",
        "from_registered",
        "from_temporary",
        "lives",
        "registered",
        "temporary",
        "day",
        "sex",
        "born_day",
        "n",
    ),
    OCCURRENCE: (
        *_FIRST,
        "kind",
        "area",
        "day",
        "sex",
        "born_day",
        "birth_order",
        "delay_days",
        "registered",
        "n",
    ),
}


def count_rows(life: LifeCourse, vintages: Vintages, residence: Sequence[Any]) -> dict[str, list[tuple[Any, ...]]]:
    """Table -> rows in the order of its columns; tables without rows are left out. `residence`: rows of that table."""
    crossings: list[tuple[Any, ...]] = []
    occurrences: list[tuple[Any, ...]] = []
    for day, lines in vintages.count(life, residence):
        first = (life.person_id, day)
        for line in lines:
            if isinstance(line, Crossing):
                crossings.append(first + line)
            else:
                occurrences.append(first + line)
    if not occurrences:
        return {CROSSING: crossings} if crossings else {}
    return {CROSSING: crossings, OCCURRENCE: occurrences} if crossings else {OCCURRENCE: occurrences}
