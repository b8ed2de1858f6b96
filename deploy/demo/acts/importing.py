"""The maps and the events go in, through the same door as any office's."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait

from deploy.demo.acts.following import Lag
from deploy.demo.files import read_areas
from deploy.demo.scene import Scene
from services.ingest.client.areas import load_areas
from services.ingest.client.importing import Import, Order, Summary
from services.ingest.client.marks import State
from services.kernel.log.topics import CONTEXTS, get_topic

_LOOK_EVERY_S = 0.2


class Tally:
    """How far the import of one region is; written by its thread, read by the one that prints."""

    def __init__(self) -> None:
        self.rows = 0
        self.said = ""

    def advance(self, done: int, total: int, state: State) -> None:
        self.rows = state.row

    def say(self, sentence: str) -> None:
        self.said = sentence


def load_maps(scene: Scene) -> None:
    """Each region learns its areas: events name only areas that exist."""
    scene.stage.act("Each region gets its map")
    for name, files in scene.files.items():
        posts = read_areas(files.areas)
        loaded = load_areas(scene.door(name, "geographer"), posts, lambda text: None)
        if loaded.refused or not loaded.known:
            raise RuntimeError(f"the map of {name} was not taken: {loaded.refused or 'ingest does not know it yet'}")
        municipalities = ", ".join(post["name"] for post in posts if post["level"] == 1)
        known = " (known already)" if loaded.repeated == len(posts) else ""
        scene.stage.say(f"{name}: {posts[0]['name']} county with {municipalities}{known}")


def import_events(scene: Scene) -> None:
    """Both files at the same time. What a region holds already is answered with the first answer."""
    total = sum(files.total() for files in scene.files.values())
    scene.stage.act(f"{total:,} events go in")
    scene.stage.say("The same as `domicile import REGION FILE`, once for each region, at the same time.")
    topics = [get_topic(name, context) for name in scene.files for context in CONTEXTS]
    scene.before = scene.reader.ranges(scene.reader.partitions(topics))
    scene.imported = _import_all(scene, total)
    for name, summary in scene.imported.items():
        _tell(scene, name, summary)


def _import_all(scene: Scene, total: int) -> dict[str, Summary]:
    stop = threading.Event()
    tallies = {name: Tally() for name in scene.files}
    with ThreadPoolExecutor(len(tallies), thread_name_prefix="import") as pool:
        try:
            futures = {name: pool.submit(_import_one, scene, name, tallies[name], stop) for name in tallies}
            _watch(scene, futures, tallies, total)
        except BaseException:
            stop.set()  # what is on its way is finished; the next demo goes on from there
            raise
    return {name: future.result() for name, future in futures.items()}


def _import_one(scene: Scene, name: str, tally: Tally, stop: threading.Event) -> Summary:
    files = scene.files[name]
    order = Order(files.events, restart=files.renewed)
    return Import(scene.door(name, "importer"), order, tally, stop).run()


def _watch(scene: Scene, futures: dict[str, Future[Summary]], tallies: dict[str, Tally], total: int) -> None:
    started, lag = time.monotonic(), Lag(scene)
    with scene.stage.counting("importing", total) as counting:
        left = set(futures.values())
        while left:
            done, left = wait(left, timeout=_LOOK_EVERY_S)
            for future in done:
                future.result()  # one that failed ends the other one, too
            rows = sum(tally.rows for tally in tallies.values())
            rate = f"{rows / max(time.monotonic() - started, 1e-9):,.0f}/s"
            note = f"{rate}, the tables {lag.glance():,} events behind"
            said = "; ".join(f"{name}: {tally.said}" for name, tally in tallies.items() if tally.said)
            counting.show(rows, f"{note}  {said}".rstrip())


def _tell(scene: Scene, name: str, summary: Summary) -> None:
    known = f", {summary.repeated:,} known already (nothing is doubled)" if summary.repeated else ""
    counts = f"{summary.recorded:,} recorded{known}, {summary.refused:,} refused"
    scene.stage.say(f"{name}: {counts}; {summary.seconds:.1f} s, {summary.rate:,.0f} events/s")
    if summary.refused:
        raise RuntimeError(f"{name} refused events; the reasons are in {summary.rejected_file}")
