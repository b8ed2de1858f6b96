"""What two registers do not agree on about a link. It belongs to a corridor, not to a conversation."""

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class FindingKind(StrEnum):
    """In what the two sides differ. D holds the inflow, O the outflow."""

    ONE_SIDED_AT_D = "ONE_SIDED_AT_D"
    ONE_SIDED_AT_O = "ONE_SIDED_AT_O"
    STATE_DIFFERS = "STATE_DIFFERS"
    DATES_DIFFER = "DATES_DIFFER"
    DUPLICATE_PERSON = "DUPLICATE_PERSON"


class FindingEnd(StrEnum):
    """A message in flight explains it, it is gone, or the partner answered what was asked because of it."""

    EXPLAINED = "EXPLAINED"
    MENDED = "MENDED"
    ANSWERED = "ANSWERED"


class FindingNote(NamedTuple):
    """A finding begins, or, with `ended`, ends. One is open at a time for a link and a kind: a second one is nothing.

    `run_id`: the run that saw it; None where this house saw it without its partner. `verify_id`: the conversation in
    which one of the two asks the other because of it.
    """

    finding_id: UUID
    link_id: UUID
    kind: FindingKind
    run_id: UUID | None = None
    verify_id: UUID | None = None
    ended: FindingEnd | None = None
