"""The line: bursts of entries go through claim → identify → seal → append → settle, a few bursts at a time.

A burst is whatever was waiting when a worker became free: one entry on a quiet day, thousands in an import. So one
transaction and one settlement serve everybody who came at about the same time.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from operator import attrgetter
from time import monotonic

import asyncpg

from services.ingest.pipeline.claim import Claimed, abandon, claim, keep_ours, settle
from services.ingest.pipeline.entry import Entry, Submission
from services.ingest.pipeline.identify import identify, prepare
from services.ingest.pipeline.instance import Instance
from services.ingest.pipeline.outcome import RECORDED, REPEATED, Answer, Outcome, Subject
from services.ingest.pipeline.seal import Keys, Sealer
from services.ingest.pipeline.tally import Tally
from services.kernel.database import TRANSIENT, Connection
from services.kernel.errors import Conflict, Corrupt, DomicileError, Unavailable
from services.kernel.log.producer import LogProducer, Position, Record
from services.kernel.privacy.data_keys import DataKeys
from services.kernel.telemetry.logs import Log

_log = Log("pipeline")

BURST_MAX = 1000
WAIT_S = 0.03
COMPANY_MIN, COMPANY_WAIT_S = 32, 0.006
"""Under load, a small burst waits a moment for company: what a burst costs is shared by more events."""
_BY_ID = attrgetter("event_id")


class Line:
    """The workers of one process. `start` before use; `stop` finishes what was taken in."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        producer: LogProducer,
        data_keys: DataKeys,
        sealer: Sealer,
        tally: Tally,
        *,
        workers: int = 2,
        patience_s: float = 15.0,
    ) -> None:
        self._pool, self._producer, self._data_keys, self._sealer = pool, producer, data_keys, sealer
        self._tally = tally
        self._waiting: deque[Entry] = deque()
        self._arrived = asyncio.Event()
        self._in_hand: set[bytes] = set()
        self._held_back: dict[bytes, list[Entry]] = {}
        self._running: set[int] = set()
        self._abandoned: set[int] = set()
        self._worker_count, self._patience_s = workers, patience_s
        self._workers: list[asyncio.Task[None]] = []
        self._stopping = False
        self._instance = Instance(pool)

    async def start(self) -> None:
        """Takes an instance number and begins to work. Raises what the database raises."""
        await self._instance.start()
        self._workers = [asyncio.create_task(self._work()) for _ in range(self._worker_count)]

    async def stop(self) -> None:
        """Finishes all that was taken in."""
        self._stopping = True
        self._arrived.set()
        await asyncio.gather(*self._workers, return_exceptions=True)
        await self._instance.stop()

    async def run(self, entries: Sequence[Entry]) -> list[Outcome]:
        """What became of each entry, in order."""
        if not entries:
            return []
        submission = self.expect(len(entries))
        for place, entry in enumerate(entries):
            entry.submission, entry.place = submission, place
        self.take_in(entries)
        await submission.done
        return [outcome for outcome in submission.outcomes if outcome is not None]

    def expect(self, count: int) -> Submission:
        """For so many entries, whose outcomes somebody waits for together."""
        return Submission(count, monotonic() + self._patience_s)

    def take_in(self, entries: Sequence[Entry]) -> None:
        """Entries with their submissions: each will be told what became of it."""
        if entries:
            self._waiting.extend(entries)
            self._arrived.set()

    async def _work(self) -> None:
        while self._waiting or self._held_back or not self._stopping:
            if not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            if self._running and len(self._waiting) < COMPANY_MIN:
                await asyncio.sleep(COMPANY_WAIT_S)
            burst = self._take_burst()
            try:
                if burst:
                    await self._run_burst(burst)
            except Exception as error:  # a bug must not silence the line; each sender hears of it
                _log.error("burst-failed", error)
                _refuse(burst, Corrupt("bug"), error)
            finally:
                self._let_go(burst)
        self._arrived.set()  # whoever still waits has nothing to wait for any more

    def _take_burst(self) -> list[Entry]:
        """What waits, in the order of ids, each of them once: a second copy is held back until the first one has its
        answer."""
        waiting, in_hand = self._waiting, self._in_hand
        taken: list[Entry] = []
        while waiting and len(taken) < BURST_MAX:
            entry = waiting.popleft()
            event_id = entry.event_id
            if event_id in in_hand:
                self._held_back.setdefault(event_id, []).append(entry)
            else:
                in_hand.add(event_id)
                taken.append(entry)
        taken.sort(key=_BY_ID)
        return taken

    def _let_go(self, burst: Sequence[Entry]) -> None:
        """Further copies of what was in this burst may go on."""
        self._in_hand.difference_update([entry.event_id for entry in burst])
        if self._held_back:
            for entry in burst:
                self._waiting.extend(self._held_back.pop(entry.event_id, ()))
        if self._waiting:
            self._arrived.set()

    async def _run_burst(self, burst: list[Entry]) -> None:
        number, settled = None, False
        lock = self._instance.locked_times
        try:
            newcomers = prepare(self._data_keys, burst)
            async with self._pool.acquire() as connection:
                claimed = await claim(connection, self._instance.number, self._running, burst, newcomers)
                number = claimed.number
                self._running.add(number)
                keys = await identify(connection, self._data_keys, claimed.mine.values(), claimed.welcome)
            self._tally.count_burst(len(burst), claimed.taken_over)
            self._tell_known(claimed)
            settled = await self._append(claimed, keys, lock)
        except TRANSIENT as error:
            _refuse(burst, Unavailable("database-unavailable"), error)
        except DomicileError as error:
            _refuse(burst, error, error)
        finally:
            self._running.discard(number or 0)
            if number and not settled:
                self._abandoned.add(number)

    def _tell_known(self, claimed: Claimed) -> None:
        for entry, answer in claimed.answered:
            _tell(entry, Outcome.told(REPEATED, entry.event_id_text, answer))
        for entry in claimed.conflicting:
            _tell(entry, Outcome.refused(Conflict("event-id-taken", "/event_id"), entry.event_id_text))
        for entry in claimed.under_way:
            if self._stopping or entry.submission is None or monotonic() > entry.submission.give_up_at_s:
                error = Unavailable("log-unavailable", outcome_unknown=True)
                _tell(entry, Outcome.refused(error, entry.event_id_text))
            else:
                asyncio.get_running_loop().call_later(WAIT_S, self._come_back, entry)

    def _come_back(self, entry: Entry) -> None:
        self._waiting.append(entry)
        self._arrived.set()

    async def _append(self, claimed: Claimed, keys: Keys, lock: int) -> bool:
        """Whether the batch was settled: its answers are kept, as far as the log gave any."""
        if not claimed.mine:
            return True
        records = self._seal(claimed, keys)
        positions = await self._producer.append(list(records.values()))
        answers = {
            place: to_answer(claimed.mine[place], position)
            for place, position in zip(records, positions, strict=True)
            if position is not None
        }
        try:
            async with self._pool.acquire() as connection:
                await settle(connection, claimed.number, answers)
                await self._abandon(connection)
                if lock != self._instance.locked_times:  # others may have thought us dead, and have taken over
                    answers = await keep_ours(connection, claimed.number, answers)
        except TRANSIENT as error:
            _refuse(claimed.mine.values(), Unavailable("database-unavailable", outcome_unknown=True), error)
            return False
        for place, entry in claimed.mine.items():
            if place in answers:
                _tell(entry, Outcome.told(RECORDED, entry.event_id_text, answers[place]))
        if len(answers) < len(claimed.mine):
            _refuse(claimed.mine.values(), Unavailable("log-unavailable", outcome_unknown=True), None)
        return True

    async def _abandon(self, connection: Connection) -> None:
        """Lets other processes take over at once what failed here: as long as we live, they would wait for us."""
        numbers, self._abandoned = self._abandoned, set()
        if numbers:
            try:
                await abandon(connection, numbers)
            except TRANSIENT:
                self._abandoned |= numbers
                raise

    def _seal(self, claimed: Claimed, keys: Keys) -> dict[int, Record]:
        """The records by their places. An event that cannot be sealed is a bug of ours, and takes no other with it."""
        records = {}
        for place, entry in claimed.mine.items():
            try:
                records[place] = self._sealer.seal(entry, keys)
            except Exception as error:
                _log.error("event-not-sealed", error, event_id=entry.event_id_text)
                _tell(entry, Outcome.refused(Corrupt("bug"), entry.event_id_text))
        return records


def to_answer(entry: Entry, position: Position) -> Answer:
    """What is kept and told of a recorded entry."""
    parts = (entry.replacement or entry).parts
    subjects = [Subject(part.role, part.name, part.identified_by) for part in parts]
    findings = [finding for part in parts for finding in part.findings]
    return Answer(position, subjects, sorted(set(findings)) if findings else findings)


def _tell(entry: Entry, outcome: Outcome) -> None:
    if entry.submission is not None:
        entry.submission.tell(entry.place, outcome)


def _refuse(entries: Iterable[Entry], error: DomicileError, cause: BaseException | None) -> None:
    """Tells everybody who has not heard yet."""
    if cause is not None and not isinstance(cause, DomicileError):
        _log.warning("burst-refused", cause, code=error.code)
    for entry in entries:
        _tell(entry, Outcome.refused(error, entry.event_id_text))
