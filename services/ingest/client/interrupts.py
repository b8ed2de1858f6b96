"""Ctrl-C and SIGTERM ask for an orderly stop; a second one does not ask."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_on_signals(stop: threading.Event) -> Iterator[None]:
    """Sets `stop` at the first signal and ends the process at the second. Only in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(1)  # what was not marked is sent again by the next run, which is harmless
        stop.set()
        print("Finishing what is on its way. Once more to stop at once.", file=sys.stderr, flush=True)

    before = {number: signal.signal(number, ask) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
