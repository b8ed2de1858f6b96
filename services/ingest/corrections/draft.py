"""A draft, and who may do what with it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from services.kernel.identity.area_tree import AreaTree
from services.kernel.identity.caller import Caller

PENDING, APPROVING, APPROVED, WITHDRAWN = "pending", "approving", "approved", "withdrawn"
TWO_PEOPLE = frozenset({"EventCorrected", "EventAnnulled"})
_AREAS = ("residence_area", "occurrence_area")


@dataclass(frozen=True, slots=True)
class Draft:
    """A correction or annulment that waits for a second person, or did.

    `areas`: where the people concerned live and where it happened, before and after; `post`: the bytes as sent,
    None once it is settled; `settled_by`: who approves, approved or withdrew.
    """

    draft_id: UUID
    event_type: str
    areas: tuple[str, ...]
    author: Caller
    drafted_at: datetime
    status: str
    settled_by: str | None = None
    settled_at: datetime | None = None
    post: bytes | None = None

    @property
    def is_open(self) -> bool:
        return self.status in (PENDING, APPROVING)


def read_post(post: bytes) -> tuple[UUID, str, tuple[str, ...]]:
    """Id, type and areas of a posted correction that the pipeline found good. Rejected("not-a-correction") else."""
    try:
        document = msgspec.json.decode(post)
        event_type, event_id = document["type"], UUID(document["event_id"])
    except (msgspec.DecodeError, UnicodeDecodeError, LookupError, TypeError, ValueError, AttributeError):
        raise Rejected("not-a-correction", "/type") from None
    if event_type not in TWO_PEOPLE:
        raise Rejected("not-a-correction", "/type")
    return event_id, event_type, _areas(document)


def require_sight(draft: Draft, caller: Caller, tree: AreaTree) -> None:
    """Return if the caller covers the draft's areas or wrote it; else it does not exist for them."""
    if draft.author.sub == caller.sub or caller.whole_region:
        return
    if not draft.areas or not tree.covers(caller.areas, draft.areas):
        raise NotFound("unknown-draft")


def require_approvable(draft: Draft, caller: Caller, tree: AreaTree) -> None:
    """Return if the caller may approve: open, somebody else's, all its areas covered. Conflict, Forbidden else."""
    require_sight(draft, caller, tree)
    if not draft.is_open:
        raise Conflict("draft-settled")
    if draft.author.sub == caller.sub:
        raise Forbidden("same-person-approves")
    if not caller.whole_region and not (draft.areas and tree.covers(caller.areas, draft.areas)):
        raise Forbidden("area-not-yours")


def require_withdrawable(draft: Draft, caller: Caller, tree: AreaTree) -> None:
    """Return if the caller may withdraw: the author, or an approver who covers it, while nobody approves it."""
    require_sight(draft, caller, tree)
    if draft.status != PENDING:
        raise Conflict("draft-settled")
    if draft.author.sub != caller.sub and "approver" not in caller.roles:
        raise Forbidden("role-may-not")


def _areas(document: Mapping[str, Any]) -> tuple[str, ...]:
    replacement = document.get("replacement")
    found: set[str] = set()
    for part in (document, replacement if isinstance(replacement, dict) else {}):
        found |= {part[name] for name in _AREAS if isinstance(part.get(name), str)}
    return tuple(sorted(found))
