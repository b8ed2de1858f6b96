"""Letters to a member that cannot be reached from outside: it fetches them, and brings its answers.

The cursor is the position of our chain to that member. `after` says from where; without it the feed begins after what
was acknowledged last. An acknowledgement is a signed answer, as a partner that can be reached would give it; it moves
the cursor on. Whoever was revoked gets nothing any more, from the very moment on, old positions included.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import asyncpg
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from services.exchange.delivery.outgoing import Leaving, Outgoing
from services.exchange.delivery.returns import read_return
from services.exchange.door.callers import Callers
from services.exchange.door.limits import Share
from services.exchange.door.partners import PartnerDoor
from services.exchange.journal.journal import Waiting
from services.exchange.members import Member
from services.exchange.wire.answers import find_letter_hash
from services.exchange.wire.items import ITEMS_MAX, read_answers
from services.exchange.wire.jws import WireError, parse_json
from services.kernel.clock import Clock
from services.kernel.errors import Forbidden, Rejected, TooMany
from services.kernel.http.bodies import JSON, Body

NDJSON, EVENTS = "application/x-ndjson", "text/event-stream"
WAIT_S_MAX, STREAM_S_MAX = 30.0, 600.0
LOOK_EVERY_S = 0.5
_ANSWERS_BYTES_MAX = 4 << 20
_AT_ONCE = 100
_ASKING_COSTS = 5
"""As much of a partner's share as so many letters."""


