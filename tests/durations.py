"""What the files of tests took: shown after a long run, kept for the order of the next one.

`measured.json` beside this file is where a fresh clone begins; `python -m tests.durations` writes it anew from what was
measured here last. Nothing depends on it but the order, so it may be old.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from tests.stacks import HOME_OF_ALL

_SHIPPED = Path(__file__).with_name("measured.json")
_KEPT = HOME_OF_ALL / "durations.json"
MANY = 20
_SHOWN, _LEAST_S = 10, 3.0
_A_TEST_S = 0.1


class Durations:
    """Seconds of each file: set-up, tests and tear-down."""

    def __init__(self, seconds: Mapping[str, float]) -> None:
        self.seconds = dict(seconds)

    @classmethod
    def read(cls) -> Self:
        return cls(_load(_SHIPPED) | _load(_KEPT))

    def estimate(self, scope: str, tests: int) -> float:
        """Of a file, or of all files of a folder. One that nobody has measured yet is thought of by its tests."""
        found = [took for file, took in self.seconds.items() if file == scope or file.startswith(scope)]
        return sum(found) if found else tests * _A_TEST_S


def sum_up(reports: Iterable[Any]) -> Counter[str]:
    """Seconds of each file, of the reports on the phases of its tests."""
    seconds: Counter[str] = Counter()
    for report in reports:
        if hasattr(report, "duration") and hasattr(report, "when"):
            seconds[report.nodeid.partition("::")[0]] += report.duration
    return seconds


def keep(seconds: Mapping[str, float]) -> None:
    """For the next run, with what was known of files that did not run now."""
    HOME_OF_ALL.mkdir(parents=True, exist_ok=True)
    known = _load(_KEPT) | {file: round(took, 1) for file, took in seconds.items()}
    _write(_KEPT, known)


def describe(seconds: Counter[str]) -> list[str]:
    """The slowest files, one a line."""
    lines = [f"{took:7.1f} s  {file}" for file, took in seconds.most_common(_SHOWN)]
    return [*lines, f"{seconds.total():7.1f} s  all {len(seconds)} files, which workers share"]


def _load(path: Path) -> dict[str, float]:
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def _write(path: Path, seconds: Mapping[str, float]) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(dict(sorted(seconds.items())), indent=0) + "\n", "utf-8")
    fresh.rename(path)


if __name__ == "__main__":
    _write(_SHIPPED, {file: took for file, took in Durations.read().seconds.items() if took >= _LEAST_S})
