"""China's codes of administrative divisions (GB/T 2260): lists of several dates become areas and their changes.

What happened between two lists is dated with the later one, for that is when it is known to be so. The lists do not
say what became of a code that vanished. Equal names on both sides of a change are a hint and no statement, so they are
only listed, unless the geographer decides to take them as succession (`link_same_name`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from services.ingest.client.maps.draft import DOUBTFUL, LEFT_OUT, LOADED, Area, Draft, Kind
from services.kernel.asking import CannotGoOn

LISTS = {"revision", "code", "name"}
CHANGES = {"from_revision", "to_revision", "change", "code", "old_name", "new_name"}
COUNTIES = {"code", "name", "city_code", "province_code"}

_PROVINCE, _PREFECTURE, _COUNTY = Kind(1, "province"), Kind(2, "prefecture"), Kind(3, "county")
_CODE = re.compile(r"[1-9]\d{5}")
_YEAR = re.compile(r"(?:19|20)\d{2}")

NO_SUCCESSOR = "vanished, and no successor is stated"
NO_PREDECESSOR = "appeared, and no predecessor is stated"
SAME_NAME = "only one code of the same name on the other side: perhaps a recode, not stated as one"
OTHER_PLACE = "only one code of the same name on the other side, but of another level or province"
LINKED = "linked with the only code of the same name"
USED_AGAIN = "the code stood for another area before"
OTHER_LEVEL = "the code stands for a prefecture already and is kept as one"
NOT_A_CODE = "not a code of six digits, or without a name"
NOT_A_COUNTY = "in a list of counties, a code of another level that nobody established"
TWICE = "a second row for the code in one list"
CONTRADICTS = "the lists do not say so"

Row = Mapping[str, str]


class Table(NamedTuple):
    """A file: its name, the names of its columns, and its rows."""

    file: str
    header: frozenset[str]
    rows: Sequence[Row]


class _List(NamedTuple):
    """All codes of a date. `counties_only`: it says nothing of the levels above."""

    file: str
    on: str
    revision: str
    rows: Sequence[tuple[int, str, str]]
    counties_only: bool


def draft_gb2260(tables: Sequence[Table], region: str, office: str, link_same_name: bool = False) -> Draft:
    """Posts for lists (revision, code, name), lists of counties (code, name, city_code, province_code; the year stands
    in the file's name) and, to be compared with them, lists of changes. CannotGoOn without a list.
    """
    draft = Draft(region, office)
    lists = sorted((each for table in tables for each in _read_lists(table)), key=lambda each: each.on)
    if not lists:
        raise CannotGoOn("There is no list among the files.", "A list has the columns revision, code, name.")
    reader = _Reader(draft, link_same_name)
    for each in lists:
        reader.take(each)
    for table in tables:
        if table.header >= CHANGES:
            reader.check(table)
    return draft


def _read_lists(table: Table) -> Iterator[_List]:
    if table.header >= CHANGES:
        return
    if not table.header >= LISTS and not table.header >= COUNTIES:
        raise CannotGoOn(f"{table.file} is no table of this format.", "Its columns are revision, code, name.")
    numbered = [(number, row["code"].strip(), row["name"].strip()) for number, row in enumerate(table.rows, 1)]
    if table.header >= COUNTIES:
        year = _YEAR.search(table.file)
        if year is None:
            raise CannotGoOn(f"{table.file} does not say of which year it is.", "Put the year into its name.")
        yield _List(table.file, year.group(), year.group(), numbered, counties_only=True)
        return
    for revision in sorted({row["revision"] for row in table.rows}):
        if not re.fullmatch(r"\d{6}", revision):
            raise CannotGoOn(f"{table.file}: {revision!r} is no revision.", "It is a year and a month: 201904.")
        own = [line for line, row in zip(numbered, table.rows, strict=True) if row["revision"] == revision]
        yield _List(table.file, f"{revision[:4]}-{revision[4:]}", revision, own, counties_only=False)


class _Step(NamedTuple):
    """From one list to the next. `hints`: code that vanished → code of its name that appeared; `links`: those of them
    that are taken as succession; `provinces`: first digits of provinces that appeared; `standing`: the map after it.
    """

    new: _List
    listed: Mapping[str, tuple[int, str]]
    gone: Sequence[str]
    appeared: Sequence[str]
    hints: Mapping[str, str]
    links: Mapping[str, str]
    provinces: frozenset[str]
    standing: frozenset[str]

    def reason(self, old: str | None, new: str | None, without: str) -> tuple[str, str]:
        """Outcome and reason of a code that vanished or appeared; one of both is None where there is no hint."""
        if old is None or new is None:
            return DOUBTFUL, without
        if old in self.links:
            return LOADED, LINKED
        return DOUBTFUL, SAME_NAME if _is_near(old, new, self.provinces) else OTHER_PLACE


class _Reader:
    """Takes lists in the order of their dates."""

    def __init__(self, draft: Draft, link_same_name: bool) -> None:
        self._draft = draft
        self._link = link_same_name
        self._last: str | None = None
        # (from, to, change, code) → outcome and reason, as the lists have it
        self._seen: dict[tuple[str, str, str, str], tuple[str, str]] = {}

    def take(self, new: _List) -> None:
        """The difference to the list before it, as posts."""
        step = self._compare(new)
        self._establish(step)
        self._keep(step)
        self._abolish(step)
        self._last = new.revision

    def check(self, table: Table) -> None:
        """Each row of a list of changes says what the lists say, or that is its account."""
        for number, row in enumerate(table.rows, 1):
            key = (row["from_revision"], row["to_revision"], row["change"], row["code"])
            outcome, reason = self._seen.get(key, (LEFT_OUT, CONTRADICTS))
            self._draft.account(table.file, number, row["code"], outcome, reason)

    def _accept(self, new: _List) -> dict[str, tuple[int, str]]:
        """Code → row and name."""
        listed: dict[str, tuple[int, str]] = {}
        for number, code, name in new.rows:
            if not _CODE.fullmatch(code) or not name:
                self._draft.account(new.file, number, code, LEFT_OUT, NOT_A_CODE)
            elif code in listed:
                self._draft.account(new.file, number, code, LEFT_OUT, TWICE)
            elif new.counties_only and code.endswith("00"):
                known = code in self._draft.in_force
                self._draft.account(
                    new.file, number, code, DOUBTFUL if known else LEFT_OUT, OTHER_LEVEL if known else NOT_A_COUNTY
                )
            else:
                listed[code] = (number, name)
        return listed

    def _compare(self, new: _List) -> _Step:
        in_force = self._draft.in_force
        listed = self._accept(new)
        gone = [code for code in in_force if code not in listed and not (new.counties_only and code.endswith("00"))]
        appeared = sorted((code for code in listed if code not in in_force), key=_by_level)
        hints = _find_hints({c: in_force[c].name for c in gone}, {c: listed[c][1] for c in appeared})
        provinces = frozenset(code[:2] for code in appeared if _kind_of(code) == _PROVINCE)
        links = {old: to for old, to in hints.items() if self._link and _is_near(old, to, provinces)}
        standing = frozenset(listed) | (set(in_force) - set(gone))
        return _Step(new, listed, gone, appeared, hints, links, provinces, standing)

    def _establish(self, step: _Step) -> None:
        hinted = {to: old for old, to in step.hints.items()}
        linked = {to: old for old, to in step.links.items()}
        for code in step.appeared:
            number, name = step.listed[code]
            area = Area(name, _kind_of(code), _parent_of(code, step.standing))
            self._draft.establish(step.new.on, code, area, [linked[code]] if code in linked else ())
            outcome, reason = LOADED, ""
            if self._last is not None:
                outcome, reason = step.reason(hinted.get(code), code, NO_PREDECESSOR)
            if self._draft.former.get(code, name) != name:
                outcome, reason = DOUBTFUL, USED_AGAIN
            self._draft.account(step.new.file, number, code, outcome, reason)
            self._note(step.new, "appeared", code, outcome, reason)

    def _keep(self, step: _Step) -> None:
        """Codes that were there before: their names and parents."""
        draft, appeared = self._draft, set(step.appeared)
        for code in sorted(step.standing - appeared):
            area = draft.in_force[code]
            parent = _parent_of(code, step.standing)
            if parent is not None and parent != area.parent:
                draft.move(step.new.on, code, parent)
            if code not in step.listed:
                continue
            number, name = step.listed[code]
            if name != area.name:
                draft.rename(step.new.on, code, name)
                self._note(step.new, "renamed", code, LOADED, "")
            draft.account(step.new.file, number, code)

    def _abolish(self, step: _Step) -> None:
        for code in sorted(step.gone, key=_by_level, reverse=True):
            outcome, reason = step.reason(code, step.hints.get(code), NO_SUCCESSOR)
            self._draft.abolish(step.new.on, code, [step.links[code]] if code in step.links else ())
            self._note(step.new, "vanished", code, outcome, reason)
            self._draft.account(step.new.file, 0, code, outcome, reason)

    def _note(self, new: _List, change: str, code: str, outcome: str, reason: str) -> None:
        self._seen[self._last or "", new.revision, change, code] = (outcome, reason)


def _by_level(code: str) -> tuple[int, str]:
    return _kind_of(code).level, code


def _kind_of(code: str) -> Kind:
    if code.endswith("0000"):
        return _PROVINCE
    return _PREFECTURE if code.endswith("00") else _COUNTY


def _parent_of(code: str, standing: frozenset[str]) -> str | None:
    """By the digits; a county without a prefecture lies in its province."""
    above = (f"{code[:4]}00", f"{code[:2]}0000")
    return next((each for each in above if each != code and each in standing), None)


def _find_hints(gone: Mapping[str, str], appeared: Mapping[str, str]) -> dict[str, str]:
    """Code that vanished → code that appeared, where no other of either has their name. Given: code → name."""
    went, came = Counter(gone.values()), Counter(appeared.values())
    found = {name: code for code, name in appeared.items()}
    return {code: found[name] for code, name in gone.items() if went[name] == came[name] == 1}


def _is_near(old: str, new: str, provinces: frozenset[str]) -> bool:
    """Of one level, and of one province or of one that is new."""
    return _kind_of(old) == _kind_of(new) and (old[:2] == new[:2] or new[:2] in provinces)
