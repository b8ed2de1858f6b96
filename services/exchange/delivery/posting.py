"""One request to a partner's door: bounded in time and size, over a connection that proves both sides."""

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import httpx

from services.exchange.delivery.outgoing import Leaving
from services.exchange.members import Member, TlsFiles
from services.exchange.wire.items import read_answers, write_request
from services.exchange.wire.jws import WireError

MESSAGES, READY, ROOTS = "/exchange/v1/messages", "/exchange/v1/ready", "/exchange/v1/roots"
RECONCILIATION = "/exchange/v1/reconciliation"
CONNECT_S, WHOLE_S, READY_S = 5.0, 45.0, 5.0
RECONCILE_S = 900.0
"""A partner counts all its links before it answers."""
ANSWER_BYTES_MAX = 8 << 20


class NotBroughtError(Exception):
    """The partner did not answer, or not as a partner does. `reason`: a word. It may have the letters all the same."""

    def __init__(self, reason: str, retry_after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_s = retry_after_s


class Posting:
    """Keeps a few connections to each partner. `tls`: our own certificate; None where the federation has none."""

    def __init__(self, tls: TlsFiles | None) -> None:
        verify: Any = True
        if tls is not None:
            verify = ssl.create_default_context(cafile=str(tls.authority))
            verify.load_cert_chain(tls.certificate, tls.key)
            verify.minimum_version = ssl.TLSVersion.TLSv1_3
        self._tls = tls
        timeout = httpx.Timeout(WHOLE_S, connect=CONNECT_S)
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=60)
        self._client = httpx.AsyncClient(verify=verify, timeout=timeout, limits=limits, trust_env=False)

    async def close(self) -> None:
        await self._client.aclose()

    async def post(self, partner: Member, letters: Sequence[Leaving]) -> list[object]:
        """Answers in the order of the letters, checked by nobody. NotBroughtError."""
        body = write_request([letter.item for letter in letters])
        headers = {"content-type": "application/json"}
        raw = await self._ask(partner, "POST", MESSAGES, WHOLE_S, content=body, headers=headers)
        try:
            return read_answers(raw, len(letters))
        except WireError:
            raise NotBroughtError("no-answers") from None

    async def knock(self, partner: Member) -> None:
        """NotBroughtError where the partner is not there."""
        await self._ask(partner, "GET", READY, READY_S)

    async def leave_root(self, partner: Member, root: bytes) -> None:
        """Leaves our signed root with a partner. NotBroughtError."""
        await self._ask(partner, "POST", ROOTS, READY_S, content=root, headers={"content-type": "application/json"})

    async def reconcile(self, partner: Member, request: bytes) -> bytes:
        """One step of a run of reconciliation; the signed answer. NotBroughtError."""
        headers = {"content-type": "application/json"}
        patience = httpx.Timeout(RECONCILE_S, connect=CONNECT_S)
        return await self._ask(
            partner, "POST", RECONCILIATION, RECONCILE_S, content=request, headers=headers, timeout=patience
        )

    async def _ask(self, partner: Member, method: str, path: str, whole_s: float, **request: Any) -> bytes:
        if self._tls is not None and not partner.url.startswith("https://"):
            raise NotBroughtError("not-encrypted")
        try:
            async with asyncio.timeout(whole_s), AsyncExitStack() as stack:
                sent = self._client.stream(
                    method, partner.url + path, extensions=self._extensions(partner), follow_redirects=False, **request
                )
                answer = await stack.enter_async_context(sent)
                if answer.status_code != 200:
                    raise NotBroughtError(f"status-{answer.status_code}", _retry_after(answer))
                return await _read_bounded(answer)
        except TimeoutError:
            raise NotBroughtError("too-slow") from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise NotBroughtError(type(error).__name__) from None

    def _extensions(self, partner: Member) -> dict[str, Any]:
        """The certificate that answers must be the partner's, whatever the address is."""
        return {"sni_hostname": min(partner.tls_names)} if self._tls is not None and partner.tls_names else {}


async def _read_bounded(answer: httpx.Response) -> bytes:
    parts: list[bytes] = []
    held = 0
    async for part in answer.aiter_bytes():
        held += len(part)
        if held > ANSWER_BYTES_MAX:
            raise NotBroughtError("too-large")
        parts.append(part)
    return b"".join(parts)


def _retry_after(answer: httpx.Response) -> float:
    said = answer.headers.get("retry-after", "")
    return float(said) if said.isdigit() else 0.0
