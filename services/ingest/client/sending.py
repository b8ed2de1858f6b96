"""One batch to ingest, until it is settled: waits when told to wait, divides what is refused as a whole.

Because every row has an event id, sending again what may have arrived is harmless; so nothing here gives up
waiting, except when told to stop.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from services.ingest.client.door import Door
from services.ingest.client.transport import NDJSON, Answer, Connection, NoAnswer
from services.kernel.asking import CannotGoOn

_DIVISIBLE = (400, 413, 422)
_ABOUT_THE_CLIENT = ("wrong-parameter", "not-a-batch")
_WAITING = (408, 425, 429, 502, 503, 504)
_OUR_FAULT_TRIES = 5
_NO_ANSWER_WAIT_S_MAX = 15.0


class Stopped(Exception):
    """Told to stop before the batch was settled."""


@dataclass(frozen=True, slots=True)
class ItemRefused:
    """Why line `index` of a batch is not recorded."""

    index: int
    code: str
    path: str
    rule: str
    remedy: str


@dataclass(slots=True)
class Settled:
    """What became of a batch: counts, and the refused lines."""

    recorded: int = 0
    repeated: int = 0
    checked: int = 0
    refused: list[ItemRefused] = field(default_factory=list)


class _Outcome(msgspec.Struct, gc=False):
    index: int
    outcome: str = ""
    status: int = 0
    code: str = ""
    path: str = ""
    rule: str = ""
    remedy: str = ""
    retry_after_s: float = 1.0


class _BatchAnswer(msgspec.Struct, gc=False):
    recorded: int = 0
    repeated: int = 0
    checked: int = 0
    refused: int = 0
    outcomes: list[_Outcome] = []


_batch_answer = msgspec.json.Decoder(_BatchAnswer)


class Sender:
    """Posts batches from several threads; each thread keeps a connection of its own.

    `say` gets one sentence when waiting begins, and an empty string when it is over.
    """

    def __init__(self, door: Door, query: str, stop: threading.Event, say: Callable[[str], None]) -> None:
        self._door = door
        self._path = f"/v1/events:batch?{query}"
        self._stop = stop
        self._say = say
        self._local = threading.local()
        self._token_lock = threading.Lock()
        self._token = door.token()
        self._answered = False

    def send(self, body: bytes) -> Settled:
        """Every line of `body` settled. Raises Stopped, or CannotGoOn when waiting would not help."""
        settled = Settled()
        self._settle(body, None, settled)
        return settled

    def _settle(self, body: bytes, numbers: Sequence[int] | None, settled: Settled) -> None:
        """`numbers`: which lines of the batch these are, when they are not all of it."""
        answer = self._get_answer(body)
        if answer.status == 200:
            self._count(answer, body, numbers, settled)
            return
        if answer.status not in _DIVISIBLE or answer.json().get("code") in _ABOUT_THE_CLIENT:
            raise CannotGoOn(_told(answer), _remedy(answer))
        lines = body.split(b"\n")[:-1]
        numbers = numbers or range(len(lines))
        if len(lines) == 1:
            settled.refused.append(_item(numbers[0], answer.json()))
            return
        half = len(lines) // 2
        self._settle(_joined(lines[:half]), numbers[:half], settled)
        self._settle(_joined(lines[half:]), numbers[half:], settled)

    def _count(self, answer: Answer, body: bytes, numbers: Sequence[int] | None, settled: Settled) -> None:
        try:
            batch = _batch_answer.decode(answer.body)
        except msgspec.DecodeError as wrong:
            raise CannotGoOn(
                f"What answers at {self._door.url} is not an ingest of this version: {wrong}.",
                "Compare the versions; nothing is doubled by importing again.",
            ) from None
        settled.recorded += batch.recorded
        settled.repeated += batch.repeated
        settled.checked += batch.checked
        waiting = []
        for item in batch.outcomes:
            if item.status in _WAITING:
                waiting.append(item)
            elif item.outcome == "refused":
                number = numbers[item.index] if numbers else item.index
                settled.refused.append(ItemRefused(number, item.code, item.path, item.rule, item.remedy))
        if waiting:
            self._settle_again(waiting, body, numbers, settled)

    def _settle_again(
        self, waiting: list[_Outcome], body: bytes, numbers: Sequence[int] | None, settled: Settled
    ) -> None:
        """Some items have to wait, or nobody knows what became of them: those are sent again."""
        self._wait(max(item.retry_after_s for item in waiting), f"{len(waiting)} rows: {waiting[0].code}")
        lines = body.split(b"\n")
        again = [item.index for item in waiting]
        self._settle(_joined([lines[i] for i in again]), [numbers[i] if numbers else i for i in again], settled)

    def _get_answer(self, body: bytes) -> Answer:
        """An answer that is not about waiting."""
        silent = faults = 0
        renewed = False
        while True:
            try:
                answer = self._connection().post(self._path, body, NDJSON, self._token)
            except NoAnswer as wrong:
                if not self._answered and silent:
                    raise CannotGoOn(
                        f"Nobody answers at {self._door.url} ({wrong}).", "Look at `domicile status`."
                    ) from None
                silent += 1
                self._wait(min(0.1 * 2**silent, _NO_ANSWER_WAIT_S_MAX), silent > 1 and f"no answer ({wrong})")
                continue
            self._answered = True
            if answer.status in _WAITING:
                self._wait(answer.retry_after_s, _told(answer))
            elif answer.status == 401 and not renewed:
                renewed = True
                self._renew()
            elif answer.status >= 500 and faults < _OUR_FAULT_TRIES:
                faults += 1
                self._wait(0.5 * 2**faults, _told(answer))
            else:
                self._say("")
                return answer

    def _wait(self, seconds: float, why: str | bool) -> None:
        if why:
            self._say(f"{why}; the same is sent again in {seconds:.3g} s, for as long as it takes")
        if self._stop.wait(seconds):
            raise Stopped

    def _renew(self) -> None:
        with self._token_lock:
            self._token = self._door.token()

    def _connection(self) -> Connection:
        found: Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = Connection(self._door.url)
        return found


def _joined(lines: list[bytes]) -> bytes:
    return b"\n".join([*lines, b""])


def _item(index: int, problem: dict[str, Any]) -> ItemRefused:
    code, path, rule, remedy = (str(problem.get(k, "")) for k in ("code", "path", "rule", "remedy"))
    return ItemRefused(index, code, path, rule, remedy)


def _told(answer: Answer) -> str:
    problem = answer.json()
    said = problem.get("title") or problem.get("detail") or ""
    return f"ingest answers {answer.status} {problem.get('code', '')} {said}".strip()


def _remedy(answer: Answer) -> str:
    return str(answer.json().get("remedy", ""))
