"""Plays the demo: the stack starts while the tables are exploded, then the acts, then everything stops again."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from deploy.demo.acts import ACTS
from deploy.demo.clocks import Clocks
from deploy.demo.exploder.tables import DEMO_COUNTIES
from deploy.demo.files import RegionFiles, find_files, write_files
from deploy.demo.scene import Scene
from deploy.demo.stage import Stage
from deploy.demo.sweden import read_tables
from deploy.local import stack
from deploy.local.layout import Layout, StackError
from deploy.local.options import Options, find_options
from services.kernel.contract.catalog import Catalog
from services.kernel.log.reader import LogReader

REGIONS = tuple(county.region for county in DEMO_COUNTIES)
FAST_ONE_IN = 20


class Interrupted(BaseException):
    """Ctrl-C or SIGTERM: stop in order."""


def play(home: Path, *, keep: bool, fast: bool) -> None:
    """The whole demo. Raises StackError, CannotGoOn, DomicileError or RuntimeError with a sentence that says what
    went wrong, and Interrupted; what the demo started is stopped then, too.
    """
    stage = Stage()
    with _interrupts():
        was_running = stack.find_running(home) is not None
        try:
            running, files = _open(stage, home, keep, fast)
            reader, clocks = LogReader(running.kafka), Clocks(home, REGIONS)
            try:
                scene = Scene(stage, home, running, files, Catalog.load(), reader, clocks, fast=fast)
                for act in ACTS:
                    act(scene)
            finally:
                clocks.set_right()
                reader.close()
            _say_where_to_go(scene, stays=keep or was_running)
        except BaseException:
            _stop(stage, home, was_running)
            raise
        if not keep:
            _stop(stage, home, was_running)


def _open(stage: Stage, home: Path, keep: bool, fast: bool) -> tuple[stack.Running, dict[str, RegionFiles]]:
    stage.act("Two regions start on this machine, while public tables become events")
    folder = home / "demo" / ("fast" if fast else "full")
    with _exploding(folder, FAST_ONE_IN if fast else 1) as get_files:
        running = stack.start(
            home, choose_options(home), lambda line: stage.quiet(f"{line} …"), bound_to_caller=not keep
        )
        stage.say(f"Up: Kafka at {running.kafka}; ingest of " + ", ".join(_addresses(running)))
        files = get_files()
    stage.say("Gotland and Jämtland, 1994 to 2015, as Statistics Sweden counted them (deploy/demo/data). Invented are")
    stage.say("names, identifiers, days and who is whose mother; every year's people by age and sex follow exactly.")
    if fast:
        stage.say(f"--fast: the lives of one person in {FAST_ONE_IN}.")
    kinds = sorted({kind for one in files.values() for kind in one.counts})
    rows = [[kind, *(f"{one.counts.get(kind, 0):,}" for one in files.values())] for kind in kinds]
    rows.append(["all", *(f"{one.total():,}" for one in files.values())])
    stage.table(("events to post", *files), rows)
    return running, files


@contextmanager
def _exploding(folder: Path, one_in: int) -> Iterator[Callable[[], dict[str, RegionFiles]]]:
    """The files that are there, or else new ones; a process of its own makes them, because it keeps a core busy."""
    found = find_files(DEMO_COUNTIES, folder)
    if found is not None:
        yield lambda: found
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=_ignore_interrupts) as pool:
        yield pool.submit(explode_tables, folder, one_in).result


def explode_tables(folder: Path, one_in: int) -> dict[str, RegionFiles]:
    """The demo's tables, as files in the folder."""
    return write_files(read_tables(DEMO_COUNTIES), folder, one_in)


def choose_options(home: Path) -> Options:
    """How the stack of this state folder is started; StackError if it is one without the demo's regions."""
    kept = find_options(Layout(home))
    if kept is None:
        return Options(regions=REGIONS)
    if not set(REGIONS) <= set(kept.regions):
        raise StackError(
            f"{home} holds other regions ({', '.join(kept.regions)}). Set DOMICILE_HOME to another folder for the demo."
        )
    return kept


def _addresses(running: stack.Running) -> Iterator[str]:
    yield from (f"{name} at {running.regions[name].ingest}" for name in REGIONS)


def _say_where_to_go(scene: Scene, *, stays: bool) -> None:
    scene.stage.act("Where to go next")
    if not stays:
        scene.stage.say(
            "domicile up                                  the same two regions again, with all this in them"
        )
    scene.stage.say("domicile status                              what runs, where, and how much memory it takes")
    scene.stage.say("domicile log tail gotland --last 5           the last events, decoded")
    scene.stage.say(
        "domicile schemas list                        the contract; `schemas show BirthRegistered` one of it"
    )
    scene.stage.say("domicile person gotland ID                   a person's life course; the look is recorded")
    scene.stage.say("domicile rebuild gotland --verify            builds the tables anew and compares, row by row")
    scene.stage.say("domicile token gotland --role registrar      a token, to post events by hand at /v1/events")
    scene.stage.say("domicile post gotland FILE --dry-run         check an event without recording it")
    scene.stage.say("docs/demo.md                                 how tables become events; ARCHITECTURE.md the rest")
    if stays:
        scene.stage.say("domicile down                                stop everything; the data stays")


def _stop(stage: Stage, home: Path, was_running: bool) -> None:
    if was_running:
        stage.say("It ran before the demo, so it goes on running.")
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if stack.stop(home):
        stage.say("Everything is stopped. The data stays in " + str(home))


@contextmanager
def _interrupts() -> Iterator[None]:
    def interrupt(number: int, frame: FrameType | None) -> None:
        raise Interrupted(number)

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