class Feeds:
    """The routes of what can be fetched."""

    def __init__(
        self,
        door: PartnerDoor,
        callers: Callers,
        outgoing: Outgoing,
        journal: Waiting,
        pool: asyncpg.Pool,
        clock: Clock,
    ) -> None:
        self._door = door
        self._callers = callers
        self._outgoing = outgoing
        self._journal = journal
        self._pool = pool
        self._clock = clock

    def routes(self) -> list[Route]:
        path = "/exchange/v1/feeds/{member}"
        return [
            self._door.route("GET", path, self.show),
            self._door.route("POST", f"{path}/answers", self.take_answers),
        ]

    async def show(self, request: Request) -> Response:
        """Letters after a position: NDJSON, at once or after `wait` seconds; or, if asked for, server-sent events."""
        member = self._own_feed(request)
        if member.counts_only:
            return await self._show_counts()
        after = await self._read_cursor(request, member)
        wait_s = _read_number(request, "wait", 0.0, WAIT_S_MAX)
        share = self._door.share_of(request, member.region)
        share.charge(_ASKING_COSTS)
        share.listen()
        if EVENTS in request.headers.get("accept", ""):
            return StreamingResponse(self._stream(member.region, after, share), media_type=EVENTS)
        try:
            letters = await self._await_letters(member.region, after, wait_s)
            share.charge(len(letters))
        finally:
            share.stop_listening()
        return Response(b"".join(_line(each) for each in letters), media_type=NDJSON)

    async def take_answers(self, request: Request) -> Response:
        """{"answers": [signed answer …]}: each is about one letter of the feed. Says how far the cursor stands."""
        member = self._own_feed(request)
        share = self._door.share_of(request, member.region)
        async with Body(request, share, _ANSWERS_BYTES_MAX) as raw:
            signed = _read_signed(raw)
            share.charge(len(signed))
            taken = await self._take(member.region, signed)
        cursor = await self._move_cursor(member.region)
        return Response(json.dumps({"taken": taken, "cursor": cursor}).encode(), media_type=JSON)

    def _own_feed(self, request: Request) -> Member:
        member = self._callers.get(request)
        if member.region != request.path_params["member"]:
            raise Forbidden("not-your-feed")
        if not member.counts_only and self._callers.current().find_corridor(member.region) is None:
            raise Forbidden("not-your-feed")
        return member

    async def _read_cursor(self, request: Request, member: Member) -> int:
        said = request.headers.get("last-event-id") or request.query_params.get("after")
        if said is None:
            kept = await self._pool.fetchval(
                "SELECT position FROM exchange.feed_cursor WHERE member = $1", member.region
            )
            return int(kept or 0)
        if not said.isdigit() or len(said) > 18:
            raise Rejected("wrong-parameter", "/after")
        return int(said)

    async def _await_letters(self, region: str, after: int, wait_s: float) -> list[Leaving]:
        deadline = asyncio.get_running_loop().time() + wait_s
        while True:
            letters = await self._list(region, after)
            if letters or asyncio.get_running_loop().time() >= deadline:
                return letters
            await asyncio.sleep(LOOK_EVERY_S)

    async def _list(self, region: str, after: int) -> list[Leaving]:
        """Nothing, where the member was revoked meanwhile. Forbidden then."""
        members = self._callers.current()
        if members.find_corridor(region) is None:
            raise Forbidden("unknown-member")
        return await self._outgoing.list_after(members, region, after, self._clock.now(), _AT_ONCE)

    async def _stream(self, region: str, after: int, share: Share) -> AsyncIterator[bytes]:
        """Until the member leaves, is revoked, or the stream is old; then it comes again with Last-Event-ID."""
        ends_at = asyncio.get_running_loop().time() + STREAM_S_MAX
        try:
            yield b": letters\n\n"
            while asyncio.get_running_loop().time() < ends_at:
                letters = await self._await_letters(region, after, 15.0)
                share.charge(len(letters))
                if not letters:
                    yield b": nothing yet\n\n"
                for letter in letters:
                    yield _event(letter)
                    after = letter.position
        except (Forbidden, TooMany):
            return
        finally:
            share.stop_listening()

    async def _take(self, region: str, signed: Sequence[object]) -> int:
        """How many were good. Each is held against the letter that it names by its hash."""
        members, now = self._callers.current(), self._clock.now()
        letters = await self._find_letters(region, signed)
        entries = []
        for answer in signed:
            letter = letters.get(find_letter_hash(answer))
            entry = None if letter is None else read_return(letter, answer, region, members, now)
            if entry is not None:
                entries.append(entry)
        if entries:
            await self._journal.append_and_wait(entries)
        return len(entries)

    async def _find_letters(self, region: str, signed: Sequence[object]) -> dict[str, Leaving]:
        hashes = [bytes.fromhex(each) for each in {find_letter_hash(answer) for answer in signed} if each]
        rows = await self._pool.fetch(
            "SELECT message_id, conversation_id, chain_position, signed_hash, said_at FROM exchange.message"
            " WHERE is_ours AND partner = $1 AND signed_hash = ANY($2::bytea[])",
            region,
            hashes,
        )
        return {
            row["signed_hash"].hex(): Leaving(
                str(row["message_id"]),
                str(row["conversation_id"]),
                row["chain_position"],
                row["signed_hash"].hex(),
                row["said_at"],
                None,
                {},
            )
            for row in rows
        }

    async def _move_cursor(self, region: str) -> int:
        """To the last letter before the first one that is not answered."""
        position = await self._pool.fetchval(
            "INSERT INTO exchange.feed_cursor AS c (member, position, moved_at)"
            " SELECT $1, coalesce((SELECT min(chain_position) - 1 FROM exchange.message"
            "   WHERE is_ours AND partner = $1 AND chain_position IS NOT NULL AND answered_at IS NULL),"
            "  (SELECT max(chain_position) FROM exchange.message WHERE is_ours AND partner = $1), 0), $2"
            " ON CONFLICT (member) DO UPDATE SET position = greatest(c.position, excluded.position),"
            " moved_at = excluded.moved_at RETURNING position",
            region,
            self._clock.now(),
        )
        return int(position)

    async def _show_counts(self) -> Response:
        """How many messages of each type were taken on each day: for who takes part in no conversation."""
        rows = await self._pool.fetch(
            "SELECT (taken_at AT TIME ZONE 'UTC')::date::text AS day, message_type, count(*) AS messages"
            " FROM exchange.message WHERE taken_at IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 100000"
        )
        return Response(b"".join(json.dumps(dict(row)).encode() + b"\n" for row in rows), media_type=NDJSON)


def _line(letter: Leaving) -> bytes:
    return json.dumps({"position": letter.position, **letter.item}, separators=(",", ":")).encode() + b"\n"


def _event(letter: Leaving) -> bytes:
    return b"id: %d\nevent: letter\ndata: %s\n\n" % (letter.position, _line(letter).strip())


def _read_signed(raw: bytes) -> list[object]:
    try:
        document: Mapping[str, Any] = parse_json(raw)
        count = len(document["answers"])
        if not 0 < count <= ITEMS_MAX:
            raise Rejected("too-many-items")
        return read_answers(raw, count)
    except (WireError, TypeError, KeyError):
        raise Rejected("not-a-batch") from None


def _read_number(request: Request, name: str, default: float, largest: float) -> float:
    said = request.query_params.get(name)
    if said is None:
        return default
    if not said.isdigit() or len(said) > 6:
        raise Rejected("wrong-parameter", f"/{name}")
    return min(float(said), largest)
