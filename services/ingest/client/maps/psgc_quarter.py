"""What the lines of one quarter say, as posts."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from services.ingest.client.maps.draft import DOUBTFUL, LOADED, Area, Draft, Kind

CREATE, RECODE, DIVIDE, MERGE, RENAME, DELETE = "create", "recode", "divide", "merge", "rename", "delete"
# Region, province, city or municipality, barangay; in the words of the vocabulary.
_KINDS = (Kind(1, "province"), Kind(2, "prefecture"), Kind(3, "municipality"), Kind(4, "community"))
_LONG = 10

NO_MOTHER_CODE = "it came out of another area, and no code of that is stated"
BAD_OLD_CODE = "its former code has not nine or ten digits"
SAME_CODE = "moved, and the code says nothing of it"
MOTHER_STAYS = "nothing says whether the area that was divided goes on: it does"
IN_FORCE = "the new code was in force already"
BOTH_WAYS = "the former code is given to another area in the same quarter"
ENDED_BEFORE = "the former code had ended before: taken as in force again"
USED_AGAIN = "the new code stood for an area before"
NO_FORMER_NAME = "its former name is not stated"


class Line(NamedTuple):
    """A row with all that is used of it. `former`: the name before, of a renaming; `bad_old`: a former code that is
    none was left out of `olds`.
    """

    file: str
    row: int
    kind: str
    new: str | None
    olds: tuple[str, ...]
    name: str
    former: str
    bad_old: bool

    @property
    def sources(self) -> list[str]:
        """Other areas that it came from."""
        return [old for old in self.olds if old != self.new]


def take_quarter(draft: Draft, first: str, last: str, lines: Sequence[Line]) -> None:
    """Adds the posts and accounts of a quarter, whose months are `first` and `last`."""
    quarter = _Quarter(draft, first, last, lines)
    quarter.establish_former()
    quarter.establish_new()
    quarter.end_former()
    quarter.rename()
    quarter.account()


class _Quarter:
    def __init__(self, draft: Draft, first: str, last: str, lines: Sequence[Line]) -> None:
        self._draft = draft
        self._first, self._last = first, last
        self._lines = lines
        # Codes to which something else went, and where the territory of codes went.
        self._targets = {line.new for line in lines if line.new and line.sources}
        self._went: dict[str, dict[str, None]] = defaultdict(dict)
        for line in lines:
            for old in line.sources:
                if line.new:
                    self._went[old][line.new] = None
        self._doubts: dict[int, str] = {}

    def establish_former(self) -> None:
        """Areas that are spoken of as if they were known, and are not."""
        for line in self._lines:
            wanted = [(old, line.former or line.name) for old in line.olds]
            if line.new and (line.kind in (RENAME, DELETE) or line.new in line.olds or not self._is_new(line)):
                wanted.append((line.new, line.former or line.name))
            for code, name in wanted:
                # What comes into being in this very quarter was not there before, unless its own territory is at stake.
                new_now = code in self._targets and not (
                    line.kind in (MERGE, DIVIDE) and code in line.olds and code == line.new
                )
                if code not in self._draft.in_force and not new_now:
                    if code in self._draft.former:
                        self._doubts[line.row] = ENDED_BEFORE
                    self._draft.establish(self._first, code, _area(code, name))

    def establish_new(self) -> None:
        """Areas that came into being, with those of which they took territory."""
        sources: dict[str, dict[str, None]] = defaultdict(dict)
        names: dict[str, str] = {}
        for line in self._lines:
            if line.new and self._is_new(line):
                names.setdefault(line.new, line.name)
                sources[line.new].update(dict.fromkeys(line.sources))
                if line.new in self._draft.in_force:
                    self._doubts[line.row] = IN_FORCE
                elif line.new in self._draft.former:
                    self._doubts[line.row] = USED_AGAIN
        for code, name in names.items():
            if code not in self._draft.in_force:
                self._draft.establish(self._last, code, _area(code, name), list(sources[code]))

    def end_former(self) -> None:
        """Areas whose territory went elsewhere; mergers; deletions."""
        stays = self._find_staying()
        merged: set[str] = set()
        for line in self._lines:
            if line.kind == MERGE and line.new and line.sources:
                self._draft.merge(self._last, line.new, line.olds)
                merged.update(line.sources)
        for old, targets in self._went.items():
            if old in merged and set(targets) <= {line.new for line in self._lines if line.kind == MERGE}:
                continue
            if old in stays:
                self._draft.split(self._last, old, list(targets), continues=True)
            elif len(targets) > 1:
                self._draft.split(self._last, old, list(targets), continues=False)
            else:
                self._draft.abolish(self._last, old, list(targets))
        for line in self._lines:
            if line.kind == DELETE:
                for code in {line.new, *line.olds} - {None}:
                    if code in self._draft.in_force:
                        self._draft.abolish(self._last, str(code))

    def rename(self) -> None:
        """Areas with another name and the code that they had."""
        for line in self._lines:
            if line.new is None or line.kind == DELETE or line.new not in self._draft.in_force:
                continue
            named_anew = line.kind == RENAME or (line.new in line.olds and line.former)
            if named_anew and line.name and self._draft.in_force[line.new].name != line.name:
                self._draft.rename(self._last, line.new, line.name)

    def account(self) -> None:
        """What became of each line."""
        for line in self._lines:
            reason = self._doubts.get(line.row) or self._find_doubt(line)
            outcome = DOUBTFUL if reason else LOADED
            self._draft.account(line.file, line.row, line.new or " ".join(line.olds), outcome, reason)

    def _is_new(self, line: Line) -> bool:
        """Whether the line brings its new code into being."""
        if line.new in line.olds or line.kind == DELETE:
            return False
        return line.kind != RENAME or bool(line.sources)

    def _find_staying(self) -> set[str]:
        """Codes of which something went elsewhere, and which go on."""
        stays = {line.new for line in self._lines if line.new in line.olds and line.kind != MERGE}
        divided: dict[str, list[Line]] = defaultdict(list)
        for line in self._lines:
            if line.kind == CREATE:
                stays.update(line.sources)
            if line.kind == DIVIDE:
                for old in line.sources:
                    divided[old].append(line)
        for old, lines in divided.items():
            if len(self._went[old]) == 1 and old not in stays:
                stays.add(old)
                self._doubts.update((line.row, MOTHER_STAYS) for line in lines)
        for line in self._lines:
            if line.new and line.sources and line.new in self._went and line.new in self._draft.in_force:
                self._doubts.setdefault(line.row, BOTH_WAYS)
        return {code for code in stays if code is not None}

    def _find_doubt(self, line: Line) -> str:
        if line.bad_old:
            return BAD_OLD_CODE
        if line.kind == RECODE and line.new in line.olds:
            return SAME_CODE
        if line.kind in (RECODE, DIVIDE, MERGE) and not line.olds:
            return NO_MOTHER_CODE
        if line.kind == RENAME and not line.former:
            return NO_FORMER_NAME
        return ""


def _area(code: str, name: str) -> Area:
    """Kind and parent by the digits: two of the region, two (of ten: three) of the province, two of the municipality,
    three of the barangay.
    """
    ends = (2, 5, 7) if len(code) == _LONG else (2, 4, 6)
    level = next((level for level, end in enumerate(ends) if set(code[end:]) == {"0"}), len(ends))
    kind, end = _KINDS[level], (*ends, len(code))[level]
    above = max((each for each in ends if each < end), default=0)
    parent = code[:above].ljust(len(code), "0") if above else None
    return Area(name or code, kind, parent)
