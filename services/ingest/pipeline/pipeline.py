"""The door to the pipeline: bytes and a caller in, an outcome for each item out."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from time import monotonic

import asyncpg
from msgspec import Struct

from services.ingest.pipeline.check import Checker, within
from services.ingest.pipeline.claim import find_answers
from services.ingest.pipeline.entry import Entry, Submission
from services.ingest.pipeline.line import Line
from services.ingest.pipeline.outcome import CHECKED, Outcome, Subject
from services.ingest.pipeline.tally import Tally
from services.ingest.pipeline.target import TargetFinder
from services.ingest.pipeline.write import EntryWriter
from services.kernel.clock import Clock
from services.kernel.codec.posts import PostReader
from services.kernel.database import TRANSIENT
from services.kernel.errors import Conflict, DomicileError, Forbidden, Rejected, TooMany, Unavailable
from services.kernel.identity.area_tree import AreaTree
from services.kernel.identity.caller import Caller

SYSTEM, ANNULLED = "system", "EventAnnulled"
BREATHE_EVERY = 250
"""Items that are read at a stretch before other requests get a turn."""


class _Unread(Struct, gc=False):
    """A single post that waits to be read; then its entry, unless it was refused."""

    raw: bytes
    caller: Caller
    source: str | None
    traceparent: str | None
    submission: Submission | None = None
    entry: Entry | None = None


class Pipeline:
    """Takes posts in, bounded in number and bytes; `submit` never raises for an item."""

    def __init__(
        self,
        line: Line,
        pool: asyncpg.Pool,
        reader: PostReader,
        checker: Checker,
        writer: EntryWriter,
        targets: TargetFinder,
        tally: Tally,
        *,
        tree: Callable[[], AreaTree],
        clock: Clock,
        items_max: int = 50_000,
        bytes_max: int = 128 << 20,
    ) -> None:
        self._line, self._pool, self._reader, self._checker = line, pool, reader, checker
        self._writer, self._targets, self._tally = writer, targets, tally
        self._tree, self._clock = tree, clock
        self._items_max, self._bytes_max = items_max, bytes_max
        self._items = self._bytes = 0
        self._unread: list[_Unread] = []

    @property
    def in_flight(self) -> int:
        """Items taken in and not yet answered."""
        return self._items

    async def submit(
        self,
        items: Sequence[bytes],
        caller: Caller,
        *,
        dry_run: bool = False,
        source: str | None = None,
        traceparent: str | None = None,
    ) -> list[Outcome]:
        """One outcome per item, in order. `source`: of items that name none.

        Raises `TooMany`, before anything was taken, when too much is under way.
        """
        started_s = monotonic()
        with self._take(items):
            if len(items) == 1 and not dry_run and not _is_act_of_system(items[0], caller):
                return [await self._run_single(_Unread(items[0], caller, source, traceparent), started_s)]
            read = await self._read(items, caller, source, traceparent)
            return await self._run(read, dry_run, started_s)

    async def submit_correction(
        self, item: bytes, caller: Caller, *, approved_by: str, dry_run: bool = False, traceparent: str | None = None
    ) -> Outcome:
        """What became of a correction or annulment by `caller` that `approved_by`, somebody else, stands behind too."""
        started_s = monotonic()
        with self._take([item]):
            try:
                entry = await self._read_correction(item, caller)
            except DomicileError as error:
                return Outcome.refused(error)
            entry.approved_by, entry.traceparent = approved_by, traceparent
            outcome = (await self._run([entry], dry_run, started_s))[0]
            if entry.target is not None:
                outcome.areas = entry.target.areas
                outcome.people = await self._targets.find_people(entry) if dry_run else []
            return outcome

    @contextmanager
    def _take(self, items: Sequence[bytes]) -> Iterator[None]:
        size = sum(map(len, items))
        if self._items and (self._items + len(items) > self._items_max or self._bytes + size > self._bytes_max):
            raise TooMany("too-busy", retry_after_s=1.0)
        self._items += len(items)
        self._bytes += size
        try:
            yield
        finally:
            self._items -= len(items)
            self._bytes -= size

    async def _run(self, read: Sequence[Entry | Outcome], dry_run: bool, started_s: float) -> list[Outcome]:
        entries = [entry for entry in read if isinstance(entry, Entry)]
        found = await (self._look(entries) if dry_run else self._line.run(entries))
        self._tally.count_told(entries, found, len(read) - len(entries), monotonic() - started_s)
        if len(found) == len(read):
            return found
        outcomes = iter(found)
        return [next(outcomes) if isinstance(each, Entry) else each for each in read]

    async def _run_single(self, one: "_Unread", started_s: float) -> Outcome:
        """Single posts that come in the same moment are read in one go, while what reads them is in the processor's
        cache."""
        one.submission = submission = self._line.expect(1)
        if not self._unread:
            asyncio.get_running_loop().call_soon(self._read_together)
        self._unread.append(one)
        await submission.done
        outcome = submission.outcomes[0]
        assert outcome is not None
        known = [] if one.entry is None else [one.entry]
        self._tally.count_told(known, [outcome] * len(known), 1 - len(known), monotonic() - started_s)
        return outcome

    def _read_together(self) -> None:
        unread, self._unread = self._unread[:BREATHE_EVERY], self._unread[BREATHE_EVERY:]
        if self._unread:
            asyncio.get_running_loop().call_soon(self._read_together)
        tree, now = self._tree(), self._clock.now()
        entries = []
        for one in unread:
            submission = one.submission
            assert submission is not None
            try:
                found = self._read_one(one.raw, one.caller, one.source, one.traceparent, tree, now)
            except Exception as error:  # a bug; whoever sent it hears of it, and nobody else
                submission.fail(error)
                continue
            if isinstance(found, Entry):
                found.submission, one.entry = submission, found
                entries.append(found)
            else:
                submission.tell(0, found)
        self._line.take_in(entries)

    async def _read(
        self, items: Sequence[bytes], caller: Caller, source: str | None, traceparent: str | None
    ) -> list[Entry | Outcome]:
        read: list[Entry | Outcome] = []
        for start in range(0, len(items), BREATHE_EVERY):
            if start:
                await asyncio.sleep(0)
            tree, now = self._tree(), self._clock.now()
            for raw in items[start : start + BREATHE_EVERY]:
                if _is_act_of_system(raw, caller):
                    read.append(await self._read_act(raw, caller, source, traceparent))
                else:
                    read.append(self._read_one(raw, caller, source, traceparent, tree, now))
        return read

    async def _read_act(
        self, raw: bytes, caller: Caller, source: str | None, traceparent: str | None
    ) -> Entry | Outcome:
        """An annulment by the system of what it said itself; everything else takes the way of all posts."""
        post = None
        try:
            post = self._reader.read(raw, source)
            if post.event.name != ANNULLED:
                return self._read_one(raw, caller, source, traceparent, self._tree(), self._clock.now())
            values = post.values
            if values.source != SYSTEM:
                raise Forbidden("needs-two-people", "/type")
            target = await self._targets.get_own(values.target_event_id, caller, values.conversation_id)
            parts = self._checker.check_correction(post, None, target, caller, self._tree(), self._clock.now())
            entry = self._writer.write_correction(post, caller, target, None, parts)
        except DomicileError as error:
            return Outcome.refused(error, str(post.event_id) if post else None)
        entry.traceparent = traceparent
        return entry

    def _read_one(
        self, raw: bytes, caller: Caller, source: str | None, traceparent: str | None, tree: AreaTree, now: datetime
    ) -> Entry | Outcome:
        post = None
        try:
            post = self._reader.read(raw, source)
            entry = self._writer.write(post, self._checker.check(post, caller, tree, now), caller)
        except DomicileError as error:
            return Outcome.refused(error, str(post.event_id) if post else None)
        entry.traceparent = traceparent
        return entry

    async def _read_correction(self, item: bytes, caller: Caller) -> Entry:
        post = self._reader.read(item)
        if not post.event.two_people:
            raise Rejected("not-a-correction", "/type")
        target = await self._targets.get(post.values.target_event_id, caller)
        replacement = getattr(post.values, "replacement", None)
        tree, now = self._tree(), self._clock.now()
        replaced = None
        if replacement is not None:
            with within("/replacement"):
                replaced = self._reader.read(bytes(replacement))
        parts = self._checker.check_correction(post, replaced, target, caller, tree, now)
        return self._writer.write_correction(post, caller, target, replaced, parts)

    async def _look(self, entries: Sequence[Entry]) -> list[Outcome]:
        """What would become of the entries, without a trace of them."""
        if not entries:
            return []
        try:
            async with self._pool.acquire() as connection:
                known = await find_answers(connection, entries)
        except TRANSIENT:
            return [Outcome.refused(Unavailable("database-unavailable")) for _ in entries]
        return [_foresee(entry, known.get(entry.event_id)) for entry in entries]


def _is_act_of_system(raw: bytes, caller: Caller) -> bool:
    """Whether it may be one; a glance, because nearly nothing is."""
    return SYSTEM in caller.roles and ANNULLED.encode() in raw


def _foresee(entry: Entry, known: tuple[bytes, object] | None) -> Outcome:
    event_id = entry.event_id_text
    if known is not None and known[0] != entry.content_tag:
        return Outcome.refused(Conflict("event-id-taken", "/event_id"), event_id)
    subjects = [Subject(part.role, part.given or b"", "person_id" if part.given else "") for part in entry.parts]
    findings = sorted({finding for part in entry.parts for finding in part.findings})
    return Outcome(CHECKED, event_id, subjects, None, findings)
