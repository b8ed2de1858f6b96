"""The local stack for programs: start it, look at it, stop it. The command line and the tests use this.

with start(home, Options(regions=("north", "south")), report=print, bound_to_caller=True) as running:
    requests.post(running.regions["north"].ingest + "/v1/events", ...)
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psutil

from deploy.local.layout import Layout, StackError, find_json, make_home, private
from deploy.local.options import Options, find_options, keep_options
from deploy.local.postgres import dangerous_remove_cluster
from deploy.local.processes import Identity, end, find_process, follow_parent_into_death
from deploy.local.regions import get_settings_file
from deploy.local.services import ROOT

Report = Callable[[str], None]
_START_S = 900.0  # a first start may have to download the broker
_STOP_S = 90.0
# All that is ever made in a state folder. Nothing else is deleted: its name may have been given by mistake.
_OURS = (
    "options.json",
    "ports.json",
    "stack.json",
    "supervisor.json",
    "kafka",
    "postgres",
    "regions",
    "federation",
    "logs",
)
_LOCKS = ("supervisor.lock", "start.lock")


@dataclass(frozen=True)
class Region:
    """A running region. Addresses are None until their service exists. `settings`: of its ingest."""

    name: str
    ingest: str | None
    read: str | None
    exchange: str | None
    database: str
    analyst_database: str
    home: Path

    @property
    def settings(self) -> Mapping[str, str]:
        return self.get_settings("ingest")

    def get_settings(self, service: str) -> Mapping[str, str]:
        """The environment of one of its services, its own login in it."""
        return dict(find_json(get_settings_file(Layout(self.home), self.name, service)) or {})

    def token(self, role: str, areas: Sequence[str] = ("*",), purpose: str | None = None, **more: Any) -> str:
        """A development token of this region."""
        from services.kernel.identity.local_keys import identity_folder, issue_token

        return issue_token(identity_folder(self.home, self.name), self.name, role, tuple(areas), purpose, **more)


@dataclass(frozen=True)
class Process:
    """A supervised process as last written down. `stop_signal`: what makes it end in good order."""

    name: str
    identity: Identity | None
    address: str
    health_url: str | None
    stop_signal: int
    crashes: int
    restarts: int = 0


@dataclass(frozen=True)
class Running:
    """A stack that runs. As a context manager it stops at the end."""

    home: Path
    kafka: str
    regions: Mapping[str, Region]

    def list_processes(self) -> list[Process]:
        """The supervisor's children as they are now."""
        return _list_processes(find_json(Layout(self.home).supervisor) or {})

    def get_process(self, name: str) -> psutil.Process:
        """A live process: `kafka-1`, `postgres`, `north-ingest`. KeyError when it does not run now."""
        for process in self.list_processes():
            if process.name == name and process.identity and (found := find_process(process.identity)):
                return found
        raise KeyError(name)

    def stop(self) -> None:
        stop(self.home)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()


def start(home: Path, options: Options | None, report: Report, *, bound_to_caller: bool = False) -> Running:
    """Starts the stack of `home` and returns when all is healthy; one that already runs is returned as it is.

    `options`: None means as last time. `bound_to_caller`: the stack stops when this process ends, however.
    Raises StackError with a sentence to act on; then nothing is left running.
    """
    layout = make_home(home)
    with _hold_start_lock(layout, report):
        if running := find_running(home):
            _refuse_other_options(layout, options)
            return running
        _end_leftovers(layout, report)
        keep_options(layout, options or find_options(layout) or Options())
        layout.supervisor.unlink(missing_ok=True)
        supervisor = _start_supervisor(layout, bound_to_caller)
        try:
            _wait_until_ready(layout, supervisor, report)
        except BaseException:
            # By its own handle: it may not have written down yet that it lives.
            end([(psutil.Process(supervisor.pid), signal.SIGTERM)] if supervisor.poll() is None else [], _STOP_S)
            _stop(layout, report)
            raise
        running = find_running(home)
        if running is None:
            raise StackError("The stack stopped at once; `domicile logs supervisor` shows why.")
        return running


def run_in_foreground(home: Path, options: Options | None, report: Report) -> int:
    """Becomes the supervisor until Ctrl-C or SIGTERM. Returns the exit code."""
    from deploy.local.supervisor import Supervisor

    layout = make_home(home)
    with _hold_start_lock(layout, report):
        if find_running(home):
            raise StackError("It already runs; `domicile down` stops it.")
        _end_leftovers(layout, report)
        keep_options(layout, options or find_options(layout) or Options())
        kept = find_options(layout) or Options()
    code = Supervisor(layout, kept, report).run()
    if code:
        raise StackError(str((find_json(layout.supervisor) or {}).get("error")))
    return code


