"""One event on its way through the pipeline."""

from asyncio import Future
from typing import Any

from msgspec import Struct

from services.ingest.pipeline.outcome import Outcome
from services.kernel.codec.posts import Post
from services.kernel.database import Uuid
from services.kernel.identity.caller import Caller
from services.kernel.privacy.people import Naming


class Entry(Struct):
    """A checked post, who sent it, and what the steps find out about it.

    `namings`: one per subject, in order. `qualities`: of the identifiers of each subject. `names`: who each subject is
    on the log (in the service context a pseudonym). `target` and `replacement` are for corrections only.
    """

    post: Post
    event_uuid: Uuid
    event_id_text: str
    caller: Caller
    content_tag: bytes
    namings: list[Naming]
    qualities: list[list[str]]
    traceparent: str | None = None
    approved_by: str | None = None
    target: "Target | None" = None
    replacement: "Entry | None" = None
    names: list[bytes] = []
    done: "Future[Outcome] | None" = None
    give_up_at_s: float = 0.0

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
