"""Where one caller's posts are looked through: who may post what, from which office, about which place. Pure."""

from typing import Any

from services.kernel.contract.catalog import EventVersion
from services.kernel.errors import Forbidden, Rejected
from services.kernel.identity.area_tree import AreaTree
from services.kernel.identity.caller import Caller

GEOGRAPHY = "geography"
DESK_LENGTH_MAX = 4
PLACES_MAX = 1 << 12


class Desk:
    """One caller on one map: what passed once passes again.

    `types`: schema ids of what the caller may post. `places`: residence area, occurrence area and office, which come
    again and again.
    """

    __slots__ = ("caller", "is_system", "places", "types")

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.is_system = "system" in caller.roles
        self.types: set[int] = set()
        self.places: set[tuple[str | None, str | None, str]] = set()

    def let_in(self, event: EventVersion) -> None:
        """Notes that the caller may post such events. Raises `Forbidden`."""
        if event.two_people:
            raise Forbidden("needs-two-people", "/type")
        if not event.posted_by & self.caller.roles:
            may = f"{event.name} is posted by: {', '.join(sorted(event.posted_by))}."
            raise Forbidden("not-yours-to-post", "/type", rule=may)
        self.types.add(event.schema_id)

    def check_place(self, event: EventVersion, values: Any, tree: AreaTree) -> None:
        """Areas and office of the envelope. Raises `Rejected` or `Forbidden`."""
        for name in ("residence_area", "occurrence_area"):
            code = getattr(values, name)
            if code is not None and code not in tree:
                raise Rejected("unknown-area", f"/{name}")
        if event.context == GEOGRAPHY:
            if not self.caller.whole_region:
                raise Forbidden("area-not-yours", "/area")
            return
        _check_office(values.office, self.caller, tree)
        _check_coverage(values, self.caller, tree)
        if len(self.places) < PLACES_MAX:
            self.places.add((values.residence_area, values.occurrence_area, values.office))


def check_provenance(values: Any) -> None:
    """Only the system itself speaks for partners, or ties an event to a conversation."""
    if values.source not in (None, "office", "import"):
        raise Rejected("not-yours-to-set", "/source")
    if values.caused_by is values.conversation_id is values.link_id is None:
        return
    name = next(name for name in ("caused_by", "conversation_id", "link_id") if getattr(values, name) is not None)
    raise Rejected("not-yours-to-set", f"/{name}")


def _check_office(office: str, caller: Caller, tree: AreaTree) -> None:
    """An office is named after the area that it serves, so that nobody writes in another's name or puts a person's
    number there: it stands unsealed on the log."""
    if "system" in caller.roles:
        return
    area, _, desk = office.rpartition("-")
    if office in tree:
        area = office
    elif area not in tree or not desk.isalnum() or len(desk) > DESK_LENGTH_MAX:
        raise Rejected("unknown-office", "/office")
    if not caller.whole_region and not tree.covers(caller.areas, area):
        raise Forbidden("area-not-yours", "/office")


def _check_coverage(values: Any, caller: Caller, tree: AreaTree) -> None:
    """The office must cover where the person lives or where it happened."""
    if caller.whole_region:
        return
    named = [code for code in (values.residence_area, values.occurrence_area) if code is not None]
    if not any(tree.covers(caller.areas, code) for code in named):
        raise Forbidden("area-not-yours", "/residence_area")
