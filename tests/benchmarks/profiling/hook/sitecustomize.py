"""Profiles `python -m services.ingest` from its first line to its last; see the package above."""

import atexit
import os
import sys


def _begin(folder: str) -> None:
    import cProfile

    profile = cProfile.Profile()

    def write() -> None:
        profile.disable()
        profile.dump_stats(os.path.join(folder, f"ingest-{os.getpid()}.prof"))

    atexit.register(write)
    profile.enable()


if "services.ingest" in sys.orig_argv and "BENCH_PROFILES" in os.environ:
    _begin(os.environ["BENCH_PROFILES"])
