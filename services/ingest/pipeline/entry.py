"""One event on its way through the pipeline."""

from asyncio import Future, get_running_loop
from typing import Any

from msgspec import Struct

from services.ingest.pipeline.outcome import Outcome
from services.kernel.codec.posts import Post
from services.kernel.database import Uuid
from services.kernel.identity.caller import Caller
from services.kernel.privacy.people import Naming


class Entry(Struct):
    """A checked post, who sent it, and what the steps find out about it.

    `namings`: one per subject, in order. `names`: who each subject is on the log (in the service context a pseudonym).
    `target` and `replacement` are for corrections only.
    """

    post: Post
    event_uuid: Uuid
    event_id_text: str
    caller: Caller
    content_tag: bytes
    namings: list[Naming]
    traceparent: str | None = None
    approved_by: str | None = None
    target: "Target | None" = None
    replacement: "Entry | None" = None
    names: list[bytes] = []
    submission: "Submission | None" = None
    place: int = 0

    @property
    def values(self) -> Any:
        """The posted fields."""
        return self.post.values

    @property
    def event_id(self) -> bytes:
        return self.event_uuid.bytes

    @property
    def is_pseudonymous(self) -> bool:
        """Whether its subjects stand on the log under their pseudonyms."""
        return self.post.event.context == "service"


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
