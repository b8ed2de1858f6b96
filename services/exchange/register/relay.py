"""What the protocol decided reaches the register: through ingest, by the same door as every other fact.

An outage waits and says so. What ingest refuses for good waits for people with the reason shown; nothing is dropped.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import msgspec

from services.exchange.register import outbox
from services.exchange.register.completing import complete
from services.exchange.register.outbox import Waiting
from services.kernel.telemetry.logs import Log

ANNULMENT = "EventAnnulled"
TAKEN_BEFORE = "event-id-taken"
"""Our own ids are derived: whoever has this one is we, before the register was read anew."""
_TRANSIENT_STATUS = frozenset({401, 408, 425, 429, 500, 502, 503, 504})


class _Outcome(msgspec.Struct):
    index: int
    outcome: str
    status: int = 0
    code: str = ""
    path: str = ""
    rule: str = ""


class _Answer(msgspec.Struct):
    outcomes: list[_Outcome]


_decode = msgspec.json.Decoder(_Answer).decode


class Relay:
    """Sends what waits. One at a time in a region, so that posts keep their order.

    `read`: the pool that may look at the register; `token`: gives the token of the moment.
    """

    def __init__(
        self, pool: asyncpg.Pool, read: asyncpg.Pool, http: httpx.AsyncClient, token: Callable[[], str]
    ) -> None:
        self._pool, self._read, self._http, self._token = pool, read, http, token
        self._log = Log("register-relay")
        self._is_out = False

    async def run_once(self) -> bool:
        """Sends what waits now; whether there was anything that went through or was refused."""
        async with self._pool.acquire() as connection:
            waiting = await outbox.list_waiting(connection)
        if not waiting:
            return False
        ready = await self._complete(waiting)
        progress = len(ready) < len(waiting)
        for burst in in_order(ready):
            progress = await self._send(burst) or progress
        return progress

    async def _complete(self, waiting: Sequence[Waiting]) -> list[Waiting]:
        """With what the register holds of the mover, kept before the first sending."""
        async with self._read.acquire() as connection:
            completed = await complete(connection, waiting)
        async with self._pool.acquire() as connection:
            if completed.filled:
                await outbox.keep_posts(connection, completed.filled)
            if completed.impossible:
                await outbox.set_refused(connection, completed.impossible)
        return completed.ready

    async def _send(self, burst: Sequence[Waiting]) -> bool:
        try:
            answer = await self._http.post(
                "/v1/events:batch",
                content=b"\n".join(each.post for each in burst),
                headers={"authorization": f"Bearer {self._token()}", "content-type": "application/x-ndjson"},
            )
        except (httpx.HTTPError, OSError) as error:
            return await self._wait(burst, type(error).__name__)
        if answer.status_code in _TRANSIENT_STATUS:
            return await self._wait(burst, f"status {answer.status_code}")
        if answer.status_code != 200:
            return await self._refuse_all(burst, answer)
        await self._settle(burst, _decode(answer.content).outcomes)
        self._say_back()
        return True

    async def _settle(self, burst: Sequence[Waiting], outcomes: Sequence[_Outcome]) -> None:
        done, later, refused = [], [], list[tuple[UUID, str]]()
        for one in outcomes:
            waiting = burst[one.index]
            if one.outcome != "refused" or one.code == TAKEN_BEFORE:
                done.append(waiting.event_id)
            elif one.status in _TRANSIENT_STATUS:
                later.append(waiting.event_id)
            else:
                refused.append((waiting.event_id, f"{one.code} {one.path} {one.rule}".strip()))
                self._log.error("refused-by-ingest", type=waiting.type, code=one.code, path=one.path)
        async with self._pool.acquire() as connection, connection.transaction():
            await outbox.drop(connection, done)
            if later:
                await outbox.put_off(connection, later, "ingest asks to wait")
            if refused:
                await outbox.set_refused(connection, refused)

    async def _refuse_all(self, burst: Sequence[Waiting], answer: httpx.Response) -> bool:
        """A batch that is refused as a whole: one by one, it is seen whose fault it is."""
        if len(burst) > 1:
            for each in burst:
                await self._send([each])
            return True
        told = _problem_of(answer)
        self._log.error("refused-by-ingest", type=burst[0].type, code=told)
        async with self._pool.acquire() as connection:
            await outbox.set_refused(connection, [(burst[0].event_id, told)])
        return True

    async def _wait(self, burst: Sequence[Waiting], why: str) -> bool:
        if not self._is_out:
            self._log.warning("ingest-unreachable", why=why, waiting=len(burst))
        self._is_out = True
        async with self._pool.acquire() as connection:
            await outbox.put_off(connection, [each.event_id for each in burst], f"ingest cannot be reached: {why}")
        return False

    def _say_back(self) -> None:
        if self._is_out:
            self._log.info("ingest-reachable")
        self._is_out = False


def in_order(waiting: Sequence[Waiting]) -> list[list[Waiting]]:
    """Bursts to be sent one after the other: what annuls goes after what it annuls, and before what follows it."""
    bursts: list[list[Waiting]] = []
    for each in waiting:
        is_act = each.type == ANNULMENT
        if not bursts or (bursts[-1][-1].type == ANNULMENT) is not is_act:
            bursts.append([])
        bursts[-1].append(each)
    return bursts


def _problem_of(answer: httpx.Response) -> str:
    try:
        told: Any = answer.json()
        return f"{told.get('code', answer.status_code)} {told.get('path', '')}".strip()
    except ValueError:
        return f"status {answer.status_code}"
