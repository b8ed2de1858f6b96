"""Where the local stack keeps what it must remember, and how it is read and written.

    <home>/
      options.json       regions, brokers and fixed ports, as last asked for
      ports.json         name of the process -> TCP port, chosen once
      stack.json         while it runs: what `domicile status --json` prints
      supervisor.json    while it runs: the phase, and every child's pid and start time
      kafka/<n>/         a broker's properties and its log
      postgres.json      where the database cluster lies, and its administrator's password
      federation/        the member directory of the regions, and who signs it
      regions/<region>/  keys, passwords and the settings of that region's services
      logs/<process>.log

Everything that holds a secret is readable by its owner only.
"""

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT_REGIONS = ("gotland", "jamtland")


class StackError(Exception):
    """Something about this machine or this state folder; the text is one sentence that says what to do."""


@dataclass(frozen=True)
class Layout:
    """The paths below one state folder."""

    home: Path

    @property
    def options(self) -> Path:
        return self.home / "options.json"

    @property
    def ports(self) -> Path:
        return self.home / "ports.json"

    @property
    def stack(self) -> Path:
        return self.home / "stack.json"

    @property
    def supervisor(self) -> Path:
        return self.home / "supervisor.json"

    @property
    def postgres(self) -> Path:
        return self.home / "postgres.json"

    @property
    def kafka(self) -> Path:
        return self.home / "kafka"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def start_lock(self) -> Path:
        """Held by whoever starts, stops or resets the stack."""
        return self.home / "start.lock"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the supervisor as long as it lives: a lock outlives no process, a pid file does."""
        return self.home / "supervisor.lock"

    def region(self, name: str) -> Path:
        return self.home / "regions" / name

    def log(self, process: str) -> Path:
        return self.logs / f"{process}.log"


def find_home(environ: dict[str, str] | None = None) -> Path:
    """The state folder: DOMICILE_HOME, else `.local` under the current folder. Absolute."""
    return Path((os.environ if environ is None else environ).get("DOMICILE_HOME") or ".local").absolute()


def make_home(home: Path) -> Layout:
    """Makes the state folder. Others may pass through it, because the database's own user must."""
    if not home.is_dir():
        home.mkdir(parents=True)
        home.chmod(0o711)
    layout = Layout(home)
    layout.logs.mkdir(exist_ok=True, mode=0o700)
    layout.kafka.mkdir(exist_ok=True, mode=0o700)  # the log speaks of people, if only under opaque ids
    return layout


def private(path: str, flags: int) -> int:
    """An opener of files that nobody else may read, write or lock."""
    return os.open(path, flags, 0o600)


def write_json(path: Path, value: Any) -> None:
    """Writes so that a reader sees the old or the new content, never half; for its owner's eyes only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    try:
        with os.fdopen(handle, "w") as out:
            json.dump(value, out, indent=1)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def find_json(path: Path) -> Any | None:
    """The content, or None when there is no such file."""
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except json.JSONDecodeError:
        raise StackError(f"{path} is damaged; `domicile reset` clears the state folder.") from None


def make_secret_file(path: Path, content: str) -> None:
    """Writes a new file that only its owner reads; an existing one is left as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as out:
        out.write(content)
