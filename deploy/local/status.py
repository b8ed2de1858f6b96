"""What `domicile status` shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.table import Table

from deploy.local.children import is_answering, is_listening
from deploy.local.layout import Layout, find_json
from deploy.local.processes import Identity, find_process, measure_memory
from deploy.local.stack import Process, Running

HEALTHY = "healthy"


@dataclass(frozen=True)
class Row:
    """One process as an operator sees it. `memory`: bytes, shared pages counted once; None: gone.

    `health`: healthy, not ready, or down.
    """

    name: str
    pid: int | None
    since: datetime | None
    memory: int | None
    address: str
    health: str
    restarts: int = 0
    crashes: int = 0

    def as_json(self) -> dict[str, Any]:
        """For programs that watch."""
        return {
            "name": self.name,
            "pid": self.pid,
            "since": self.since.isoformat() if self.since else None,
            "memory_bytes": self.memory,
            "address": self.address or None,
            "health": self.health,
            "restarts": self.restarts,
            "crashes": self.crashes,
        }


def list_rows(running: Running) -> list[Row]:
    """The supervisor's row first, then its children in the order in which they were started."""
    record = find_json(Layout(running.home).supervisor) or {}
    rows = [_describe(_as_process(record))] if "pid" in record else []
    return rows + [_describe(process) for process in running.list_processes()]


def make_table(rows: Sequence[Row], home: Path) -> Table:
    total = sum(row.memory or 0 for row in rows)
    table = Table(title=f"Domicile in {home}", title_justify="left", show_footer=True)
    table.add_column("process", footer="all", no_wrap=True)
    table.add_column("pid", justify="right")
    table.add_column("up since")
    table.add_column("memory", justify="right", footer=_megabytes(total))
    table.add_column("address", overflow="fold")
    table.add_column("health")
    for row in rows:
        since = row.since.astimezone().strftime("%Y-%m-%d %H:%M:%S") if row.since else "-"
        colour = "green" if row.health == HEALTHY else "red"
        memory = _megabytes(row.memory) if row.memory is not None else "-"
        health = f"[{colour}]{row.health}{_tell_past(row)}[/{colour}]"
        table.add_row(row.name, str(row.pid or "-"), since, memory, row.address, health)
    return table


def _describe(process: Process) -> Row:
    identity = process.identity
    alive = bool(identity and find_process(identity))
    since = datetime.fromtimestamp(identity.started_at, UTC) if identity and alive else None
    if not alive:
        health = "down"
    elif (process.health_url and not is_answering(process.health_url)) or (
        not process.health_url and process.address and not is_listening(process.address)
    ):
        health = "not ready"
    else:
        health = HEALTHY
    pid = identity.pid if identity and alive else None
    # Everything else is below the supervisor: its own row counts it alone.
    memory = measure_memory(identity, alone=process.name == "supervisor") if identity else None
    return Row(process.name, pid, since, memory, process.address, health, process.restarts, process.crashes)


def _tell_past(row: Row) -> str:
    if row.health == "down":
        return f", crashed {row.crashes} times"
    return f", restarts: {row.restarts}" if row.restarts and row.health == HEALTHY else ""


def _as_process(record: dict[str, float]) -> Process:
    return Process("supervisor", Identity(int(record["pid"]), record["started_at"]), "", None, 15, 0)


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"
