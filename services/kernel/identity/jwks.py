"""The keys that tokens are signed with: a JWKS (RFC 7517) in a file that is read again when it changes, or at
a URL that is asked again after a while. Only public keys for EdDSA, ES256 and RS256 are taken from it."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from services.kernel.errors import Unavailable

RSA_BITS_MIN = 2048
JWKS_BYTES_MAX = 1 << 20


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """One public key and the one algorithm that it is for."""

    kid: str
    algorithm: str
    key: Any


class KeySource(Protocol):
    """Where keys come from. `generation` changes whenever the keys may have changed."""

    @property
    def generation(self) -> int: ...

    async def find_key(self, kid: str) -> VerifyingKey | None:
        """The key of that id; Unavailable("keys-unavailable") if no key can be read at all."""
        ...

    async def refresh(self) -> None:
        """Look for newer keys if it is time to; cheap else."""
        ...


class FileKeys:
    """Keys from a file; looks at its change time at most every `look_every_s`."""

    def __init__(self, path: Path, look_every_s: float = 1.0) -> None:
        self._path = path
        self._look_every_s = look_every_s
        self._looked_at = float("-inf")
        self._stamp: tuple[int, int, int] | None = None
        self._keys: Mapping[str, VerifyingKey] = {}
        self.generation = 0

    async def find_key(self, kid: str) -> VerifyingKey | None:
        await self.refresh()
        if not self._keys:
            raise Unavailable("keys-unavailable", retry_after_s=self._look_every_s)
        return self._keys.get(kid)

    async def refresh(self) -> None:
        if monotonic() - self._looked_at < self._look_every_s:
            return
        self._looked_at = monotonic()
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            if stamp == self._stamp:
                return
            self._keys = parse_jwks(self._path.read_bytes())
            self._stamp = stamp
        except (OSError, ValueError):
            # A file that is being replaced, or damaged, does not lock everybody out: the keys before stay.
            return
        self.generation += 1


class UrlKeys:
    """Keys from a URL, kept for `keep_s`; an unknown key id asks again, at most every `ask_every_s`."""

    def __init__(self, url: str, keep_s: float = 300.0, ask_every_s: float = 10.0, timeout_s: float = 3.0) -> None:
        self._url = url
        self._keep_s = keep_s
        self._ask_every_s = ask_every_s
        self._timeout_s = timeout_s
        self._asked_at = float("-inf")
        self._keys: Mapping[str, VerifyingKey] = {}
        self._lock = asyncio.Lock()
        self.generation = 0

    async def find_key(self, kid: str) -> VerifyingKey | None:
        await self.refresh()
        if kid not in self._keys:
            await self._ask(self._ask_every_s)
        if not self._keys:
            raise Unavailable("keys-unavailable", retry_after_s=self._ask_every_s)
        return self._keys.get(kid)

    async def refresh(self) -> None:
        await self._ask(self._keep_s)

    async def _ask(self, not_within_s: float) -> None:
        if monotonic() - self._asked_at < not_within_s:
            return
        async with self._lock:
            if monotonic() - self._asked_at < not_within_s:
                return
            try:
                async with httpx.AsyncClient(timeout=self._timeout_s, follow_redirects=False) as client:
                    answer = await client.get(self._url)
                answer.raise_for_status()
                keys = parse_jwks(answer.content)
            except (httpx.HTTPError, ValueError):
                return
            finally:
                # Only now: whoever asked meanwhile waits at the lock for these keys.
                self._asked_at = monotonic()
            if keys != self._keys:
                self._keys = keys
                self.generation += 1


def open_keys(place: str) -> KeySource:
    """The key source that a setting names: an http(s) URL, else a path."""
    return UrlKeys(place) if place.startswith(("https://", "http://")) else FileKeys(Path(place))


def parse_jwks(text: bytes) -> Mapping[str, VerifyingKey]:
    """Usable keys by key id; other and private ones are passed over. ValueError if it is no JWKS."""
    if len(text) > JWKS_BYTES_MAX:
        raise ValueError("too large for a JWKS")
    document = json.loads(text)
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("not a JWKS")
    found = [key for entry in entries if isinstance(entry, dict) and (key := _usable(entry))]
    return {key.kid: key for key in found}


def _usable(entry: dict[str, Any]) -> VerifyingKey | None:
    kid = entry.get("kid")
    if not isinstance(kid, str) or entry.get("use", "sig") != "sig" or "d" in entry or "k" in entry:
        return None
    try:
        key = jwt.PyJWK(entry).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    algorithm = _algorithm_for(key)
    if algorithm is None or entry.get("alg", algorithm) != algorithm:
        return None
    return VerifyingKey(kid, algorithm, key)


def _algorithm_for(key: object) -> str | None:
    if isinstance(key, Ed25519PublicKey):
        return "EdDSA"
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return "ES256"
    if isinstance(key, RSAPublicKey) and key.key_size >= RSA_BITS_MIN:
        return "RS256"
    return None
