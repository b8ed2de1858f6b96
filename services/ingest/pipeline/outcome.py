"""What became of one posted event."""

from collections.abc import Sequence

from msgspec import Struct

from services.kernel.errors import DomicileError
from services.kernel.log.producer import Position

RECORDED, REPEATED, CHECKED, REFUSED = "recorded", "repeated", "checked", "refused"


class Subject(Struct, array_like=True, frozen=True, gc=False):
    """Who a subject of the event is: role, person id (in the service context the pseudonym), how it was found."""

    role: str
    person_id: bytes
    identified_by: str


class Answer(Struct, array_like=True, frozen=True, gc=False):
    """What is told about a recorded event, kept so that a retry is told the same."""

    position: Position
    subjects: list[Subject]
    findings: list[str]


class Outcome(Struct, gc=False):
    """`status`: recorded, repeated (the same was posted before), checked (dry run) or refused (see `error`).

    For a correction, `areas` are those that its target names (whoever approves it must cover one of them), and
    `people` (region, person id) everybody whom its target or its replacement names.
    """

    status: str
    event_id: str | None = None
    subjects: Sequence[Subject] = ()
    position: Position | None = None
    findings: Sequence[str] = ()
    error: DomicileError | None = None
    areas: Sequence[str] = ()
    people: Sequence[tuple[str, bytes]] = ()

    @classmethod
    def told(cls, status: str, event_id: str, answer: Answer) -> "Outcome":
        """From the answer that was kept."""
        return cls(status, event_id, answer.subjects, answer.position, answer.findings)

    @classmethod
    def refused(cls, error: DomicileError, event_id: str | None = None) -> "Outcome":
        return cls(REFUSED, event_id, error=error)
