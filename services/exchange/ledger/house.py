"""What the fold asks of the house it runs in. All pure: one journal gives the same tables whenever it is folded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.exchange.protocol.conversation import Conversation, Directory
from services.exchange.protocol.envelope import Envelope
from services.exchange.protocol.stimuli import RegisterEvent


class Signed(NamedTuple):
    """A letter of ours as it leaves: the flattened JWS, and SHA-256 over its signed bytes."""

    jws: bytes
    signed_hash: bytes


class RegisterPost(NamedTuple):
    """What is posted to the region's own ingest. `event_id` derives from (`caused_by`, `ordinal`)."""

    event_id: UUID
    type: str
    post: bytes


Sign = Callable[[Envelope, int, bytes | None, datetime], Signed]
"""(letter, position in the chain from 1, hash of the letter before or None, when it leaves first): the key is that of
the instant."""

FindDuty = Callable[[Conversation, bool], str | None]
"""(conversation, whether it is known who is meant): what the house must do next; None for nothing."""

MakePosts = Callable[[Sequence[RegisterEvent], Conversation, UUID | None, datetime], Sequence[RegisterPost]]
"""(events of one decision, the conversation after it, who is meant, when it was decided)."""


@dataclass(frozen=True, slots=True)
class House:
    """`own`: this region. `directory`: read anew at each batch; calendars have histories, so it may only grow."""

    own: str
    directory: Callable[[], Directory]
    sign: Sign
    find_duty: FindDuty
    make_posts: MakePosts
