"""A stack's whole life: started, killed, recovered, stopped. The servers alone, so that it is quick."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from deploy.local import postgres
from deploy.local.layout import Layout, find_json, make_home
from deploy.local.processes import end
from deploy.local.processes import start as start_process
from deploy.local.stack import Running, dangerous_reset, find_running

_ROOT = Path(__file__).parents[3]


def _start(home: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    environment = {"DOMICILE_HOME": str(home), "PATH": os.environ["PATH"], "HOME": str(Path.home())}
    return subprocess.Popen([sys.executable, "-m", "deploy.domicile", *arguments], env=environment, cwd=_ROOT)


def _wait_for(home: Path) -> Running:
    for _ in range(900):
        if running := find_running(home):
            return running
        time.sleep(0.1)
    raise AssertionError("it did not start")


def _list_processes(running: Running) -> list[psutil.Process]:
    return [running.get_process(process.name) for process in running.list_processes()]


def test_a_killed_supervisor_is_recovered_from_and_ctrl_c_stops_everything_in_order(tmp_path: Path) -> None:
    home = tmp_path / "home"
    options = ("--no-services", "--regions", "west")
    try:
        foreground = _start(home, "up", "--foreground", *options)
        first = _wait_for(home)
        left = _list_processes(first)
        foreground.kill()
        foreground.wait()
        assert find_running(home) is None

        both = [_start(home, "up") for _ in range(2)]  # one starts, the other waits for it
        assert [one.wait(timeout=90) for one in both] == [0, 0]
        second = _wait_for(home)
        assert second.kafka == first.kafka
        assert second.regions["west"].database == first.regions["west"].database
        assert not any(process.is_running() for process in left)

        running = _list_processes(second)
        record = find_json(Layout(home).supervisor) or {}
        end([(psutil.Process(record["pid"]), signal.SIGINT)], 60)
        assert not any(process.is_running() for process in running)
        assert "stopping kafka-1, postgres" in Layout(home).log("supervisor").read_text()
        room = Path((find_json(Layout(home).postgres) or {})["room"])
        assert room.is_dir()
    finally:
        dangerous_reset(home)
    assert not home.exists()
    assert not room.exists()


async def test_without_a_system_server_the_one_from_pypi_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_SYSTEM_FOLDERS", ())
    monkeypatch.setattr(postgres.shutil, "which", lambda name: None)
    layout = make_home(tmp_path / "home")
    cluster = postgres.prepare_cluster(layout)
    port = 20000 + os.getpid() % 10000
    server = start_process(postgres.make_command(cluster, port), tmp_path / "log")
    try:
        for _ in range(100):
            if await postgres.is_ready(cluster.get_url(port)):
                break
            await asyncio.sleep(0.05)
        else:
            pytest.fail((tmp_path / "log").read_text())
        assert postgres.prepare_cluster(layout) == cluster
    finally:
        end([(psutil.Process(server.pid), signal.SIGINT)], 10)
        postgres.dangerous_remove_cluster(layout)
    assert not cluster.room.exists()
