"""What a row found: figures against their peers, and what they cost."""

from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.usage import Meter, name_limit


@dataclass
class Figure:
    """`measured` in `unit`; `peer` (named) in the same unit, from the same run. `floor` and `goal` are held against
    `ratio` if `of_ratio`, else against `measured`; `smaller` when less is better.
    """

    what: str
    measured: float
    unit: str
    peer_name: str = ""
    peer: float | None = None
    floor: float | None = None
    goal: float | None = None
    of_ratio: bool = False
    smaller: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.measured / self.peer if self.peer else None

    @property
    def reached(self) -> str:
        """`goal`, `floor`, `below`, or nothing where nothing is asked."""
        value = self.ratio if self.of_ratio else self.measured
        if value is None or (self.floor is None and self.goal is None):
            return ""
        if self.goal is not None and self._as_good(value, self.goal):
            return "goal"
        if self.floor is None or self._as_good(value, self.floor):
            return "floor" if self.floor is not None else "below"
        return "below"

    def _as_good(self, value: float, limit: float) -> bool:
        return value <= limit if self.smaller else value >= limit

    def as_json(self) -> dict[str, Any]:
        return {**self.__dict__, "ratio": self.ratio, "reached": self.reached}


@dataclass
class Cost:
    """Per million events: processor seconds by process, bytes. Memory: highest bytes by process."""

    cpu_s: dict[str, float]
    log_bytes: float
    database_bytes: float
    memory_bytes: dict[str, int]
    limited_by: str
    others_cores: float

    @classmethod
    def of(cls, meter: Meter, events: int, memory: dict[str, int]) -> "Cost":
        scale = 1e6 / events
        return cls(
            {name: seconds * scale for name, seconds in meter.cpu.items()},
            meter.log_bytes * scale,
            meter.database_bytes * scale,
            memory,
            name_limit(meter),
            meter.others_s / meter.wall_s,
        )

    @property
    def total_cpu_s(self) -> float:
        return sum(self.cpu_s.values())


@dataclass
class Row:
    """One line of work, measured."""

    name: str
    title: str
    events: int
    figures: list[Figure] = field(default_factory=list)
    cost: Cost | None = None
    notes: list[str] = field(default_factory=list)
    failed: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            **self.__dict__,
            "figures": [figure.as_json() for figure in self.figures],
            "cost": self.cost and {**self.cost.__dict__, "total_cpu_s": self.cost.total_cpu_s},
        }
