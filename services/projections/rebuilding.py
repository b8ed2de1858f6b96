"""Builds projections anew from the log, beside the live tables, and switches when both are equal.

    python -m services.projections rebuild [PROJECTION ...] [--verify | --rollback | --cancel]

A process of its own with the owner's login: the service itself may make no tables. Interrupted, the same command goes
on. Exit code: 0 done, 1 it cannot start, 2 wrong settings, 3 it stopped for a reason that it says, 4 the tables differ,
5 cancelled.
"""

import argparse
import asyncio
import os
import signal
import stat
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import asyncpg
import msgspec

from services.kernel.contract.catalog import Catalog
from services.kernel.errors import Unavailable
from services.kernel.http.serving import run_service
from services.kernel.privacy.region_key import RegionKey
from services.projections.engine.projection import Projection
from services.projections.engine.rebuild import Order, Outcome, Rebuild, Setup, Stop, Watch, cancel, roll_back
from services.projections.engine.rebuild.order import Cancelled
from services.projections.registered import list_projections
from services.projections.settings import ProjectionsSettings

STOPPED, DIFFERENT, CANCELLED = 3, 4, 5
_LINE_EVERY_S = 5.0


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(
        "python -m services.projections rebuild", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("projections", nargs="*", metavar="PROJECTION", help="which; all if none is named")
    parser.add_argument("--verify", action="store_true", help="compare, do not switch, drop the build")
    parser.add_argument("--accept-differences", action="store_true", help="switch whatever the comparison says")
    parser.add_argument("--rollback", action="store_true", help="go back to the build that was live before")
    parser.add_argument("--cancel", action="store_true", help="end what is under way or was interrupted")
    parser.add_argument("--json", action="store_true", help="tell as JSON lines on standard output")
    told = parser.parse_args(arguments)

    async def serve(settings: ProjectionsSettings) -> int:
        mine = asyncio.current_task()
        assert mine
        # What was begun is put away, and no process is left: then the same command goes on.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, mine.cancel)
        try:
            return await _run(settings, told, _JsonWatch() if told.json else _LineWatch())
        except asyncio.CancelledError:
            return 128 + signal.SIGTERM

    return run_service("projections-rebuild", __doc__ or "", ProjectionsSettings, serve)


async def _run(settings: ProjectionsSettings, told: argparse.Namespace, watch: "_JsonWatch | _LineWatch") -> int:
    try:
        setup = await _set_up(settings)
        if told.cancel:
            ended = await cancel(setup)
            watch.say(f"Cancelled: {', '.join(ended)}." if ended else "No rebuild is under way.")
            return 0
        names = _choose(settings, told.projections)
        order, codes = Order(told.verify, told.accept_differences), []
        for name in names:
            make = partial(make_projection, settings.region, settings.region_key_file, name)
            if told.rollback:
                outcome = await roll_back(setup, make(), watch)
            else:
                outcome = await Rebuild(setup, make, watch).run(order)
            watch.tell(outcome)
            codes.append(DIFFERENT if outcome.differences and not outcome.switched else 0)
        return max(codes)
    except Cancelled as ended:
        watch.say(str(ended))
        return CANCELLED
    except Stop as doubt:
        watch.say(str(doubt))
        return STOPPED
    except (asyncpg.InterfaceError, asyncpg.PostgresConnectionError):  # a rebuild waits, going back does not
        watch.say("The database went away. Nothing is lost: the same command begins anew, or goes on.")
        return STOPPED
    except Unavailable:
        watch.say("The log does not answer. Nothing is lost: the same command begins, or goes on, when it does.")
        return STOPPED


def make_projection(region: str, key_file: Path, name: str) -> Projection:
    """One of the region's, by name; also in processes of a rebuild. LookupError if there is none."""
    found = {each.name: each for each in list_projections(region, Catalog.load(), RegionKey.read(key_file))}
    return found[name]


def _choose(settings: ProjectionsSettings, wanted: Sequence[str]) -> list[str]:
    there = list_projections(settings.region, Catalog.load(), RegionKey.read(settings.region_key_file))
    names = [each.name for each in there]
    if unknown := sorted(set(wanted) - set(names)):
        raise Stop(f"There is no projection {', '.join(unknown)}; there are {', '.join(names)}.")
    return list(wanted) or names


async def _set_up(settings: ProjectionsSettings) -> Setup:
    if settings.owner_database_url is None:
        raise Stop("A rebuild makes tables: it needs the owner's login, DOMICILE_OWNER_DATABASE_URL.")
    connection = await asyncpg.connect(settings.database_url)
    try:
        role = str(await connection.fetchval("SELECT current_user"))
    finally:
        await connection.close()
    folder = await asyncio.to_thread(_make_folder, settings)
    return Setup(
        settings.region,
        settings.kafka,
        settings.owner_database_url,
        role,
        folder,
        settings.rebuild_processes,
        aside_max=settings.aside_max,
    )


def _make_folder(settings: ProjectionsSettings) -> Path:
    """Ours alone: what lies in it is what the log holds."""
    folder = settings.rebuild_folder or Path(tempfile.gettempdir()) / f"domicile-rebuild-{settings.region}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or not stat.S_ISDIR(found.st_mode):
        raise Stop(f"{folder} belongs to somebody else. Name another with DOMICILE_PROJECTIONS_REBUILD_FOLDER.")
    folder.chmod(0o700)
    return folder


class _JsonWatch(Watch):
    """For programs: one object per line."""

    def __init__(self) -> None:
        self._shown = ("", 0.0)

    def show(self, phase: str, done: int, total: int) -> None:
        if self._shown[0] != phase or time.monotonic() > self._shown[1] + 0.2:
            self._shown = (phase, time.monotonic())
            self._write({"phase": phase, "done": done, "total": total})

    def say(self, sentence: str) -> None:
        self._write({"say": sentence})

    def tell(self, outcome: Outcome) -> None:
        self._write({"outcome": outcome, "told": describe_outcome(outcome)})

    def is_cancelled(self) -> bool:
        return False

    def _write(self, line: object) -> None:
        sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
        sys.stdout.buffer.flush()


class _LineWatch(Watch):
    """For people and log files: a line now and then."""

    def __init__(self) -> None:
        self._phase, self._began_s, self._shown_s, self._first = "", 0.0, 0.0, 0

    def show(self, phase: str, done: int, total: int) -> None:
        now = time.monotonic()
        if phase != self._phase:
            self._phase, self._began_s, self._first = phase, now, done
        elif now < self._shown_s + _LINE_EVERY_S:
            return
        self._shown_s = now
        self.say(describe_progress(phase, done, total, done - self._first, now - self._began_s))

    def say(self, sentence: str) -> None:
        print(sentence, file=sys.stderr, flush=True)

    def tell(self, outcome: Outcome) -> None:
        self.say(describe_outcome(outcome))

    def is_cancelled(self) -> bool:
        return False


def describe_progress(phase: str, done: int, total: int, since: int, elapsed_s: float) -> str:
    """How far a phase is, how fast, and about how long it still takes."""
    if not total:
        return f"{phase} …"
    text = f"{phase}: {done:,} of {total:,}"
    if since and elapsed_s > 1:
        rate = since / elapsed_s
        text += f", {rate:,.0f}/s, about {(total - done) / rate:,.0f} s left of this phase"
    return text


def describe_outcome(outcome: Outcome) -> str:
    """What came of it, with the tables that differ."""
    took = sum(outcome.seconds.values())
    lines = [f"{outcome.projection}: build {outcome.number}, {outcome.records:,} records in {took:,.1f} s."]
    if outcome.compared and not outcome.differences:
        lines.append(f"Equal to the live tables at the same positions: {outcome.rows:,} rows.")
    for each in outcome.differences:
        examples = f", for example {', '.join(each.examples)}" if each.examples else ""
        lines.append(
            f"Different: {each.table}, {each.only_live:,} rows only in the live build,"
            f" {each.only_rebuilt:,} only in the new one{examples}."
        )
    if outcome.aside:
        lines.append(f"{outcome.aside:,} records could not be applied: `domicile set-aside list`.")
    lines.append("It is live now." if outcome.switched else "Nothing was switched.")
    if outcome.differences and outcome.kept and not outcome.switched:
        lines.append("--accept-differences switches nevertheless; --cancel drops the build.")
    return "\n".join(lines)
