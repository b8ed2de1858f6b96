"""HTTP/1.1 as uvicorn speaks it with httptools, except that nobody holds a connection by never ending a request's head.

uvicorn times out what is idle after an answer, and `bodies.py` what is sent too slowly; between the two stand the head
of a request and a connection on which nothing was ever sent.
"""

import asyncio
from collections import Counter
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_TIMEOUT_S = 30.0


class BoundedProtocol(HttpToolsProtocol):
    """Closes a connection whose next head is not whole `HEAD_TIMEOUT_S` after it began, or on which nothing came."""

    _head_begun = False
    _give_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._give_up = self.loop.call_later(HEAD_TIMEOUT_S, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_begun and self._give_up is None:  # a head that came in one piece costs no timer
            self._give_up = self.loop.call_later(HEAD_TIMEOUT_S, self.transport.close)

    def on_message_begin(self) -> None:
        self._head_begun = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._head_begun = False
        self._stop_waiting()
        super().on_headers_complete()

    def _stop_waiting(self) -> None:
        if self._give_up is not None:
            self._give_up.cancel()
            self._give_up = None


class CertifiedProtocol(BoundedProtocol):
    """Tells the application, as `scope["tls_names"]`, which DNS names stand in the client's certificate.

    None where the connection is not encrypted. One client cannot take all connections: beyond `CONNECTIONS_MAX` of one
    certificate, or of one address without, new ones are closed.
    """

    CONNECTIONS_MAX: ClassVar[int] = 64
    _open: ClassVar[Counter[str]] = Counter()
    _names: frozenset[str] | None = None
    _peer: str | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if transport.get_extra_info("ssl_object") is not None:
            certificate = transport.get_extra_info("peercert") or {}
            listed = certificate.get("subjectAltName", ())
            self._names = frozenset(name.lower() for kind, name in listed if kind == "DNS")
        self._peer = min(self._names, default="") if self._names else str((self.client or ("",))[0])
        self._open[self._peer] += 1
        if self._open[self._peer] > self.CONNECTIONS_MAX:
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._peer is not None:
            self._open[self._peer] -= 1
            if self._open[self._peer] <= 0:
                del self._open[self._peer]
            self._peer = None
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """A partner that keeps an idle connection reads nothing from it, our farewell either: it is not waited for."""
        idle = self.cycle is None or self.cycle.response_complete
        if idle and self._names is not None and not self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().shutdown()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["tls_names"] = self._names  # type: ignore[typeddict-unknown-key]
