"""What lies in what, and when: every pair of an area and one above it, with the days on which that holds."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from services.projections.geography.atlas.course import Version
from services.projections.geography.atlas.findings import CYCLE, UNKNOWN_PARENT, WRONG_LEVEL, Finding

FAR = 2**31 - 1
"""A day after all days."""
DEPTH_MAX = 32
"""Deeper than any map; what lies deeper has nothing above these."""


class Link(NamedTuple):
    """`descendant` lies in `ancestor`, `depth` steps above it (0: itself), until the day before `valid_to`."""

    ancestor: str
    descendant: str
    depth: int
    valid_from: int
    valid_to: int | None


class _Span(NamedTuple):
    first: int
    end: int
    parent: str | None
    level: int | None


Line = tuple[int, int, tuple[str, ...]]
"""From, to, and an area with all above it, from near to far."""
_Spans = Mapping[str, Sequence[_Span]]


def link(versions: Sequence[Version]) -> tuple[list[Link], list[Finding]]:
    """All links, in order, and what is wrong with parents. `versions`: in order of area and day.

    Of areas that lie in each other in a ring none has anything above it while that lasts.
    """
    spans = {area: _join(list(own)) for area, own in groupby(versions, key=lambda version: version.area)}
    links: list[Link] = []
    findings: set[Finding] = set()
    for area, own in spans.items():
        found: list[tuple[str, int, int, int]] = []
        for span in own:
            findings.update(_judge(area, span, spans))
            for first, end, line in _climb(spans, (area,), span, span.first, span.end):
                if len(set(line)) < len(line):
                    findings.update(_ring(line, area, first))
                    line = _trim(line)
                found += [(ancestor, depth, first, end) for depth, ancestor in enumerate(line)]
        links += _coalesce(area, found)
    return links, sorted(findings, key=lambda each: (each.area, each.day, each.kind, each.other or ""))


def _join(versions: Sequence[Version]) -> list[_Span]:
    """Spans of equal parent and level: names play no part here."""
    spans: list[_Span] = []
    for each in versions:
        end = FAR if each.valid_to is None else each.valid_to
        last = spans[-1] if spans else None
        if last and last.end == each.valid_from and (last.parent, last.level) == (each.parent, each.level):
            spans[-1] = last._replace(end=end)
        else:
            spans.append(_Span(each.valid_from, end, each.parent, each.level))
    return spans


def _climb(spans: _Spans, line: tuple[str, ...], span: _Span, first: int, end: int) -> Iterator[Line]:
    """Lines of one area over [first, end); one that comes back to itself ends with the area that it met again."""
    parent = span.parent
    if parent is None or parent not in spans or len(line) > DEPTH_MAX:
        yield first, end, line
        return
    if parent in line:
        yield first, end, (*line, parent)
        return
    at = first
    for above in spans[parent]:
        low, high = max(first, above.first), min(end, above.end)
        if low >= high:
            continue
        if at < low:
            yield at, low, line
        yield from _climb(spans, (*line, parent), above, low, high)
        at = high
    if at < end:
        yield at, end, line


def _trim(line: tuple[str, ...]) -> tuple[str, ...]:
    """Without what lies above the first area of the ring."""
    return line[: line.index(line[-1]) + 1]


def _ring(line: tuple[str, ...], area: str, day: int) -> Iterator[Finding]:
    if line[-1] == area:
        yield Finding(CYCLE, area, day, None, line[1])


def _judge(area: str, span: _Span, spans: _Spans) -> Iterator[Finding]:
    if span.parent is None:
        return
    at = span.first
    for above in spans.get(span.parent, ()):
        low, high = max(span.first, above.first), min(span.end, above.end)
        if low >= high:
            continue
        if at < low:
            yield Finding(UNKNOWN_PARENT, area, at, None, span.parent)
        if above.level is not None and span.level is not None and above.level >= span.level:
            yield Finding(WRONG_LEVEL, area, low, None, span.parent)
        at = high
    if at < span.end:
        yield Finding(UNKNOWN_PARENT, area, at, None, span.parent)


def _coalesce(area: str, found: list[tuple[str, int, int, int]]) -> list[Link]:
    links: list[Link] = []
    for ancestor, depth, first, end in sorted(found):
        last = links[-1] if links else None
        until = None if end == FAR else end
        if last and last.valid_to == first and (last.ancestor, last.depth) == (ancestor, depth):
            links[-1] = last._replace(valid_to=until)
        else:
            links.append(Link(ancestor, area, depth, first, until))
    return links
