"""A load of births, by single posts and by batches, every attempt of it in a journal."""

import asyncio
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import httpx

from tests.faults.journal import ACKNOWLEDGED, REFUSED, UNKNOWN, Journal
from tests.office import Office, Post

EVENTS = int(os.environ.get("DOMICILE_FAULT_EVENTS", "600"))
"""Events of one load. The long tier raises it."""
WORKERS = 12
BATCH = 25
_FIRST = datetime(2003, 1, 1, tzinfo=UTC)


def make_births(office: Office, count: int) -> list[Post]:
    """Births that all say something different."""
    return [
        office.birth(
            occurred_on=f"{1990 + n % 30}-0{1 + n % 9}-1{n % 10}",
            registered_at=(_FIRST + timedelta(seconds=n)).isoformat(),
            sex=("female", "male")[n % 2],
        )
        for n in range(count)
    ]


class Load:
    """Posts of one office on their way. Every third worker sends batches."""

    def __init__(self, office: Office, journal: Journal, timeout_s: float = 30.0) -> None:
        self._office, self._journal = office, journal
        self._timeout_s = timeout_s

    async def send(self, posts: list[Post], workers: int = WORKERS) -> None:
        """Sends each post once, and lives with whatever becomes of it."""
        waiting = iter(posts)
        limits = httpx.Limits(max_connections=workers, max_keepalive_connections=workers)
        async with httpx.AsyncClient(
            base_url=self._office.url, headers=self._office.headers, timeout=self._timeout_s, limits=limits
        ) as client:
            await asyncio.gather(*(self._work(client, waiting, BATCH if n % 3 == 2 else 1) for n in range(workers)))

    async def settle(self, posts: list[Post], deadline_s: float = 60.0) -> None:
        """Sends again whatever was not acknowledged, until all is."""
        by_id = {post["event_id"]: post for post in posts}
        async with asyncio.timeout(deadline_s):
            while left := self._journal.list_unsettled():
                await self.send([by_id[event_id] for event_id in left])
                if self._journal.list_unsettled():
                    await asyncio.sleep(0.2)

    async def reach(self, acknowledged: int, sending: "asyncio.Task[None]") -> None:
        """Returns when so many were acknowledged. Raises what ended `sending` before."""
        while self._journal.acknowledged_count < acknowledged:
            if sending.done():
                sending.result()
                raise AssertionError("the load was over before it could be disturbed")
            await asyncio.sleep(0.005)

    async def _work(self, client: httpx.AsyncClient, waiting: Iterator[Post], size: int) -> None:
        while posts := list(islice(waiting, size)):
            while True:
                if await self._try(client, posts):
                    break
                await asyncio.sleep(0.1)

    async def _try(self, client: httpx.AsyncClient, posts: list[Post]) -> bool:
        """False when nobody was there to take them."""
        for post in posts:
            self._journal.note_sent(post)
        try:
            if len(posts) == 1:
                self._note_one(posts[0], await client.post("/v1/events", content=json.dumps(posts[0])))
            else:
                self._note_many(posts, await client.post("/v1/events:batch", content=json.dumps(posts)))
        except httpx.ConnectError:
            self._note_all(posts, REFUSED)
            return False
        except httpx.HTTPError:
            self._note_all(posts, UNKNOWN)
        return True

    def _note_one(self, post: Post, answer: httpx.Response) -> None:
        self._journal.note_heard(post["event_id"], read_outcome(answer.status_code, answer.json()))

    def _note_many(self, posts: list[Post], answer: httpx.Response) -> None:
        document = answer.json()
        if answer.status_code != 200:
            self._note_all(posts, read_outcome(answer.status_code, document))
            return
        for told in document["outcomes"]:
            self._journal.note_heard(posts[told["index"]]["event_id"], read_outcome(told["status"], told))

    def _note_all(self, posts: list[Post], outcome: str) -> None:
        for post in posts:
            self._journal.note_heard(post["event_id"], outcome)


def read_outcome(status: int, document: dict[str, Any]) -> str:
    """What an answer promises. Nothing but 201, 200 and a wait is right here: every post is a good one."""
    if status in (200, 201):
        return ACKNOWLEDGED
    assert status in (429, 503), document
    return UNKNOWN if document.get("outcome_unknown") else REFUSED
