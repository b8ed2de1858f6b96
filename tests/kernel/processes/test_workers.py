"""Worker processes are started again, however they go: ended, frozen, or talking nonsense."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.kernel.processes import workers
from services.kernel.processes.workers import Worker, Workers

LINE = '{"words": 1}'


@asynccontextmanager
async def keep(folder: Path, first: str) -> AsyncIterator[Worker[int]]:
    """One place among the workers: the process that fills it first does `first`, the next one lives on."""
    program = f"""
import os, pathlib, signal, sys, time
born = pathlib.Path({str(folder)!r}, "born")
print({LINE!r}, flush=True)
if not born.exists():
    born.touch()
    {first}
sys.stdin.read()
"""
    several = Workers([sys.executable, "-c", program], os.environ, 1, json.loads)
    several.start()
    try:
        yield several.workers[0]
    finally:
        await several.stop()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("first", ["os._exit(3)", "print('Traceback', flush=True)", "print('x' * 200_000, flush=True)"])
async def test_a_worker_that_ends_or_cannot_be_understood_is_started_again(tmp_path: Path, first: str) -> None:
    async with keep(tmp_path, first) as worker:
        await until(lambda: worker.restarts == 1 and "words" in worker.figures)


async def test_a_frozen_worker_is_killed_at_once_and_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "FROZEN_S", 2.0)
    # Longer than the test waits: it must not be asked to stop first.
    monkeypatch.setattr(workers, "STOP_S", 600.0)
    async with keep(tmp_path, "os.kill(os.getpid(), signal.SIGSTOP)") as worker:
        await until(lambda: worker.restarts == 1 and worker.pid is not None)
        monkeypatch.setattr(workers, "STOP_S", 15.0)


def test_a_worker_that_tells_nothing_is_silent() -> None:
    figures = {"words": 1}
    now_s = time.monotonic()
    assert not Worker(1, pid=1, heard_at_s=now_s, figures=figures).is_silent()
    assert Worker(1, pid=1, heard_at_s=now_s - 2 * workers.SILENT_S, figures=figures).is_silent()
