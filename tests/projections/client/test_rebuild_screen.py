"""The bar of a rebuild on a real terminal: Ctrl-C asks, and whoever goes on sees the bar again."""

import os
import pty
import select
import signal
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[3]
# Tells of a phase until a line comes in: an end that waits for nobody.
REBUILDING = """
import json, sys, time, pathlib
for done in range(100_000):
    print(json.dumps({"phase": "fold", "done": done, "total": 100_000}), flush=True)
    time.sleep(0.02)
    if pathlib.Path(sys.argv[1]).exists():
        break
print(json.dumps({"outcome": {}, "told": "It is live now."}), flush=True)
"""
SHOWING = """
import subprocess, sys
from services.projections.client.rebuild import _show
command = [sys.executable, "-c", *sys.argv[1:]]
process = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
sys.exit(_show(process, {}))
"""
PATIENCE_S = 60.0


class Terminal:
    """A command on a pseudo-terminal."""

    def __init__(self, *command: str) -> None:
        self.pid, self._handle = pty.fork()
        if not self.pid:
            os.chdir(ROOT)
            # Whoever runs the tests in the background has it ignored, and what is ignored is handed down.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.environ |= {"TERM": "xterm-256color", "COLUMNS": "100"}
            os.execv(command[0], command)
        self.seen = b""

    def type(self, keys: bytes) -> None:
        self.seen = b""
        os.write(self._handle, keys)

    def wait_for(self, text: bytes) -> None:
        give_up_at = time.monotonic() + PATIENCE_S
        while text not in self.seen:
            assert time.monotonic() < give_up_at, self.seen
            if select.select([self._handle], [], [], 0.1)[0]:
                self.seen += self._read()

    def _read(self) -> bytes:
        try:
            return os.read(self._handle, 65_536)
        except OSError:  # so Linux says that nobody writes there any more
            raise AssertionError(f"it ended: {self.seen[-500:]!r}") from None

    def end(self) -> int:
        """The exit code."""
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self._handle)
        return code


def test_ctrl_c_asks_and_going_on_shows_the_bar_again(tmp_path: Path) -> None:
    done = tmp_path / "done"
    terminal = Terminal(sys.executable, "-c", SHOWING, REBUILDING, str(done))
    terminal.wait_for(b"fold")
    terminal.type(b"\x03")
    terminal.wait_for(b"Go on (g), stop and go on another time (s), or cancel and drop it (c)?")
    terminal.type(b"g\n")
    terminal.wait_for(b"fold")
    done.touch()
    terminal.wait_for(b"It is live now.")
    assert terminal.end() == 0


def test_stopping_tells_how_it_goes_on(tmp_path: Path) -> None:
    terminal = Terminal(sys.executable, "-c", SHOWING, REBUILDING, str(tmp_path / "never"))
    terminal.wait_for(b"fold")
    terminal.type(b"\x03")
    terminal.wait_for(b"[g]: ")
    terminal.type(b"s\n")
    terminal.wait_for(b"The same command goes on from there")
    assert terminal.end() == 130
