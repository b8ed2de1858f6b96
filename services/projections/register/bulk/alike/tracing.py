"""The rows of all stories of a kind, from one of them: folded with marks in place of what may differ.

Days become days of other centuries in the same order, areas and ids others that are the same where they were the same.
A cell that is a mark stands for that column. To be sure of it, all is done twice with other marks: a cell that is
neither the same mark nor the same value was calculated, and then nothing is known of the kind.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from services.projections.register.bulk.alike.kinds import Columns
from services.projections.register.bulk.alike.pages import DAY_MS
from services.projections.register.life.fact import Fact, Subject
from services.projections.register.shapes import BEFORE_SUBJECTS, SUBJECT, Shape

Story = Mapping[str, Any]
Events = Sequence[tuple[Shape, int, int]]
Write = Callable[[Sequence[Fact], bytes], Mapping[str, Sequence[tuple[Any, ...]]]]
"""Facts of one person, and who it is, to rows."""


class Copied(NamedTuple):
    """A cell that holds what stands in a column of the story."""

    column: str


Cell = Any
Pattern = Mapping[str, Sequence[Sequence[Cell]]]
"""Table → rows; a cell is `Copied` or the value itself."""


def trace(story: Story, columns: Columns, events: Events, write: Write) -> Pattern | None:
    """`story`: any of its kind. `events`: shape, people named, the person's place. None if it cannot be copied."""
    both = []
    for turn in (0, 1):
        marked, marks = _mark(story, columns, events, turn)
        facts = [_make_fact(marked, number, shape, count) for number, (shape, count, _) in enumerate(events)]
        both.append((write(facts, marked[f"0:{events[0][2]}.person_id"]), marks))
    (one, one_marks), (other, other_marks) = both
    if {table: len(lines) for table, lines in one.items()} != {table: len(lines) for table, lines in other.items()}:
        return None
    found: dict[str, list[list[Cell]]] = {}
    for table, lines in one.items():
        found[table] = []
        for line, again in zip(lines, other[table], strict=True):
            cells = [_read(*cell, one_marks, other_marks) for cell in zip(line, again, strict=True)]
            if _UNCLEAR in cells:
                return None
            found[table].append(cells)
    return found


class _Unclear:
    pass


_UNCLEAR = _Unclear()
Marks = Mapping[tuple[type, Any], str]


def _read(one: Any, other: Any, one_marks: Marks, other_marks: Marks) -> Cell:
    column = one_marks.get((type(one), one))
    if column is not None and column == other_marks.get((type(other), other)):
        return Copied(column)
    return one if (type(one), one) == (type(other), other) else _UNCLEAR


def _mark(story: Story, columns: Columns, events: Events, turn: int) -> tuple[dict[str, Any], Marks]:
    """The story with marks, and which column each mark stands for."""
    marked = dict(story)
    marks: dict[tuple[type, Any], str] = {}

    def put(names: Sequence[str], make: Callable[[int], Any]) -> None:
        # Equal values get equal marks, greater ones greater marks.
        values = {story[name] for name in names} - {None}
        ranks = {value: rank for rank, value in enumerate(sorted(values))}
        for name in names:
            if story[name] is not None:
                marked[name] = make(ranks[story[name]])
                marks[type(marked[name]), marked[name]] = name

    put(columns.days, lambda rank: -300_007 - turn * 20_011 + rank * (1_009 + 504 * turn))
    put(columns.recorded, lambda rank: 600_011 + turn * 30_011 + rank * (17 + 12 * turn))
    put(columns.registered, lambda rank: (400_009 + turn * 50_021 + rank * (2_503 + 613 * turn)) * DAY_MS)
    put(columns.areas, lambda rank: f"\1 area {turn} {rank}")
    put(columns.ids, lambda rank: bytes((turn + 1, rank)) * 8)
    for number, name in enumerate(columns.offices):
        marked[name] = f"\1 office {turn} {number}"
        marks[str, marked[name]] = name
    for number, (_, _, place) in enumerate(events):
        marked[f"{number}:{place}.person_id"] = marked[f"0:{events[0][2]}.person_id"]
        delay = marked[f"{number}:registered_at"] // DAY_MS - marked[f"{number}:occurred_on"]
        marks[int, delay] = f"{number}:delay_days"
    return marked, marks


def _make_fact(story: Story, number: int, shape: Shape, count: int) -> Fact:
    def get(name: str) -> Any:
        return story[f"{number}:{name}"]

    event_id = get("event_id")
    stand = (get("recorded_day") * DAY_MS, get("topic"), 0, number)
    subjects = tuple(Subject(*(get(f"{place}.{name}") for name in SUBJECT)) for place in range(count))
    envelope = map(get, BEFORE_SUBJECTS[1:])
    return Fact._make(
        (
            event_id,
            event_id,
            *stand,
            b"",
            shape.version.name,
            *envelope,
            subjects,
            tuple(map(get, shape.wanted)),
            None,
            False,
        )
    )
