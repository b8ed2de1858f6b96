"""What a rebuild is told, and what it tells."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

from services.projections.engine.projection import Projection

MakeProjection: TypeAlias = Callable[[], Projection]
"""Makes the projection anew in another process: it must be picklable, as a partial of a function of a module is."""

DEAL, SETTLE, FOLD, INDEX, FOLLOW, COMPARE, SWITCH = "deal", "settle", "fold", "index", "follow", "compare", "switch"


class Stop(Exception):
    """The rebuild ends here, for a reason that a person can act on. The live build was not touched."""


TOO_MANY = (
    "More records cannot be applied than can be by chance: something is wrong with the program, not with them. The live"
    " tables were not touched."
)


class Cancelled(Stop):
    """Somebody asked for it."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Where it happens. `owner_url`: the owner's login, for it makes tables. `folder`: for the files of the first two
    phases, about as large as the log; `processes`: how many share them. `part_records`: records in a part, of which
    each process holds one in memory. `aside_max`: so many records may be set aside, however few there are.
    """

    region: str
    bootstrap: str
    owner_url: str
    service_role: str
    folder: Path
    processes: int = 2
    part_records: int = 25_000
    aside_max: int = 20


@dataclass(frozen=True, slots=True)
class Order:
    """`verify`: compare and drop the build. `accept_differences`: switch whatever the comparison says, or without one
    where the live build is too far behind.
    """

    verify: bool = False
    accept_differences: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of one table that only one of the builds has, and the first columns of a few of them."""

    table: str
    only_live: int
    only_rebuilt: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`compared`: rows of each table that were found equal, or the differences. `kept`: the build is still there, live
    or to be switched to. `seconds`: by phase.
    """

    projection: str
    number: int
    records: int
    switched: bool
    kept: bool
    compared: bool
    rows: int
    differences: tuple[Difference, ...] = ()
    aside: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


class Watch(Protocol):
    """Who looks on."""

    def show(self, phase: str, done: int, total: int) -> None:
        """How far a phase is; records, or rows in `compare`. Called often."""

    def say(self, sentence: str) -> None:
        """What a person should know."""

    def is_cancelled(self) -> bool:
        """Whether the one who started it wants it stopped."""
