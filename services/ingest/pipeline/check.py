"""What a well-formed post must satisfy beyond its shape. Pure: the caller, the map and the time are arguments.

Facts that merely contradict the record (a death before a birth) are not refused here or anywhere: a register that
refuses facts loses them.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from services.ingest.pipeline.entry import Target
from services.kernel.codec.posts import Post
from services.kernel.codec.posts.dates import EPOCH, YEAR_MAX, YEAR_MIN, OutOfRange, read_date
from services.kernel.contract.catalog import EventVersion
from services.kernel.contract.fields import Field
from services.kernel.contract.refusals import suggest
from services.kernel.errors import Forbidden, Rejected
from services.kernel.identity.area_tree import AreaTree
from services.kernel.identity.caller import Caller
from services.kernel.privacy.identifiers import CHECKSUM_BAD, Identifier, read_identifier
from services.kernel.privacy.people import CHECKSUM_BAD as CHECKSUM_FINDING
from services.kernel.privacy.people import Naming, derive_person_id
from services.kernel.privacy.region_key import RegionKey

CLOCK_TOLERANCE = timedelta(hours=24)
PLANNED_DAYS_MAX = 731
GEOGRAPHY = "geography"
DESK_LENGTH_MAX = 4
PLACES_MAX = 1 << 14


@dataclass(frozen=True, slots=True)
class _Plan:
    """What there is to check in an event type, found out once. `read_dates` gives the values of `dates`."""

    dates: tuple[str, ...]
    read_dates: Callable[[Any], tuple[str | None, ...]]
    areas: tuple[Field, ...]
    required: tuple[str, ...]


class Checker:
    """Lets posts of one region pass, or refuses them."""

    def __init__(self, region: str, region_key: RegionKey) -> None:
        self._region = region
        self._region_key = region_key
        self._plans: dict[int, _Plan] = {}
        self._map: AreaTree | None = None
        self._good_places: set[tuple[Any, ...]] = set()

    def check(self, post: Post, caller: Caller, tree: AreaTree, now: datetime) -> list[Naming]:
        """How each subject of the post is named. Raises `Rejected` or `Forbidden`."""
        event, values = post.event, post.values
        if event.two_people:
            raise Forbidden("needs-two-people", "/type")
        if not event.posted_by & caller.roles:
            raise _not_yours(event)
        _check_provenance(values, caller)
        self._check_dates(event, values, now)
        self._check_places(event, values, caller, tree)
        for field in self._plan(event).areas:
            self._check_area(field, values, tree)
        return self._name_subjects(post, caller)

    def check_correction(
        self, post: Post, replacement: Post | None, target: Target, caller: Caller, tree: AreaTree, now: datetime
    ) -> list[Naming]:
        """Of a correction or annulment that two people stand behind; a replacement is checked like any post, and how
        its subjects are named is returned.

        Raises `Rejected` or `Forbidden`; paths inside the replacement begin with `/replacement`.
        """
        self._check_dates(post.event, post.values, now)
        if post.values.subjects:
            raise Rejected("subjects-not-allowed", "/subjects")
        if not caller.whole_region and not any(tree.covers(caller.areas, area) for area in target.areas):
            raise Forbidden("area-not-yours", "/target_event_id")
        if replacement is None:
            return []
        if replacement.event.name != target.type:
            raise Rejected("target-of-other-type", "/replacement/type")
        if replacement.event_id != post.values.target_event_id:
            raise Rejected("target-of-other-type", "/replacement/event_id", rule="A replacement keeps its target's id.")
        with within("/replacement"):
            return self.check(replacement, caller, tree, now)

    def _check_dates(self, event: EventVersion, values: Any, now: datetime) -> None:
        today = now.toordinal() - EPOCH
        registered_at: datetime = values.registered_at
        if not YEAR_MIN <= registered_at.year <= YEAR_MAX:
            raise Rejected("date-out-of-range", "/registered_at")
        if registered_at > now + CLOCK_TOLERANCE:
            raise Rejected("future-date", "/registered_at")
        plan = self._plan(event)
        _read_dates(zip(plan.dates, plan.read_dates(values), strict=True))
        latest = today + (PLANNED_DAYS_MAX if event.may_be_planned else 1)
        if read_date(values.occurred_on)[0] > latest:
            raise Rejected("future-date", "/occurred_on")

    def _plan(self, event: EventVersion) -> "_Plan":
        return self._plans.get(event.schema_id) or self._make_plan(event)

    def _make_plan(self, event: EventVersion) -> "_Plan":
        own = event.own_fields
        # At least two, because an attrgetter of one gives no tuple.
        dates = ("occurred_on", *(field.name for field in own if field.kind == "date" and field.posted), "occurred_on")
        required = tuple(role.name for role in event.roles.values() if role.required)
        plan = _Plan(dates, attrgetter(*dates), tuple(field for field in own if field.is_area), required)
        self._plans[event.schema_id] = plan
        return plan

    def _check_places(self, event: EventVersion, values: Any, caller: Caller, tree: AreaTree) -> None:
        """Areas and office of the envelope, which come again and again: what passed once on a map passes again."""
        if tree is not self._map:
            self._map, self._good_places = tree, set()
        place = (values.residence_area, values.occurrence_area, values.office, caller.areas, caller.roles)
        if event.context != GEOGRAPHY and place in self._good_places:
            return
        for name in ("residence_area", "occurrence_area"):
            code = getattr(values, name)
            if code is not None and code not in tree:
                raise Rejected("unknown-area", f"/{name}")
        if event.context != GEOGRAPHY:
            _check_office(values.office, caller, tree)
            _check_coverage(values, caller, tree)
            if len(self._good_places) < PLACES_MAX:
                self._good_places.add(place)
        elif not caller.whole_region:
            raise Forbidden("area-not-yours", "/area")

    def _check_area(self, field: Field, values: Any, tree: AreaTree) -> None:
        code = getattr(values, field.name)
        if code is None:
            return
        if field.region_field and getattr(values, field.region_field) not in (None, self._region):
            return  # another region's map
        if not field.is_array:
            if code not in tree:
                raise Rejected("unknown-area", f"/{field.name}")
            return
        for index, each in enumerate(code):
            if each not in tree:
                raise Rejected("unknown-area", f"/{field.name}/{index}")

    def _name_subjects(self, post: Post, caller: Caller) -> list[Naming]:
        event, values = post.event, post.values
        subjects, roles, plan = values.subjects, event.roles, self._plan(event)
        counts: dict[str, int] = {}
        namings = []
        event_id = post.event_id.bytes
        for index, subject in enumerate(subjects):
            role = roles.get(subject.role)
            if role is None:
                raise _unknown_role(event, subject.role, index)
            ordinal = counts.get(subject.role, 0)
            counts[subject.role] = ordinal + 1
            if ordinal >= role.max:
                raise Rejected("too-many-subjects", f"/subjects/{index}")
            foreign = subject.region is not None and subject.region != self._region
            if foreign and ("system" not in caller.roles or subject.person_id is None):
                raise Rejected("not-yours-to-set", f"/subjects/{index}/region")
            naming = self._name(subject, index, derive_person_id(event_id, subject.role, ordinal))
            if role.birth_date_field:
                naming.birth_on = getattr(values, role.birth_date_field)
            namings.append(naming)
        for name in plan.required:
            if name not in counts:
                raise Rejected("missing-role", "/subjects", rule=f"{event.name} names a subject with the role {name}.")
        if len(subjects) > 1:
            _check_different(subjects)
        return namings

    def _name(self, subject: Any, index: int, derived: bytes) -> Naming:
        naming = Naming(derived, subject.person_id.bytes if subject.person_id else None)
        civil = getattr(subject, "civil", None)
        if civil is None or not civil.identifiers:
            return naming
        indexes = []
        for number, posted in enumerate(civil.identifiers):
            identifier = _read_identifier(posted, index, number)
            posted.quality = identifier.quality
            if identifier.may_match:
                indexes.append(self._region_key.blind_index(identifier.kind, identifier.compact))
            elif identifier.quality == CHECKSUM_BAD:
                naming.findings.append(CHECKSUM_FINDING)
        naming.indexes = indexes
        return naming


@contextmanager
def within(path: str) -> Iterator[None]:
    """Lets a refusal of something that is carried inside a post say where it stands in the whole."""
    try:
        yield
    except (Rejected, Forbidden) as error:
        error.path = path + error.path
        raise


def _not_yours(event: EventVersion) -> Forbidden:
    may = f"{event.name} is posted by: {', '.join(sorted(event.posted_by))}."
    return Forbidden("not-yours-to-post", "/type", rule=may)


def _unknown_role(event: EventVersion, posted: str, index: int) -> Rejected:
    """Names the roles that there are, never the one that was posted."""
    rule = f"The roles of {event.name} are: {', '.join(event.roles)}."
    remedy = f"Correct the role.{suggest(posted, event.roles)}"
    return Rejected("unknown-role", f"/subjects/{index}/role", rule, remedy)


def _read_dates(dates: Iterable[tuple[str, str | None]]) -> None:
    name = ""
    try:
        for name, text in dates:  # noqa: B007 - the refusal names it
            if text is not None:
                read_date(text)
    except OutOfRange:
        raise Rejected("date-out-of-range", f"/{name}") from None
    except ValueError:
        raise Rejected("bad-date", f"/{name}") from None


def _read_identifier(posted: Any, subject: int, number: int) -> Identifier:
    try:
        return read_identifier(posted.kind, posted.value)
    except ValueError as error:
        path = f"/subjects/{subject}/civil/identifiers/{number}/value"
        raise Rejected("bad-identifier", path, rule=f"The identifier cannot be right: {error}.") from None


def _check_provenance(values: Any, caller: Caller) -> None:
    """Only the system itself speaks for partners, or ties an event to a conversation."""
    if "system" in caller.roles:
        return
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


def _check_different(subjects: Iterable[Any]) -> None:
    seen = set()
    for index, subject in enumerate(subjects):
        if subject.person_id is not None:
            if subject.person_id in seen:
                raise Rejected("same-person-twice", f"/subjects/{index}/person_id")
            seen.add(subject.person_id)
