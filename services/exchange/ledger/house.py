"""What the fold asks of the house it runs in. All pure: one journal gives the same tables whenever it is folded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from services.exchange.protocol.conversation import Conversation, Directory
from services.exchange.protocol.stimuli import RegisterEvent


class RegisterPost(NamedTuple):
    """What is posted to the region's own ingest. `event_id` derives from (`caused_by`, `ordinal`)."""

    event_id: UUID
    type: str
    post: bytes


class Owed(Protocol):
    """What the house must do next: a word, what it is about, and why it needs people."""

    @property
    def does(self) -> str: ...

    @property
    def about(self) -> str: ...

    @property
    def why(self) -> str: ...


FindDuty = Callable[[Conversation, bool], Owed | None]
"""(conversation, whether it is known who is meant): what the house must do next; None for nothing."""

MakePosts = Callable[[Sequence[RegisterEvent], Conversation, UUID | None, datetime], Sequence[RegisterPost]]
"""(events of one decision, the conversation after it, who is meant, when it was decided)."""


@dataclass(frozen=True, slots=True)
class House:
    """`own`: this region. `directory`: read anew at each batch; calendars have histories, so it may only grow."""

    own: str
    directory: Callable[[], Directory]
    find_duty: FindDuty
    make_posts: MakePosts
