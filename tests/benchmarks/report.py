"""The one table, and the JSON that is kept."""

import json
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from tests.benchmarks.results import Cost, Figure, Row

_COLOURS = {"goal": "bold green", "floor": "green", "below": "bold red", "": ""}
_NOISY_CORES = 0.15
_WIDTH_MIN = 140


def print_table(rows: Sequence[Row]) -> None:
    """Figures beside their peers, floors and goals; below each row what it cost."""
    console = Console()
    if console.width < _WIDTH_MIN and not console.is_terminal:
        console = Console(width=_WIDTH_MIN)
    table = Table(title="Ratios of one run on one machine", title_style="bold", pad_edge=False)
    for heading in ("what", "measured", "peer", "ratio", "floor", "goal", "reached"):
        table.add_column(heading, justify="left" if heading in ("what", "reached") else "right", overflow="fold")
    for row in rows:
        table.add_section()
        table.add_row(f"[bold]{row.title}[/bold] ({row.events:,})")
        for figure in row.figures:
            table.add_row(*_cells(figure))
        if row.failed:
            table.add_row(f"  [red]not measured: {row.failed}[/red]")
    console.print(table)
    for row in rows:
        _print_cost(console, row)


def _cells(figure: Figure, *, colours: bool = True) -> list[str]:
    colour = _COLOURS[figure.reached] if colours else ""
    return [
        f"  {figure.what}",
        f"{_number(figure.measured)} {figure.unit}",
        f"{figure.peer_name} {_number(figure.peer)}" if figure.peer is not None else "",
        f"{figure.ratio:.0%}" if figure.ratio is not None else "",
        _limit(figure, figure.floor),
        _limit(figure, figure.goal),
        f"[{colour}]{figure.reached}[/{colour}]" if colour else figure.reached,
    ]


def _limit(figure: Figure, value: float | None) -> str:
    if value is None:
        return ""
    return ("≤ " if figure.smaller else "≥ ") + (f"{value:.0%}" if figure.of_ratio else _number(value))


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}"


def _print_cost(console: Console, row: Row) -> None:
    if not row.cost and not row.notes:
        return
    console.print(f"[bold]{row.title}[/bold]")
    for line in [*(_cost_lines(row.cost) if row.cost else ()), *row.notes]:
        console.print(f"  {line}", highlight=False)


def _cost_lines(cost: Cost) -> list[str]:
    shares = ", ".join(f"{name} {seconds:.1f}" for name, seconds in sorted(cost.cpu_s.items(), key=lambda one: -one[1]))
    memory = ", ".join(f"{name} {size / (1 << 20):.0f}" for name, size in cost.memory_bytes.items())
    lines = [
        f"CPU-seconds per million events: {cost.total_cpu_s:,.1f} ({shares})",
        f"bytes per million events: log {cost.log_bytes / 1e6:,.0f} MB, database {cost.database_bytes / 1e6:,.0f} MB",
        f"highest memory, MB: {memory}",
        f"limited by: {cost.limited_by}",
    ]
    if cost.others_cores > _NOISY_CORES:
        lines.append(f"not alone: others on this machine used {cost.others_cores:.1f} cores meanwhile")
    return lines


def as_markdown(rows: Sequence[Row]) -> str:
    """The table and the costs, for docs/performance.md."""
    lines = ["| what | measured | peer | ratio | floor | goal | reached |", "|---|--:|--:|--:|--:|--:|---|"]
    for row in rows:
        lines.append(f"| **{row.title}** ({row.events:,}) | | | | | | |")
        lines += [
            "| " + " | ".join(cell.strip() for cell in _cells(figure, colours=False)) + " |" for figure in row.figures
        ]
        lines += [f"| not measured: {row.failed} | | | | | | |"] if row.failed else []
    for row in rows:
        said = [*(_cost_lines(row.cost) if row.cost else ()), *row.notes]
        lines += ["", f"**{row.title}**", "", *(f"- {line}" for line in said)] if said else []
    return "\n".join(lines) + "\n"


def keep(rows: Sequence[Row], folder: Path, arguments: dict[str, Any], at: datetime) -> Path:
    """Writes `results-<time>.json`, `latest.json` and `latest.md`; returns the first."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "made_at": at.astimezone(UTC).isoformat(timespec="seconds"),
        "arguments": arguments,
        "machine": {
            "cores": psutil.cpu_count(),
            "memory_bytes": psutil.virtual_memory().total,
            "processor": platform.machine(),
            "python": platform.python_version(),
        },
        "rows": {row.name: row.as_json() for row in rows},
    }
    text = json.dumps(content, indent=1)
    path = folder / f"results-{at:%Y%m%dT%H%M%S}.json"
    path.write_text(text)
    (folder / "latest.json").write_text(text)
    (folder / "latest.md").write_text(as_markdown(rows))
    return path
