"""What is recorded of somebody who reads a draft: everybody whom it names can see it. Does no I/O."""

import msgspec

from services.ingest.corrections.draft import APPROVER, Draft
from services.kernel.identity.caller import Caller
from services.kernel.reading.paths import list_paths
from services.kernel.reading.recorder import COMPARTMENTS, Reading

DRAFTING = frozenset({"registrar", "service-worker"})  # geographers draft, but nothing about people


def describe_reading(draft: Draft, reader: Caller, purpose: str, route: str) -> Reading | None:
    """One look at a draft's post; None if that is gone."""
    if draft.post is None:
        return None
    document = msgspec.json.decode(draft.post)
    paths = list_paths(document)
    return Reading(
        people=draft.people,
        reader=reader,
        role=_role_of(reader, draft),
        purpose=purpose,
        route=route,
        fields=paths,
        compartments=tuple(name for name in COMPARTMENTS if any(name in path.split(".") for path in paths)),
        case_reference=document.get("case_reference") or str(draft.draft_id),
    )


def _role_of(reader: Caller, draft: Draft) -> str:
    """Nobody approves their own draft: its author reads it in the role in which it was drafted."""
    roles = reader.roles & draft.author.roles & DRAFTING
    if not roles or (APPROVER in reader.roles and reader.sub != draft.author.sub):
        return APPROVER
    return min(roles)
