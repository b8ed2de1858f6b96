"""How far an import is, on standard error: a bar on a terminal, a line every few seconds elsewhere."""

import sys
import time
from types import TracebackType
from typing import Any, Self

from services.ingest.client.marks import State

_LINE_EVERY_S = 5.0


class PlainProgress:
    """A line now and then. `quiet` says only what needs attention."""

    def __init__(self, name: str, quiet: bool = False) -> None:
        self._name = name
        self._quiet = quiet
        self._started = self._last = time.monotonic()
        self._first_row: int | None = None
        self._said = ""

    def advance(self, done: int, total: int, state: State) -> None:
        now = time.monotonic()
        if self._first_row is None:
            self._first_row = state.row
            self._started = now
        if self._quiet or now - self._last < _LINE_EVERY_S:
            return
        self._last = now
        rate = (state.row - self._first_row) / max(now - self._started, 1e-9)
        left_s = (now - self._started) * (total - done) / max(done, 1)
        self._print(
            f"{done / max(total, 1):4.0%}  {state.row:,} rows, {rate:,.0f}/s, {state.refused:,} refused, "
            f"about {_clock(left_s)} left"
        )

    def say(self, sentence: str) -> None:
        if sentence and sentence != self._said:
            self._print(sentence)
        self._said = sentence

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def _print(self, text: str) -> None:
        print(f"{self._name}: {text}", file=sys.stderr, flush=True)


class BarProgress:
    """A bar with rate and time left, for a terminal."""

    def __init__(self, name: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        self._bar: Any = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rows]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[said]}"),
            console=Console(stderr=True),
            refresh_per_second=4,
        )
        self._task = self._bar.add_task(name, total=None, rows="", said="")
        self._started: tuple[float, int] | None = None

    def advance(self, done: int, total: int, state: State) -> None:
        now = time.monotonic()
        since, row = self._started = self._started or (now, state.row)
        rate = (state.row - row) / max(now - since, 1e-9)
        rows = f"{state.row:,} rows {rate:,.0f}/s" + (f" {state.refused:,} refused" if state.refused else "")
        self._bar.update(self._task, completed=done, total=total, rows=rows)

    def say(self, sentence: str) -> None:
        self._bar.update(self._task, said=sentence)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()


def open_progress(name: str, quiet: bool) -> PlainProgress | BarProgress:
    """The one that suits where standard error goes."""
    return BarProgress(name) if sys.stderr.isatty() and not quiet else PlainProgress(name, quiet)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
