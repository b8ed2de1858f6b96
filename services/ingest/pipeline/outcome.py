"""What became of one posted event."""

from dataclasses import dataclass, field

from msgspec import Struct

from services.kernel.errors import DomicileError
from services.kernel.log.producer import Position

RECORDED, REPEATED, CHECKED, REFUSED = "recorded", "repeated", "checked", "refused"


class Answer(Struct, array_like=True, frozen=True):
    """What is told about a recorded event, kept so that a retry is told the same. Ids are 16 bytes."""

    topic: str
    partition: int
    offset: int
    recorded_at_ms: int
    subjects: list[tuple[str, bytes, str]]
    findings: list[str]


@dataclass(slots=True)
class Subject:
    """Who a subject of the event is: role, person id (in the service context the pseudonym), how it was found."""

    role: str
    person_id: bytes
    identified_by: str


@dataclass(slots=True)
class Outcome:
    """`status`: recorded, repeated (the same was posted before), checked (dry run) or refused (see `error`).

    `areas`: for a correction, those that its target names; whoever approves it must cover one of them.
    """

    status: str
    event_id: str | None = None
    subjects: list[Subject] = field(default_factory=list)
    position: Position | None = None
    findings: list[str] = field(default_factory=list)
    error: DomicileError | None = None
    areas: list[str] = field(default_factory=list)

    @classmethod
    def told(cls, status: str, event_id: str, answer: Answer) -> "Outcome":
        """From the answer that was kept."""
        position = Position(answer.topic, answer.partition, answer.offset, answer.recorded_at_ms)
        return cls(status, event_id, [Subject(*each) for each in answer.subjects], position, list(answer.findings))

    @classmethod
    def refused(cls, error: DomicileError, event_id: str | None = None) -> "Outcome":
        return cls(REFUSED, event_id, error=error)
