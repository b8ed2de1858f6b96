"""The register is built anew from the first offset while the old one serves, and both are equal."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from deploy.demo.acts.correcting import AREA, REGION
from deploy.demo.office import Office
from deploy.demo.scene import Scene, must_be
from deploy.local.layout import Layout
from deploy.local.services import ROOT

_PROJECTION = "register"


def rebuild_register(scene: Scene) -> None:
    """`domicile rebuild gotland register`, with an office asking all the while."""
    scene.stage.act("The register is rebuilt from the first event, while it serves")
    operator = Office(scene, REGION, "operator")
    before = _version(operator)
    with _asking(Office(scene, REGION, "registrar")) as answers:
        told = _rebuild(scene)
    scene.stage.say(f"An office asked for the residents of {AREA} all the while: {len(answers)} answers, none failed.")
    must_be(len(set(answers)) == 1, f"the answers changed during a rebuild: {sorted(set(answers))}")
    must_be(_version(operator) == before + 1, "the rebuilt register did not go live")
    for sentence in told.splitlines():
        scene.stage.say(sentence)
    scene.stage.quiet(f"`domicile rebuild {REGION} {_PROJECTION} --rollback` goes back to it.")


def _version(operator: Office) -> int:
    found = operator.read("/v1/projections")["projections"]
    return next(int(each["version"]) for each in found if each["projection"] == _PROJECTION)


def _rebuild(scene: Scene) -> str:
    """Starts the process as the command does, and shows its phases; what it says at the end."""
    settings = scene.region(REGION).get_settings("projections")
    folder = Layout(scene.home).region(REGION) / "rebuild"
    process = subprocess.Popen(
        [sys.executable, "-m", "services.projections", "rebuild", _PROJECTION, "--json"],
        cwd=ROOT,
        env={**settings, "DOMICILE_PROJECTIONS_REBUILD_FOLDER": str(folder.absolute())},
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    phase, last = "", ""
    try:
        for line in process.stdout:
            told: dict[str, Any] = json.loads(line)
            if told.get("phase", phase) != phase:
                phase = told["phase"]
                scene.stage.quiet(f"{phase} …")
            last = told.get("told") or told.get("say") or last
    except BaseException:
        process.terminate()
        process.wait()
        raise
    must_be(process.wait() == 0, f"the rebuild ended with {process.returncode}: {last}")
    return last


@contextmanager
def _asking(clerk: Office) -> Iterator[list[int]]:
    """Asks for the same figure again and again, on a thread; a refusal ends the demo."""
    answers: list[int] = []
    failed: list[BaseException] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.wait(0.05):
            try:
                answers.append(clerk.residents(AREA, "2015-12-31"))
            except BaseException as wrong:  # raised again where the demo can end
                failed.append(wrong)
                return

    thread = threading.Thread(target=ask, name="asking")
    thread.start()
    try:
        yield answers
    finally:
        stop.set()
        thread.join()
    if failed:
        raise failed[0]
