"""Profiles the ingest process of the bench's own stack, from outside: nothing in the product knows of it.

Python imports `sitecustomize` from its path at the start of every process. The one beside this file switches cProfile
on in `python -m services.ingest`, and writes what it saw when the process ends.
"""

import os
import pstats
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from rich.console import Console

FOLDER_NAME = "BENCH_PROFILES"
_LINES = 45


@dataclass(frozen=True)
class Profiles:
    """Where the profiles of this run will be."""

    folder: Path

    def show(self, console: Console) -> None:
        """By own time, then with all below."""
        for path in sorted(self.folder.glob("*.prof")):
            text = StringIO()
            stats = pstats.Stats(str(path), stream=text).strip_dirs()
            stats.sort_stats("tottime").print_stats(_LINES)
            stats.sort_stats("cumtime").print_stats(_LINES)
            shown = path.with_suffix(".txt")
            shown.write_text(text.getvalue())
            console.print(f"profile: {shown}")


def switch(folder: Path) -> Profiles:
    """From now on the ingest processes that are started below this one are profiled into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.prof"):
        old.unlink()
    os.environ[FOLDER_NAME] = str(folder)
    os.environ["PYTHONPATH"] = str(Path(__file__).parent / "hook")
    return Profiles(folder)