def stop(home: Path, report: Report = lambda line: None) -> bool:
    """Stops everything in order. False when nothing was running."""
    layout = Layout(home)
    if not home.is_dir():
        return False
    with _hold_start_lock(layout, report):
        return _stop(layout, report)


def dangerous_reset(home: Path, *, keep_logs: bool = False, report: Report = lambda line: None) -> None:
    """Stops the stack and deletes its log, its databases and its keys."""
    layout = Layout(home)
    if not home.is_dir():
        return
    with _hold_start_lock(layout, report):
        _stop(layout, report)
        dangerous_remove_cluster(layout)
        for name in (*_OURS, *_LOCKS):
            entry = home / name
            if entry.is_dir() and not (keep_logs and name == "logs"):
                shutil.rmtree(entry)
            elif not entry.is_dir():
                entry.unlink(missing_ok=True)
    if not any(home.iterdir()):
        home.rmdir()


def find_running(home: Path) -> Running | None:
    """The stack of this state folder if its supervisor lives and all was healthy once."""
    layout = Layout(home)
    stack, record = find_json(layout.stack), find_json(layout.supervisor)
    if not stack or not record or record["phase"] != "ready" or not _find_supervisor(record):
        return None
    regions = {
        name: Region(name, one["ingest"], one["read"], one["exchange"], one["database"], one["analyst_database"], home)
        for name, one in stack["regions"].items()
    }
    return Running(home, stack["kafka"], regions)


def find_phase(home: Path) -> str | None:
    """What a living supervisor is busy with: `ready`, `starting PostgreSQL`...; None when there is none."""
    record = find_json(Layout(home).supervisor) or {}
    return str(record["phase"]) if _find_supervisor(record) else None


def _refuse_other_options(layout: Layout, options: Options | None) -> None:
    kept = find_options(layout)
    if options and options != kept:
        regions = ", ".join(kept.regions) if kept else "?"
        raise StackError(f"It already runs, otherwise (regions {regions}): `domicile down` first.")


def _start_supervisor(layout: Layout, bound_to_caller: bool) -> "subprocess.Popen[bytes]":
    log = layout.log("supervisor").open("ab")
    with log:
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.local.supervisor", str(layout.home)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=follow_parent_into_death(signal.SIGTERM) if bound_to_caller else None,
        )


def _wait_until_ready(layout: Layout, supervisor: "subprocess.Popen[bytes]", report: Report) -> None:
    phase = None
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        record = find_json(layout.supervisor) or {"phase": None, "error": None}
        if record["phase"] not in (phase, None, "failed"):
            phase = record["phase"]
            report(phase)
        if phase == "ready":
            return
        if supervisor.poll() is not None:
            told = (find_json(layout.supervisor) or {}).get("error")
            raise StackError(told or f"The supervisor ended; {layout.log('supervisor')} shows why.")
        time.sleep(0.03)
    raise StackError("The stack did not become healthy in time; `domicile logs` shows more.")


def _stop(layout: Layout, report: Report) -> bool:
    record = find_json(layout.supervisor)
    supervisor = _find_supervisor(record or {})
    if supervisor:
        report("stopping")
        if end([(supervisor, signal.SIGTERM)], _STOP_S):
            report("the supervisor did not stop and was killed")
        _reap(supervisor.pid)
    return _end_leftovers(layout, report) or supervisor is not None


def _reap(pid: int) -> None:
    """When the supervisor is our own child, nobody else takes note of its end."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def _end_leftovers(layout: Layout, report: Report) -> bool:
    """Ends what a killed supervisor left running: services first, the broker and the database last."""
    record = find_json(layout.supervisor) or {}
    if supervisor := _find_supervisor(record):
        end([(supervisor, signal.SIGTERM)], _STOP_S)
    orphans = []
    for process in reversed(_list_processes(record)):
        if process.identity and (found := find_process(process.identity)):
            orphans.append((found, process.stop_signal))
    if orphans:
        report(f"a killed run left {len(orphans)} processes: stopping them")
        for orphan in orphans:
            end([orphan], 20)
    layout.stack.unlink(missing_ok=True)
    return bool(orphans)


def _find_supervisor(record: Mapping[str, Any]) -> psutil.Process | None:
    if "pid" not in record:
        return None
    return find_process(Identity(record["pid"], record["started_at"]))


def _list_processes(record: Mapping[str, Any]) -> list[Process]:
    return [
        Process(
            one["name"],
            Identity(one["pid"], one["started_at"]) if one["pid"] else None,
            one["address"],
            one["health_url"],
            one["stop_signal"],
            one["crashes"],
            one.get("restarts", 0),
        )
        for one in record.get("children", [])
    ]


@contextmanager
def _hold_start_lock(layout: Layout, report: Report) -> Iterator[None]:
    with open(layout.start_lock, "w", opener=private) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("somebody else is starting or stopping it: waiting")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
