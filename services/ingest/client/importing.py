"""A bulk import: one thread reads, several post; what is settled is marked in the order of the file.

    reader → bounded window of batches → N connections → counts, refusals, mark

The window bounds memory. Batches settle in any order but are accounted for in the order of the file, so that
the mark, the counts and the refusals' file always belong together, whenever the process dies.
"""

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from services.ingest.client.door import Door
from services.ingest.client.event_ids import file_identity, make_row_ids
from services.ingest.client.files import open_reader
from services.ingest.client.mapping import read_mapping
from services.ingest.client.marks import State, StateFile, fresh_state
from services.ingest.client.refusals import RejectedFile, refusals_of
from services.ingest.client.rows import Batch
from services.ingest.client.sending import Sender, Settled, Stopped
from services.kernel.asking import CannotGoOn

_SAVE_EVERY_S = 1.0
GO_ON = "Import it again to go on where it stopped; nothing is doubled."


@dataclass(frozen=True, slots=True)
class Order:
    """What to import. `identity`: names the file for rows without an event_id; by default the file's content
    does.
    """

    file: Path
    mapping: Path | None = None
    batch: int = 2000
    concurrency: int = 4
    dry_run: bool = False
    restart: bool = False
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of the rows, over all runs of the import. `rate`: rows of this run per second of this
    run. `identity`: from what the ids of rows without an event_id follow, when that is the file's content.
    """

    recorded: int
    repeated: int
    checked: int
    refused: int
    rows: int
    resumed_at: int
    seconds: float
    finished: bool
    rejected_file: Path | None
    identity: str = ""

    @property
    def rate(self) -> float:
        return (self.rows - self.resumed_at) / self.seconds if self.seconds > 0 else 0.0


class Progress(Protocol):
    """Told how far the import is."""

    def advance(self, done: int, total: int, state: State) -> None: ...

    def say(self, sentence: str) -> None: ...


class Import:
    """One import of one file into one region. `stop` may be set from anywhere: batches in flight are
    finished.
    """

    def __init__(self, door: Door, order: Order, progress: Progress, stop: threading.Event) -> None:
        self._order = order
        self._progress = progress
        self._stop = stop
        self._checked = 0
        self._ids_of_refused: Callable[[int], str] | None = None
        self._door = door
        self._state_file = StateFile(order.file)
        self._saved_at = 0.0
        self._begun = False
        self._unreadable = False
        mapping = read_mapping(order.mapping) if order.mapping else None
        self._reader = open_reader(order.file, mapping, self._row_ids)
        self._salt = mapping.salt if mapping else ""
        digest = hashlib.sha256(order.mapping.read_bytes()).hexdigest() if order.mapping else ""
        self._state = fresh_state(order.file, door.region, digest, order.identity)

    def run(self) -> Summary:
        """Until the file is done or `stop` is set. Raises CannotGoOn; once rows were read, the mark is kept then,
        too.
        """
        try:
            return self._run()
        except CannotGoOn as wrong:
            if not self._begun or self._unreadable or self._order.dry_run:
                raise
            # The file is as good as it was, so every row keeps its id.
            raise CannotGoOn(wrong.sentence, f"{wrong.remedy} {GO_ON}".lstrip()) from None

    def _run(self) -> Summary:
        self._resume()
        resumed_at = self._state.row
        rejected = None if self._order.dry_run else RejectedFile(self._order.file, self._state.rejected_bytes)
        started = time.monotonic()
        query = "source=import&outcomes=refused" + ("&dry_run=true" if self._order.dry_run else "")
        sender = Sender(self._door, query, self._stop, self._progress.say)
        account = partial(self._account, rejected)
        finished = False
        try:
            finished = _pump(self._batches(), sender, self._order.concurrency, account, self._stop)
        finally:
            if rejected is not None:
                self._close(rejected, finished)
        kept = rejected.path if rejected is not None and rejected.begun and rejected.path.exists() else None
        return self._summary(resumed_at, time.monotonic() - started, finished, kept)

    def _batches(self) -> Iterator[Batch]:
        """What the reader reads; remembers whether there was anything, and whether the file was at fault."""
        try:
            for batch in self._reader.batches(self._order.batch, self._state.mark):
                self._begun = True
                yield batch
        except CannotGoOn:
            self._unreadable = True
            raise

    def _close(self, rejected: RejectedFile, finished: bool) -> None:
        """An import that stopped before its first row leaves everything as it was."""
        if finished:
            rejected.begin()
            self._state_file.remove()
        elif self._begun:
            self._state_file.write(self._state)
        rejected.close()

    def _account(self, rejected: RejectedFile | None, batch: Batch, outcome: Settled) -> None:
        """Accounts for the next batch in the order of the file."""
        refusals = refusals_of(batch, outcome.refused, self._refused_id)
        self._checked += outcome.checked
        written = 0
        if rejected is not None:
            rejected.write(refusals)
            written = rejected.size()
        self._state = self._state.advanced(batch.after, outcome.recorded, outcome.repeated, len(refusals), written)
        now = time.monotonic()
        if rejected is not None and now - self._saved_at >= _SAVE_EVERY_S:
            self._saved_at = now
            self._state_file.write(self._state)
        self._progress.advance(batch.progress, self._reader.total, self._state)

    def _resume(self) -> None:
        if self._order.dry_run:
            return
        if self._order.restart:
            self._state_file.remove()
        left = self._state_file.find(self._state)
        if left is not None:
            self._progress.say(f"goes on after row {left.row:,}")
            self._state = left

    def _row_ids(self) -> Callable[[int], str]:
        """Asked for when the first row without an id comes; the identity is kept with the mark."""
        if not self._state.identity:
            self._state = replace(self._state, identity=file_identity(self._order.file, self._salt))
        return make_row_ids(self._state.identity)

    def _refused_id(self, row: int) -> str:
        """The id that a row would have got, had it been an object."""
        if self._ids_of_refused is None:
            identity = self._state.identity or file_identity(self._order.file, self._salt)
            self._ids_of_refused = make_row_ids(identity)
        return self._ids_of_refused(row)

    def _summary(self, resumed_at: int, seconds: float, finished: bool, kept: Path | None) -> Summary:
        state = self._state
        return Summary(
            state.recorded,
            state.repeated,
            self._checked,
            state.refused,
            state.row,
            resumed_at,
            seconds,
            finished,
            kept,
            "" if self._order.identity else state.identity,
        )


Account = Callable[[Batch, Settled], None]


def _pump(batches: Iterator[Batch], sender: Sender, concurrency: int, account: Account, stop: threading.Event) -> bool:
    """Moves batches through the window; True when the file came to its end."""
    window: deque[tuple[Batch, Future[Settled]]] = deque()
    ended = False
    with ThreadPoolExecutor(concurrency, thread_name_prefix="post") as pool:
        try:
            for batch in batches:
                if stop.is_set():
                    break
                window.append((batch, pool.submit(_send, sender, batch)))
                while window and (len(window) >= concurrency * 2 or window[0][1].done()):
                    _settle_first(window, account)
            else:
                ended = True
            while window:
                _settle_first(window, account)
        except Stopped:
            return False
        except BaseException:
            stop.set()
            _keep_what_is_done(window, account)
            raise
    return ended


def _send(sender: Sender, batch: Batch) -> Settled:
    return sender.send(batch.body) if batch.body else Settled()


def _settle_first(window: deque[tuple[Batch, Future[Settled]]], account: Account) -> None:
    batch, future = window[0]
    outcome = future.result()
    window.popleft()
    account(batch, outcome)


def _keep_what_is_done(window: deque[tuple[Batch, Future[Settled]]], account: Account) -> None:
    """After a failure: accounts for the batches before the one that failed."""
    while window:
        batch, future = window.popleft()
        try:
            account(batch, future.result())
        except Exception:
            return
