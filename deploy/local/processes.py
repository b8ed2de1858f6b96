"""Starting, recognising, measuring and ending processes.

A process is known by its pid *and* its start time: a pid alone may long belong to somebody else.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG = 1
_KEPT_LOG_BYTES = 16 << 20


@dataclass(frozen=True)
class Identity:
    """One life of one process. `started_at`: seconds since 1970, as the operating system gives it."""

    pid: int
    started_at: float


@dataclass(frozen=True)
class Account:
    """The unprivileged user as whom a server runs that refuses to be root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Command:
    """How a process is started and stopped. `stop_signal`: what makes it end in good order."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    account: Account | None = None
    stop_signal: int = signal.SIGTERM
    folder: Path | None = None


def get_identity(pid: int) -> Identity:
    """Raises psutil.NoSuchProcess."""
    return Identity(pid, psutil.Process(pid).create_time())


def find_process(identity: Identity) -> psutil.Process | None:
    """The process if this very one still runs (a zombie does not)."""
    try:
        process = psutil.Process(identity.pid)
        same = abs(process.create_time() - identity.started_at) < 1.5
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def start(command: Command, log: Path) -> subprocess.Popen[bytes]:
    """Starts a child in a session of its own, so that Ctrl-C reaches the supervisor only.

    On Linux the child is told to stop when the supervisor dies, however it dies.
    """
    if log.exists() and log.stat().st_size > _KEPT_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    account = command.account
    with log.open("ab") as out:
        return subprocess.Popen(
            command.argv,
            env=dict(command.environment),
            cwd=command.folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=follow_parent_into_death(command.stop_signal),
        )


def follow_parent_into_death(stop_signal: int) -> Callable[[], None] | None:
    """To run in a child before exec: Linux then sends it `stop_signal` when its parent is gone."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask


def end(processes: Iterable[tuple[psutil.Process, int]], timeout_s: float) -> list[int]:
    """Asks all at once with each one's signal, waits, then kills. Returns the pids that had to be killed."""
    waiting = []
    for process, stop_signal in processes:
        try:
            process.send_signal(signal.SIGCONT)  # a paused process cannot hear the other signal
            process.send_signal(stop_signal)
            waiting.append(process)
        except psutil.NoSuchProcess:
            continue
    _, deaf = psutil.wait_procs(waiting, timeout=timeout_s)
    killed = []
    for process in deaf:
        killed += [process.pid]
        for one in [*_find_children(process), process]:
            try:
                one.kill()
            except psutil.NoSuchProcess:
                continue
    psutil.wait_procs(deaf, timeout=5)
    return killed


def measure_memory(identity: Identity, *, alone: bool = False) -> int | None:
    """Bytes in memory of the process and, unless `alone`, all below it; None when it is gone.

    Shared pages are counted once (PSS) where the system tells.
    """
    process = find_process(identity)
    if process is None:
        return None
    return sum(_measure(one) for one in [process, *([] if alone else _find_children(process))])


def _measure(process: psutil.Process) -> int:
    try:
        full = process.memory_full_info()
        return int(getattr(full, "pss", 0) or full.rss)
    except psutil.NoSuchProcess:
        return 0
    except psutil.AccessDenied:
        return int(process.memory_info().rss)


def _find_children(process: psutil.Process) -> Sequence[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
