"""One event on its way through the pipeline."""

from asyncio import Future, get_running_loop
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from services.ingest.pipeline.outcome import Outcome
from services.kernel.contract.catalog import BlockVersion, EventVersion
from services.kernel.database import Uuid
from services.kernel.identity.caller import Caller
from services.kernel.privacy.people import Naming

SERVICE = "service"
"""The context whose events name people by pseudonyms."""


class Part(Naming, gc=False):
    """A subject as far as it is known: how it is named, and, bit by bit, who that is and what is written of it.

    `region`: whose id names the person. `blocks`: particulars in bare Avro, to be sealed, each with its schema.
    `name`: who it is on the log (in the service context a pseudonym).
    """

    role: str = ""
    region: str = ""
    blocks: Sequence[tuple[BlockVersion, bytes]] = ()
    name: bytes = b""


class Entry(Struct, gc=False):
    """A checked and written post, who sent it, and what the steps find out about it.

    `head` and `rest` are the event's bytes before and after its subjects; `key` is the Kafka key of an event that is
    not about people. `parts`: one per subject, in order. `values`, `target` and `replacement` are for corrections
    only.
    """

    event: EventVersion
    event_id: bytes
    caller: Caller
    content_tag: bytes
    office: str
    key: bytes | None
    head: bytes
    rest: bytes
    parts: list[Part]
    traceparent: str | None = None
    approved_by: str | None = None
    values: Any = None
    target: "Target | None" = None
    replacement: "Entry | None" = None
    submission: "Submission | None" = None
    place: int = 0

    @property
    def event_id_text(self) -> str:
        return str(Uuid(self.event_id))

    @property
    def is_pseudonymous(self) -> bool:
        """Whether its subjects stand on the log under their pseudonyms."""
        return self.event.context == SERVICE


class Submission:
    """The entries that one sender waits for together."""

    __slots__ = ("_left", "done", "give_up_at_s", "outcomes")

    def __init__(self, count: int, give_up_at_s: float) -> None:
        self.outcomes: list[Outcome | None] = [None] * count
        self.give_up_at_s = give_up_at_s
        self.done: Future[None] = get_running_loop().create_future()
        self._left = count

    def tell(self, place: int, outcome: Outcome) -> None:
        """Keeps the first outcome of an entry; wakes the sender with the last one."""
        if self.outcomes[place] is None:
            self.outcomes[place] = outcome
            self._left -= 1
            if not self._left and not self.done.done():
                self.done.set_result(None)

    def fail(self, error: Exception) -> None:
        """Lets the sender hear of a bug."""
        if not self.done.done():
            self.done.set_exception(error)


class Target(Struct, frozen=True):
    """The event that a correction or an annulment is about: where it stands on the log, and whom and what it names.

    `areas`: where the person lived and where it happened, as far as the event says.
    """

    topic: str
    type: str
    context: str
    key: bytes
    subjects: list[dict[str, Any]]
    areas: list[str]
