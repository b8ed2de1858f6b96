"""One supervised child: started, looked at, started again after a crash, with growing patience."""

import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from deploy.local.processes import Command, Identity, find_process, get_identity, start

_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 30.0
_GOOD_LIFE_S = 60.0


@dataclass
class Child:
    """`address`: host:port or URL. `health_url`: answers 200 when ready; None: alive is healthy."""

    name: str
    command: Command
    log: Path
    address: str
    health_url: str | None = None
    crashes: int = 0
    restarts: int = 0
    _running: "subprocess.Popen[bytes] | None" = None
    _identity: Identity | None = None
    _started: float = 0.0
    _start_again_at: float = field(default=0.0)
    _was_ready: bool = False

    def start(self) -> None:
        self._running = start(self.command, self.log)
        self._started = time.monotonic()
        self._was_ready = False
        try:
            self._identity = get_identity(self._running.pid)
        except psutil.NoSuchProcess:
            self._identity = None

    def look_after(self) -> bool:
        """Starts the child again if it ended and its waiting time is over. True when anything changed."""
        if self._running is not None:
            if self._running.poll() is None:
                return False
            lived_s = time.monotonic() - self._started
            self.crashes = 1 if lived_s > _GOOD_LIFE_S else self.crashes + 1
            wait_s = min(_FIRST_WAIT_S * 2 ** (self.crashes - 1), _LONGEST_WAIT_S)
            self._start_again_at = time.monotonic() + wait_s
            self._running = self._identity = None
            self.restarts += 1
            return True
        if time.monotonic() >= self._start_again_at:
            self.start()
            return True
        return False

    def is_ready(self) -> bool:
        if self._running is None or self._running.poll() is not None:
            return False
        if not self._was_ready:
            self._was_ready = self.health_url is None or is_answering(self.health_url)
        return self._was_ready

    @property
    def pid(self) -> int | None:
        return self._identity.pid if self._identity else None

    def find_process(self) -> psutil.Process | None:
        return find_process(self._identity) if self._identity else None

    def describe(self) -> dict[str, Any]:
        """What `supervisor.json` tells of it."""
        return {
            "name": self.name,
            "pid": self.pid,
            "started_at": self._identity.started_at if self._identity else None,
            "stop_signal": int(self.command.stop_signal),
            "address": self.address,
            "health_url": self.health_url,
            "crashes": self.crashes,
            "restarts": self.restarts,
        }


def is_listening(address: str, timeout_s: float = 1.0) -> bool:
    """Whether somebody takes connections at host:port."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=timeout_s):
            return True
    except (OSError, ValueError):
        return False


def is_answering(url: str, timeout_s: float = 1.0) -> bool:
    """Whether a GET is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as answer:  # noqa: S310 an address of our own
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError, ValueError):
        return False
