"""Reading a request body: never more of it in memory than allowed, neither for one request nor for all."""

import asyncio
import zlib
from collections.abc import Iterable
from typing import Protocol

from starlette.requests import Request

from services.kernel.errors import Rejected, TooLarge, TooMany
from services.kernel.telemetry.metrics import Metrics

JSON = "application/json"
EVENT_BYTES_MAX = 256 << 10
BATCH_BYTES_MAX = 32 << 20
READ_TIMEOUT_S = 60.0
_STEP_BYTES = 1 << 20


class Budget(Protocol):
    """Whom a body asks before it holds bytes."""

    def take(self, count: int) -> None: ...

    def give_back(self, count: int) -> None: ...


class ByteBudget:
    """Bytes of bodies that all requests together may hold."""

    def __init__(self, bytes_max: int, metrics: Metrics) -> None:
        self._bytes_max = bytes_max
        self._held = 0
        metrics.watch("domicile_http_bytes_in_flight", lambda: self._held)

    def take(self, count: int) -> None:
        """Hold `count` more; TooMany("too-busy") if that is more than there is."""
        if self._held + count > self._bytes_max:
            raise TooMany("too-busy", retry_after_s=1.0)
        self._held += count

    def give_back(self, count: int) -> None:
        """Hold `count` less."""
        self._held -= count


class Body:
    """The body of one request, held until it is closed: `async with Body(...) as data`."""

    def __init__(self, request: Request, budget: Budget, bytes_max: int) -> None:
        self._request = request
        self._budget = budget
        self._bytes_max = bytes_max
        self._taken = 0

    async def __aenter__(self) -> bytes:
        try:
            async with asyncio.timeout(READ_TIMEOUT_S):
                return await self._read()
        except TimeoutError:
            self._release()
            raise Rejected("body-too-slow") from None
        except BaseException:
            self._release()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._release()

    async def _read(self) -> bytes:
        headers = self._request.headers
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip"):
            raise Rejected("bad-encoding")
        length = headers.get("content-length", "")
        if encoding == "identity" and length.isdigit() and int(length) > self._bytes_max:
            raise self._too_large()
        unpack = _Gunzip(self._bytes_max) if encoding == "gzip" else None
        parts: list[bytes] = []
        async for chunk in self._request.stream():
            if not chunk:
                continue
            for part in unpack.feed(chunk) if unpack else (chunk,):
                self._hold(len(part))
                parts.append(part)
        if unpack:
            unpack.finish()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _hold(self, count: int) -> None:
        if self._taken + count > self._bytes_max:
            raise self._too_large()
        self._budget.take(count)
        self._taken += count

    def _release(self) -> None:
        self._budget.give_back(self._taken)
        self._taken = 0

    def _too_large(self) -> TooLarge:
        limit = f"{self._bytes_max >> 20} MiB" if self._bytes_max >= 1 << 20 else f"{self._bytes_max >> 10} KiB"
        return TooLarge("too-large", rule=f"A body here has at most {limit}, unpacked.")


class _Gunzip:
    """Unpacks in small steps, so that a bomb is noticed before it is held."""

    def __init__(self, bytes_max: int) -> None:
        self._unpacker = zlib.decompressobj(wbits=31)
        self._step = min(_STEP_BYTES, bytes_max + 1)

    def feed(self, chunk: bytes) -> Iterable[bytes]:
        while chunk:
            if self._unpacker.eof:
                raise Rejected("bad-encoding")
            try:
                part = self._unpacker.decompress(chunk, self._step)
            except zlib.error:
                raise Rejected("bad-encoding") from None
            chunk = self._unpacker.unconsumed_tail or self._unpacker.unused_data
            if part:
                yield part

    def finish(self) -> None:
        if not self._unpacker.eof:
            raise Rejected("bad-encoding")


def media_type_of(request: Request) -> str:
    """The media type of the body, bare. Rejected("wrong-media-type") if its charset is not UTF-8."""
    content_type, _, parameters = request.headers.get("content-type", "").partition(";")
    for parameter in parameters.lower().split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "charset" and value.strip('"') not in ("utf-8", "utf8", "us-ascii"):
            raise Rejected("wrong-media-type")
    return content_type.strip().lower()
