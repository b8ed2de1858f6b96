"""An event as the fold sees it: what may stand unsealed, in plain types."""

from typing import Any, NamedTuple


class Subject(NamedTuple):
    """Somebody whom an event names. `identified_by`: how ingest knew who it is."""

    role: str
    region: str
    person_id: bytes
    identified_by: str


class Fact(NamedTuple):
    """One event. Days are counted from 1970-01-01, instants in milliseconds from then; ids are 16 bytes.

    `thread_id`: the event that it speaks of: its own id, or for a correction or an annulment that of its target.
    All that was ever said about one event is one thread. `recorded_at`, `topic`, `partition`, `offset`: where it
    stands on the log; of several copies of one event the first by these counts, and `contested` says that another
    one has another content. `values`: the fields that the handler of the type asks for, in its order.
    """

    event_id: bytes
    thread_id: bytes
    recorded_at: int
    topic: str
    partition: int
    offset: int
    content_tag: bytes
    type: str
    occurred_on: int
    precision: str
    registered_at: int
    residence_area: str | None
    occurrence_area: str | None
    office: str
    source: str
    caused_by: bytes | None
    link_id: bytes | None
    subjects: tuple[Subject, ...]
    values: tuple[Any, ...]
    replacement: "Fact | None" = None
    contested: bool = False
