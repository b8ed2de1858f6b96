"""Who sees whom, and how much of it. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.kernel.errors import Rejected
from services.kernel.identity.area_tree import AreaTree
from services.kernel.identity.caller import Caller
from services.kernel.reading.purpose import settle_purpose

Rows = Sequence[Mapping[str, Any]]
Tables = Mapping[str, Rows]
"""Rows of a life by table and column, as in `register.life.TABLES`."""

CURRENT, PARTICULARS, HISTORY, TIMELINE, FINDINGS, SERVICES = (
    "current",
    "particulars",
    "history",
    "timeline",
    "findings",
    "services",
)
PROTECTION = "protection"


@dataclass(frozen=True, slots=True)
class View:
    """What a role is shown of a record. `compartments`: whose sealed particulars are opened."""

    sections: tuple[str, ...]
    compartments: tuple[str, ...] = ()
    sees_protected: bool = False


_REGISTER = (CURRENT, PARTICULARS, HISTORY, TIMELINE, FINDINGS)
# In the order in which a role is chosen for somebody who has several.
VIEWS: Mapping[str, View] = {
    "approver": View(_REGISTER, ("civil", "contact"), sees_protected=True),
    "registrar": View(_REGISTER, ("civil", "contact")),
    # Two purposes are never united: who delivers services sees nothing of the register.
    "service-worker": View((SERVICES,), ("service",)),
    # How data was used can be judged without names.
    "auditor": View((CURRENT, HISTORY, TIMELINE, FINDINGS)),
    "operator": View(()),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """A caller who reads for a purpose, in a role."""

    caller: Caller
    role: str
    purpose: str

    @property
    def view(self) -> View:
        """What is shown."""
        return VIEWS[self.role]


def settle_reader(
    caller: Caller, asked: str | None, roles: Collection[str], purposes: Mapping[str, frozenset[str]]
) -> Reader:
    """In which role the caller reads, and for what. `roles`: whom the matrix lets in here.

    Somebody who is registrar and approver reads as approver. Rejected("purpose-required") when no role of the
    caller may read for the purpose, Forbidden("purpose-not-yours") when the token says another.
    """
    mine = [role for role in VIEWS if role in caller.roles and role in roles]
    allowed = frozenset().union(*(purposes.get(role, frozenset()) for role in mine))
    purpose = settle_purpose(caller, asked, allowed)
    for role in mine:
        if purpose in purposes.get(role, frozenset()):
            return Reader(caller, role, purpose)
    raise Rejected("purpose-required", "?purpose")


def is_protected(tables: Tables, today: int) -> bool:
    """Whether a protection marker stands on the day."""
    return any(
        row["kind"] == PROTECTION and (row["to_day"] is None or row["to_day"] > today)
        for row in tables.get("marker", ())
    )


def sees(reader: Reader, tables: Tables, areas: Collection[str], tree: AreaTree, today: int) -> bool:
    """Whether the person exists for the reader: in an area that the reader covers, now or once, and not protected.

    `areas`: those of the person; somebody without any is in the charge of those who cover the whole region.
    """
    if is_protected(tables, today) and not reader.view.sees_protected:
        return False
    caller = reader.caller
    return caller.whole_region or any(tree.covers(caller.areas, area) for area in areas)


def require_sections(reader: Reader, include: str | None) -> tuple[str, ...]:
    """Which parts are shown: those asked for (`?include=current,history`), else all that the role may see.

    Rejected("wrong-parameter") for a part that there is not or that the role does not see.
    """
    if include is None:
        return reader.view.sections
    asked = include.split(",")
    if not asked or not set(asked) <= set(reader.view.sections):
        rule = f"For your role these are there: {', '.join(reader.view.sections)}."
        raise Rejected("wrong-parameter", "?include", rule=rule)
    return tuple(section for section in reader.view.sections if section in asked)
