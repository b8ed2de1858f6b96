"""The demo as a newcomer sees it: started as a command, its output in a file."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import stack
from tests.stacks import HOME, ROOT

COMMAND = [sys.executable, "-m", "deploy.domicile", "demo", "--fast"]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A state folder of the demo's own, empty at first."""
    folder = HOME / "demo"
    stack.dangerous_reset(folder)
    try:
        yield folder
    finally:
        stack.dangerous_reset(folder, keep_logs=True)


def start_demo(home: Path, out: Path) -> "subprocess.Popen[bytes]":
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DOMICILE_")}
    with out.open("wb") as file:
        return subprocess.Popen(
            COMMAND,
            cwd=ROOT,
            env=environment | {"DOMICILE_HOME": str(home)},
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def test_an_interrupted_demo_stops_everything_and_the_next_one_goes_on_to_the_end(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    interrupted = start_demo(home, out)
    wait_for(interrupted, out, "events go in")
    interrupted.send_signal(signal.SIGINT)
    assert interrupted.wait(60) == 130
    assert "Interrupted" in out.read_text()
    assert stack.find_running(home) is None

    assert start_demo(home, out).wait(240) == 0, out.read_text()
    told = out.read_text()
    assert stack.find_running(home) is None
    for shown in (
        "15,941 events go in",
        "gotland: Gotland county with Gotland (known already)",
        "jamtland.registration",
        "PersonEnumerated",
        "civil: sealed",
        "Answer 422, application/problem+json",
        "Did you mean birth_order",
        "event-id-taken",
        "Gotland: total fertility rate",
        "crude birth rate of 2006",
        "Everything is stopped.",
    ):
        assert shown in told
    assert "\x1b" not in told  # a plain file gets plain text
    for name in ("pyramid", "flows", "series"):
        picture = home / "demo" / "pictures" / f"{name}.png"
        assert str(picture.absolute()) in told
        assert picture.read_bytes().startswith(b"\x89PNG")


def wait_for(demo: "subprocess.Popen[bytes]", out: Path, text: str) -> None:
    until = time.monotonic() + 240
    while text not in out.read_text():
        assert demo.poll() is None, out.read_text()
        assert time.monotonic() < until, out.read_text()
        time.sleep(0.05)
