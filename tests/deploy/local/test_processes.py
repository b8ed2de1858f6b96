"""Children are recognised, looked after, and ended in good order."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from deploy.local.children import Child
from deploy.local.layout import make_home, write_json
from deploy.local.processes import Command, Identity, end, find_process, get_identity, measure_memory
from deploy.local.stack import dangerous_reset, stop

_SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")


def _until(condition: Callable[[], object]) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it never came true")


def test_a_pid_that_belongs_to_somebody_else_now_is_not_taken_for_the_old_process() -> None:
    own = get_identity(psutil.Process().pid)
    assert find_process(own)
    assert find_process(Identity(own.pid, own.started_at - 100)) is None


def test_a_crashed_child_is_started_again(tmp_path: Path) -> None:
    child = Child("sleeper", Command(_SLEEP, {}), tmp_path / "log", "")
    child.start()
    first = child.find_process()
    assert first
    first.kill()
    _until(lambda: child.look_after() and child.find_process() not in (None, first))
    assert child.crashes == 1
    second = child.find_process()
    assert second
    end([(second, signal.SIGTERM)], 5)


def test_a_child_that_is_deaf_to_its_signal_is_killed(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        assert end([(psutil.Process(child.pid), signal.SIGTERM)], 0.2) == [child.pid]


def test_a_paused_child_can_be_ended(tmp_path: Path) -> None:
    with subprocess.Popen(_SLEEP) as child:
        child.send_signal(signal.SIGSTOP)
        assert end([(psutil.Process(child.pid), signal.SIGTERM)], 5) == []


def test_children_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from deploy.local.processes import Command, start;"
        f"print(start(Command({_SLEEP!r}, {{}}), Path({str(tmp_path / 'log')!r})).pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        grandchild = get_identity(int(parent.stdout.readline()))
        parent.kill()
    _until(lambda: find_process(grandchild) is None)


def test_what_a_killed_supervisor_left_is_ended_by_the_next_command(tmp_path: Path) -> None:
    home = tmp_path / "home"
    layout = make_home(home)
    with subprocess.Popen(_SLEEP) as orphan:
        identity = get_identity(orphan.pid)
        about = {"name": "x", "pid": identity.pid, "started_at": identity.started_at, "stop_signal": 15}
        child = {**about, "address": "", "health_url": None, "crashes": 0}
        gone = {"pid": 2**22 - 1, "started_at": 1.0, "phase": "ready", "error": None}
        write_json(layout.supervisor, {**gone, "children": [child]})
        assert stop(home)
        assert find_process(identity) is None
    assert not stop(home)


def test_memory_is_counted_in_bytes_and_none_when_gone() -> None:
    own = get_identity(psutil.Process().pid)
    memory = measure_memory(own)
    assert memory
    assert memory > 1_000_000
    assert measure_memory(Identity(own.pid, 1.0)) is None


def test_reset_deletes_what_the_stack_made_and_nothing_else(tmp_path: Path) -> None:
    layout = make_home(tmp_path)
    (tmp_path / "somebody-elses").write_text("x")
    write_json(layout.ports, {})
    layout.postgres.write_text(json.dumps({"room": str(tmp_path / "postgres"), "password": "x"}))
    dangerous_reset(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["somebody-elses"]
