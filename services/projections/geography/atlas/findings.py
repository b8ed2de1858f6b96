"""What does not fit, by kind. None of it stops the fold: the map says what it can."""

from typing import NamedTuple

# About what was said: see the register's findings of the same names.
CONTESTED_COPY, ACT_ON_AN_ACT, TARGET_MISSING = "contested-copy", "act-on-an-act", "target-missing"
# About areas: an event needs one in force that is not; one in force is established again (the later word counts);
# a code names another area than before; a merger names a target that nobody established.
NOT_IN_FORCE, ESTABLISHED_TWICE, CODE_USED_AGAIN = "not-in-force", "established-twice", "code-used-again"
MERGED_INTO_NOTHING = "merged-into-unestablished"
# About succession: the area named is not on the map of the day before, or of the day.
NO_SUCH_PREDECESSOR, NO_SUCH_SUCCESSOR = "no-such-predecessor", "no-such-successor"
# About the hierarchy.
UNKNOWN_PARENT, CYCLE, WRONG_LEVEL = "unknown-parent", "cycle", "wrong-level"


class Finding(NamedTuple):
    """Something that does not fit. `event_id`: of which event, where there is one; `other`: another area in it."""

    kind: str
    area: str
    day: int
    event_id: bytes | None
    other: str | None
