"""The map at every day: areas with their versions, what became of them, what lies in what."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
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

    def find_version(self, area: str, day: int) -> Version | None:
        """The version in force on a day."""
        own = self.by_area.get(area, ())
        place = bisect_right(own, day, key=lambda version: version.valid_from) - 1
        return own[place] if place >= 0 and _holds(own[place].valid_to, day) else None

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


def _holds(valid_to: int | None, day: int) -> bool:
    return valid_to is None or day < valid_to


def _in_order(change: Change) -> tuple[int, str, str]:
    return change.day, change.predecessor or "", change.successor or ""


def _by_area(finding: Finding) -> tuple[str, int, str, bytes, str]:
    return finding.area, finding.day, finding.kind, finding.event_id or b"", finding.other or ""
