"""A draft, and who may do what with it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from services.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from services.kernel.identity.area_tree import AreaTree
from services.kernel.identity.caller import Caller

PENDING, APPROVING, APPROVED, WITHDRAWN, EXPIRED = "pending", "approving", "approved", "withdrawn", "expired"
APPROVER = "approver"
TWO_PEOPLE = frozenset({"EventCorrected", "EventAnnulled"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A correction or annulment that waits for a second person, or did.

    `areas`: where the person of the event that it is about lived and where that happened; `post`: the bytes as sent,
    None once it is settled; `settled_by`: who approves, approved or withdrew (nobody, if it expired); `people`: region
    and id of everybody whom it names, in the service context their pseudonyms.
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
    people: tuple[tuple[str, UUID], ...] = ()

    @property
    def is_open(self) -> bool:
        return self.status in (PENDING, APPROVING)


def read_post(post: bytes) -> tuple[UUID, str]:
    """Id and type of a posted correction that the pipeline found good. Rejected("not-a-correction") else."""
    try:
        document = msgspec.json.decode(post)
        event_type, event_id = document["type"], UUID(document["event_id"])
    except (msgspec.DecodeError, UnicodeDecodeError, LookupError, TypeError, ValueError, AttributeError):
        raise Rejected("not-a-correction", "/type") from None
    if event_type not in TWO_PEOPLE:
        raise Rejected("not-a-correction", "/type")
    return event_id, event_type


def covers(draft: Draft, caller: Caller, tree: AreaTree) -> bool:
    """Whether the caller covers one of the draft's areas, as an office must that posts an event."""
    return caller.whole_region or any(tree.covers(caller.areas, area) for area in draft.areas)


def is_seen(draft: Draft, caller: Caller, tree: AreaTree) -> bool:
    """Whether the draft exists for the caller: its author; an approver, or a colleague of a role that the author has,
    who covers one of its areas. So a registrar sees nothing of services, and who delivers them nothing of the register.
    """
    if draft.author.sub == caller.sub:
        return True
    return bool(caller.roles & {APPROVER, *draft.author.roles}) and covers(draft, caller, tree)


def require_sight(draft: Draft, caller: Caller, tree: AreaTree) -> None:
    """Return if the draft exists for the caller. NotFound("unknown-draft") else."""
    if not is_seen(draft, caller, tree):
        raise NotFound("unknown-draft")


def require_approvable(draft: Draft, caller: Caller, tree: AreaTree) -> None:
    """Return if the caller may approve: open, somebody else's, an area covered. Conflict or Forbidden else."""
    require_sight(draft, caller, tree)
    if not draft.is_open:
        raise Conflict("draft-settled")
    if draft.author.sub == caller.sub:
        raise Forbidden("same-person-approves")


def require_withdrawable(draft: Draft, caller: Caller, tree: AreaTree) -> None:
    """Return if the caller may withdraw: the author, or an approver who covers it, while nobody approves it."""
    require_sight(draft, caller, tree)
    if draft.status != PENDING:
        raise Conflict("draft-settled")
    if draft.author.sub != caller.sub and APPROVER not in caller.roles:
        raise Forbidden("role-may-not")
