"""What a well-formed post must satisfy beyond its shape. Pure: the caller, the map and the time are arguments.

Facts that merely contradict the record (a death before a birth) are not refused here or anywhere: a register that
refuses facts loses them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

from services.ingest.pipeline.desk import GEOGRAPHY, Desk, check_provenance
from services.ingest.pipeline.entry import Part, Target
from services.kernel.codec.posts import Post
from services.kernel.codec.posts.dates import EPOCH, YEAR_MAX, YEAR_MIN, OutOfRange, read_date, to_milliseconds
from services.kernel.contract.catalog import EventVersion
from services.kernel.contract.fields import Field
from services.kernel.contract.refusals import suggest
from services.kernel.errors import Forbidden, Rejected
from services.kernel.identity.area_tree import AreaTree
from services.kernel.identity.caller import Caller
from services.kernel.privacy.identifiers import CHECKSUM_BAD, MAY_MATCH, Identifier, read_identifier
from services.kernel.privacy.people import CHECKSUM_BAD as CHECKSUM_FINDING
from services.kernel.privacy.people import derive_person_id
from services.kernel.privacy.region_key import RegionKey

CLOCK_TOLERANCE = timedelta(hours=24)
PLANNED_DAYS_MAX = 731
DESKS_MAX = 256
ELSEWHERE = "region"
"""The word of the vocabulary place_kind for another region."""
LEFT_ON = "left_origin_on"
LEFT_LATER = "left-after-arrival"
"""Finding: somebody who arrived is said to have left the origin afterwards."""
_FIRST_MS = to_milliseconds(datetime(YEAR_MIN, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class _Plan:
    """What there is to check in an event type, found out once. The readers give the values of `dates` and `areas`."""

    dates: tuple[str, ...]
    read_dates: Callable[[Any], tuple[str | None, ...]]
    areas: tuple[Field, ...]
    read_areas: Callable[[Any], tuple[Any, ...]]
    no_areas: tuple[None, ...]
    required: tuple[str, ...]
    may_leave_later: bool


class Checker:
    """Lets posts of one region pass, or refuses them."""

    def __init__(self, region: str, region_key: RegionKey) -> None:
        self._region = region
        self._blind_index = region_key.blind_index
        self._plans: dict[int, _Plan] = {}
        self._map: AreaTree | None = None
        self._desks: dict[Caller, Desk] = {}
        self._desk: Desk | None = None
        self._now: datetime | None = None
        self._today = self._latest_ms = 0

    def check(self, post: Post, caller: Caller, tree: AreaTree, now: datetime) -> list[Part]:
        """The subjects of the post, and how each is named. Raises `Rejected` or `Forbidden`."""
        event, values, desk = post.event, post.values, self._desk
        if desk is None or desk.caller is not caller or tree is not self._map:
            desk = self._find_desk(caller, tree)
        if event.schema_id not in desk.types:
            desk.let_in(event)
        if not desk.is_system:
            check_provenance(values)
        plan = self._plans.get(event.schema_id) or self._make_plan(event)
        self._check_dates(post, plan, now)
        place = (values.residence_area, values.occurrence_area, values.office)
        if place not in desk.places or event.context == GEOGRAPHY:
            desk.check_place(event, values, tree)
        if plan.areas and plan.read_areas(values) != plan.no_areas:
            for field in plan.areas:
                self._check_area(field, values, tree)
        parts = self._name_subjects(event, plan, values, desk)
        if plan.may_leave_later and parts and _left_later(values):
            parts[0].findings += (LEFT_LATER,)
        return parts

    def check_correction(
        self, post: Post, replacement: Post | None, target: Target, caller: Caller, tree: AreaTree, now: datetime
    ) -> list[Part]:
        """Of a correction or annulment that two people stand behind; a replacement is checked like any post, and its
        subjects are returned.

        Raises `Rejected` or `Forbidden`; paths inside the replacement begin with `/replacement`.
        """
        plan = self._plans.get(post.event.schema_id) or self._make_plan(post.event)
        self._check_dates(post, plan, now)
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

    def _find_desk(self, caller: Caller, tree: AreaTree) -> Desk:
        if tree is not self._map or len(self._desks) >= DESKS_MAX:
            self._map, self._desks = tree, {}
        desk = self._desks.get(caller)
        if desk is None:
            desk = self._desks[caller] = Desk(caller)
        desk.caller = caller  # an equal one may be another object
        self._desk = desk
        return desk

    def _check_dates(self, post: Post, plan: _Plan, now: datetime) -> None:
        if now is not self._now:
            self._now, self._today = now, now.toordinal() - EPOCH
            self._latest_ms = to_milliseconds(now + CLOCK_TOLERANCE)
        values = post.values
        if not _FIRST_MS <= post.registered_at_ms <= self._latest_ms:
            is_near = post.registered_at_ms > self._latest_ms and values.registered_at.year <= YEAR_MAX
            raise Rejected("future-date" if is_near else "date-out-of-range", "/registered_at")
        try:
            for text in plan.read_dates(values):
                if text is not None:
                    read_date(text)
        except ValueError:
            _read_dates(zip(plan.dates, plan.read_dates(values), strict=True))
        latest = self._today + (PLANNED_DAYS_MAX if post.event.may_be_planned else 1)
        if read_date(values.occurred_on)[0] > latest:
            raise Rejected("future-date", "/occurred_on")

    def _make_plan(self, event: EventVersion) -> _Plan:
        own = event.own_fields
        areas = tuple(field for field in own if field.is_area)
        # At least two of each, because an attrgetter of one gives no tuple.
        dates = ("occurred_on", *(field.name for field in own if field.kind == "date" and field.posted), "occurred_on")
        named = (*(field.name for field in areas), *(field.name for field in areas)) or ("office", "office")
        required = tuple(role.name for role in event.roles.values() if role.required)
        plan = _Plan(
            dates, attrgetter(*dates), areas, attrgetter(*named), tuple(None for _ in named), required, LEFT_ON in dates
        )
        self._plans[event.schema_id] = plan
        return plan

    def _check_area(self, field: Field, values: Any, tree: AreaTree) -> None:
        code = getattr(values, field.name)
        if field.region_field:
            region = getattr(values, field.region_field)
            if region not in (None, self._region):
                return  # another region's map
            if (code is not None or region is not None) and _is_elsewhere(field.region_field, values):
                raise _nowhere_else(field, region)
        if code is None:
            return
        if not field.is_array:
            if code not in tree:
                raise Rejected("unknown-area", f"/{field.name}")
            return
        for index, each in enumerate(code):
            if each not in tree:
                raise Rejected("unknown-area", f"/{field.name}/{index}")

    def _name_subjects(self, event: EventVersion, plan: _Plan, values: Any, desk: Desk) -> list[Part]:
        subjects, roles = values.subjects, event.roles
        event_id: bytes = values.event_id.int.to_bytes(16, "big")
        parts: list[Part] = []
        named: list[str] = []
        for index, subject in enumerate(subjects):
            name = subject.role
            role = roles.get(name)
            if role is None:
                raise _unknown_role(event, name, index)
            ordinal = named.count(name)
            if ordinal >= role.max:
                raise Rejected("too-many-subjects", f"/subjects/{index}")
            named.append(name)
            given, region = subject.person_id, subject.region
            if region is None:
                region = self._region
            elif region != self._region and (not desk.is_system or given is None):
                raise Rejected("not-yours-to-set", f"/subjects/{index}/region")
            birth_on = getattr(values, role.birth_date_field) if role.birth_date_field else None
            derived = derive_person_id(event_id, name, ordinal)
            part = Part(derived, given.bytes if given else None, (), birth_on, b"", "", (), name, region)
            civil = getattr(subject, "civil", None)
            if civil is not None and civil.identifiers:
                self._read_identifiers(part, civil.identifiers, index)
            parts.append(part)
        for name in plan.required:
            if name not in named:
                raise Rejected("missing-role", "/subjects", rule=f"{event.name} names a subject with the role {name}.")
        if len(parts) > 1:
            _check_different(subjects)
        return parts

    def _read_identifiers(self, part: Part, posted: Sequence[Any], subject: int) -> None:
        """Sets how good each is, and the blind indexes of those that may match."""
        indexes = []
        for number, one in enumerate(posted):
            identifier = _read_identifier(one, subject, number)
            quality = one.quality = identifier.quality
            if quality in MAY_MATCH:
                indexes.append(self._blind_index(identifier.kind, identifier.compact))
            elif quality == CHECKSUM_BAD:
                part.findings += (CHECKSUM_FINDING,)
        part.indexes = indexes


@contextmanager
def within(path: str) -> Iterator[None]:
    """Lets a refusal of something that is carried inside a post say where it stands in the whole."""
    try:
        yield
    except (Rejected, Forbidden) as error:
        error.path = path + error.path
        raise


def _left_later(values: Any) -> bool:
    """As precisely as both are known: in the same month is not later."""
    left, arrived = getattr(values, LEFT_ON) or "", values.occurred_on
    known = min(len(left), len(arrived))
    return bool(left[:known] > arrived[:known])


def _is_elsewhere(region_field: str, values: Any) -> bool:
    return getattr(values, region_field.removesuffix("_region") + "_kind", None) == ELSEWHERE


def _nowhere_else(field: Field, region: str | None) -> Rejected:
    """Another region is meant, and none or our own is named: nobody would ever hear of it."""
    name = field.region_field
    if region is None:
        return Rejected("missing-field", f"/{name}", rule=f"Without {name}, {field.name} is an area of this region.")
    return Rejected("unknown-area", f"/{name}", rule=f"{name} is this region itself, and no other one.")


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


def _check_different(subjects: Iterable[Any]) -> None:
    seen = set()
    for index, subject in enumerate(subjects):
        if subject.person_id is not None:
            if subject.person_id in seen:
                raise Rejected("same-person-twice", f"/subjects/{index}/person_id")
            seen.add(subject.person_id)
