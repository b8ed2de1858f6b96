"""What the demo says, on a terminal or into a plain file: acts, sentences, tables, and progress."""

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

_LINE_EVERY_S = 5.0
_PLAIN_WIDTH = 120


class Counting(Protocol):
    """Shows how far something is."""

    def show(self, done: int, note: str) -> None: ...


class Stage:
    """Prints at once, in the order in which it is told, to standard output only."""

    def __init__(self) -> None:
        found = Console(highlight=False)
        self.console = found if found.is_terminal else Console(highlight=False, width=_PLAIN_WIDTH)
        self._acts = 0
        self._started = time.monotonic()

    def act(self, title: str) -> None:
        """A new act, with the seconds since the demo began."""
        self._acts += 1
        seconds = time.monotonic() - self._started
        self._print(f"\n[bold]{self._acts}. {title}[/bold]  [dim]({seconds:.0f} s)[/dim]")

    def say(self, sentence: str) -> None:
        self._print(f"   {sentence}")

    def quiet(self, sentence: str) -> None:
        self._print(f"   [dim]{sentence}[/dim]")

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """The first column is text, the others are figures."""
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 1))
        for index, head in enumerate(heads):
            table.add_column(f"  {head}" if index == 0 else head, justify="left" if index == 0 else "right")
        for first, *others in rows:
            table.add_row(f"  {first}", *others)
        self._print(table)

    def facts(self, facts: Mapping[str, Any]) -> None:
        """Names and values, one in a line; what is not known is left out."""
        grid = Table.grid(padding=(0, 2))
        grid.add_column(min_width=22)
        grid.add_column(overflow="fold")
        for name, value in facts.items():
            if value not in (None, [], ""):
                grid.add_row(f"     {name}", _plain(value))
        with self.console.capture() as captured:
            self.console.print(grid)
        for line in captured.get().splitlines():
            self.console.print(line.rstrip(), markup=False, soft_wrap=True)
        self._flush()

    def json(self, value: Any) -> None:
        text = json.dumps(value, ensure_ascii=False, indent=2)
        for line in text.splitlines():
            self.console.print(f"     {line}", markup=False, soft_wrap=True)
        self._flush()

    def file(self, what: str, path: Path) -> None:
        """Where something was written; never broken into two lines."""
        self.console.print(f"   {what:<8} {path}", markup=False, soft_wrap=True)
        self._flush()

    def counting(self, what: str, total: int) -> AbstractContextManager[Counting]:
        """A bar on a terminal, elsewhere a line every few seconds."""
        if self.console.is_terminal:
            return _Bar(self.console, what, total)
        return nullcontext(_Lines(self, total))

    def _print(self, what: Any) -> None:
        self.console.print(what)
        self._flush()

    def _flush(self) -> None:
        self.console.file.flush()


class _Lines:
    def __init__(self, stage: Stage, total: int) -> None:
        self._stage, self._total = stage, total
        self._last = time.monotonic()

    def show(self, done: int, note: str) -> None:
        now = time.monotonic()
        if now - self._last >= _LINE_EVERY_S:
            self._last = now
            self._stage.quiet(f"{done / max(self._total, 1):4.0%}  {done:,} of {self._total:,}  {note}")


class _Bar(AbstractContextManager[Counting]):
    def __init__(self, console: Console, what: str, total: int) -> None:
        self._bar = Progress(
            TextColumn("   {task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(),
            console=console,
        )
        self._task = self._bar.add_task(what, total=total, note="")

    def show(self, done: int, note: str) -> None:
        self._bar.update(self._task, completed=done, note=note)

    def __enter__(self) -> Counting:
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()


def _plain(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.replace("[", "\\[")
