"""What the disk alone does meanwhile: nobody who keeps something before answering can be faster than it."""

import os
import threading
import time
from pathlib import Path
from typing import Self

PAGE = bytes(8192)
EVERY_S = 0.05
STANDSTILL_S = 0.05


class DiskSampler:
    """Writes a page to a file of its own and waits until it is kept, about 20 times a second while the `with` lasts."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "disk-alone"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._began = 0.0
        self.lasted_s = 0.0
        self.waits_s: list[float] = []

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.lasted_s = time.monotonic() - self._began
        self._path.unlink(missing_ok=True)

    def tell(self) -> str:
        """In a sentence: how long a page took, and for how long in all the disk stood still."""
        ranked = sorted(self.waits_s)
        still_s = sum(wait_s for wait_s in ranked if wait_s > STANDSTILL_S)
        return (
            f"the disk alone kept a page in {ranked[len(ranked) // 2] * 1000:.1f} ms (p50),"
            f" {ranked[len(ranked) * 99 // 100] * 1000:.0f} ms (p99), {ranked[-1] * 1000:.0f} ms (longest);"
            f" it stood still for {still_s:.1f} s of {self.lasted_s:.1f} s"
        )

    def _run(self) -> None:
        file = os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            while not self._stop.wait(EVERY_S):
                began = time.perf_counter()
                os.pwrite(file, PAGE, 0)
                os.fdatasync(file)
                self.waits_s.append(time.perf_counter() - began)
        finally:
            os.close(file)
