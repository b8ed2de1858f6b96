"""The life of a person, folded from what was logged. Pure: no I/O, no clock; a function of the set of facts.

`fold_people(facts, people)` gives lives, `rows(life)` what is written of one; `HANDLERS` says which fields of which
event types a fact must carry for it. `timeline(life)` and `describe(life, day)` are for readers.

The path of a fact: `threads` (copies, corrections, annulments: what stands) → `merges` (who is one person) → `fold`
(sorted by day, kind, registration) → `events/` (one function per type) → `finish` → `episodes` → `rows`.
Statistics stand beside `rows` (`services/projections/statistics`): what a life adds is read off the same episodes.
"""

from services.projections.register.life import events
from services.projections.register.life.course import LifeCourse
from services.projections.register.life.describe import describe
from services.projections.register.life.fact import Fact, Subject
from services.projections.register.life.findings import KINDS, Finding
from services.projections.register.life.fold import fold_people
from services.projections.register.life.handling import HANDLERS, handles
from services.projections.register.life.rows import TABLES, rows
from services.projections.register.life.timeline import timeline

__all__ = [
    "HANDLERS",
    "KINDS",
    "TABLES",
    "Fact",
    "Finding",
    "LifeCourse",
    "Subject",
    "describe",
    "events",
    "fold_people",
    "handles",
    "rows",
    "timeline",
]
