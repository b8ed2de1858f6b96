"""A further process of ingest, beside the supervised one: same region, same log, same database, its own port."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from deploy.local.stack import Region

ROOT = Path(__file__).parents[1]


class IngestProcess:
    """Starts at `with`, and can be killed and started again at the same address. `module`: what is run."""

    def __init__(self, region: Region, log: Path, module: str = "services.ingest", **settings: str) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.log = log
        self._module = module
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DOMICILE_")}
        self._environment = {**kept, **region.settings, "DOMICILE_PORT": str(port), **settings}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self.end(signal.SIGKILL)

    def start(self) -> None:
        """Returns when it is ready."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", *self._module.split()]
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not self.is_ready():
            assert self._process.poll() is None, self.log.read_text(errors="replace")[-2000:]
            assert time.monotonic() < deadline, "ingest did not become ready"
            time.sleep(0.05)

    def is_ready(self) -> bool:
        try:
            return httpx.get(self.url + "/readyz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def end(self, number: int) -> int:
        """Sends a signal that ends it; the exit code (negative: by that signal)."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(60)
