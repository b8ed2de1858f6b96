"""The map at every day: areas with their versions, what became of them, what lies in what."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from services.projections.geography.atlas.course import AreaCourse, Version
from services.projections.geography.atlas.fact import AreaFact, choose_copies
from services.projections.geography.atlas.findings import Finding
from services.projections.geography.atlas.hierarchy import Link, link
from services.projections.geography.atlas.lineage import Change
from services.projections.geography.atlas.threads import settle


class Atlas:
    """`versions` in the order of area and day; `changes` in that of days; `links` by descendant.

    Made by `fold_atlas` from events, or from the rows of the projection's tables.
    """

    def __init__(
        self,
        versions: Iterable[Version],
        changes: Iterable[Change],
        links: Iterable[Link],
        findings: Iterable[Finding] = (),
    ) -> None:
        self.versions: Sequence[Version] = sorted(versions, key=lambda each: each[:2])
        self.changes: Sequence[Change] = sorted(changes, key=_in_order)
        self.links: Sequence[Link] = sorted(links, key=lambda each: (each.descendant, each.depth, each.valid_from))
        self.findings: Sequence[Finding] = tuple(findings)

    @cached_property
    def by_area(self) -> Mapping[str, Sequence[Version]]:
        """Versions of each area that ever was, oldest first."""
        found: dict[str, list[Version]] = {}
        for version in self.versions:
            found.setdefault(version.area, []).append(version)
        return found

    @cached_property
    def _above(self) -> Mapping[str, Sequence[Link]]:
        found: dict[str, list[Link]] = {}
        for each in self.links:
            found.setdefault(each.descendant, []).append(each)
        return found

    @cached_property
    def _below(self) -> Mapping[str, Sequence[Link]]:
        found: dict[str, list[Link]] = {}
        for each in self.links:
            found.setdefault(each.ancestor, []).append(each)
        return found

    @cached_property
    def _went(self) -> Mapping[str, Sequence[Change]]:
        return _by(self.changes, lambda change: change.predecessor)

    @cached_property
    def _came(self) -> Mapping[str, Sequence[Change]]:
        return _by(self.changes, lambda change: change.successor)

    def changes_of(self, area: str) -> Sequence[Change]:
        """Where territory of an area went, oldest first."""
        return self._went.get(area, ())

    def changes_into(self, area: str) -> Sequence[Change]:
        """Where territory of an area came from, oldest first."""
        return self._came.get(area, ())

    def find_version(self, area: str, day: int) -> Version | None:
        """The version in force on a day."""
        own = self.by_area.get(area, ())
        place = bisect_right(own, day, key=lambda version: version.valid_from) - 1
        return own[place] if place >= 0 and _holds(own[place].valid_to, day) else None

    def find_anchor(self, area: str, day: int) -> int | None:
        """The day nearest to `day` on which the code was in force, of those before it first; None if it never was."""
        own = self.by_area.get(area)
        if not own:
            return None
        place = bisect_right(own, day, key=lambda version: version.valid_from) - 1
        if place < 0:
            return own[0].valid_from
        end = own[place].valid_to
        return day if end is None or day < end else end - 1

    def areas_at(self, day: int) -> dict[str, Version]:
        """The map of a day: the areas in force, by code."""
        return {v.area: v for v in self.versions if v.valid_from <= day and _holds(v.valid_to, day)}

    def line(self, area: str, day: int) -> tuple[str, ...]:
        """An area and what lies above it on a day, from near to far; empty if it is not in force."""
        own = self._above.get(area, ())
        return tuple(each.ancestor for each in own if each.valid_from <= day and _holds(each.valid_to, day))

    def subtree(self, area: str, day: int) -> tuple[str, ...]:
        """An area and all that lies in it on a day, in order; empty if it is not in force."""
        own = self._below.get(area, ())
        return tuple(each.descendant for each in own if each.valid_from <= day and _holds(each.valid_to, day))

    def ever_inside(self, area: str) -> frozenset[str]:
        """Whatever lay in an area on any day, itself included."""
        return frozenset(each.descendant for each in self._below.get(area, ()))

    @cached_property
    def turns(self) -> Sequence[int]:
        """Days on which an area came to lie in others than the day before; neither its first day nor its last."""
        found = set()
        for each in self.links:
            for day in (each.valid_from, each.valid_to) if each.depth else ():
                if day is not None and self.standing_line(each.descendant, day - 1) != self.standing_line(
                    each.descendant, day
                ):
                    found.add(day)
        return sorted(found)

    def standing_line(self, area: str, day: int) -> tuple[str, ...]:
        """As `line`, of the nearest day on which the code was in force."""
        anchor = self.find_anchor(area, day)
        return () if anchor is None else self.line(area, anchor)

    def find_above(self, area: str, level: int, day: int) -> str | None:
        """The area of a level in which `area` lies on a day, or which it is."""
        for code in self.line(area, day):
            version = self.find_version(code, day)
            if version is not None and version.level == level:
                return code
        return None


def fold_atlas(facts: Iterable[AreaFact]) -> Atlas:
    """The same facts, in any order and any number of copies, give the same atlas."""
    standing, findings = settle(choose_copies(facts))
    course = AreaCourse()
    course.fold(standing)
    links, doubts = link(course.versions)
    found = {*findings, *course.findings, *doubts}
    return Atlas(course.versions, course.changes, links, sorted(found, key=_by_area))


def _by(changes: Iterable[Change], area_of: Callable[[Change], str | None]) -> Mapping[str, Sequence[Change]]:
    found: dict[str, list[Change]] = {}
    for change in changes:
        area = area_of(change)
        if area is not None:
            found.setdefault(area, []).append(change)
    return found


def _holds(valid_to: int | None, day: int) -> bool:
    return valid_to is None or day < valid_to


def _in_order(change: Change) -> tuple[int, str, str]:
    return change.day, change.predecessor or "", change.successor or ""


def _by_area(finding: Finding) -> tuple[str, int, str, bytes, str]:
    return finding.area, finding.day, finding.kind, finding.event_id or b"", finding.other or ""
