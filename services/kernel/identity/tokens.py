"""Bearer tokens: JSON Web Tokens (RFC 7519) checked as RFC 8725 advises.

One key, found by its id in the region's own JWKS, and the one algorithm that this key is for. A key that
comes inside the token (`jwk`, `jku`, `x5c`, `x5u`), any critical extension (`crit`), `none` and HMAC are
refused. Issuer, audience, subject and expiry are required.

Verifying costs more than the rest of a request, so a verified token is remembered by its exact bytes until it
expires or the keys change.
"""

import re
from collections import OrderedDict
from typing import Any

import jwt

from services.kernel.clock import Clock
from services.kernel.errors import Unauthenticated
from services.kernel.identity.caller import ROLES, Caller
from services.kernel.identity.jwks import KeySource, VerifyingKey

TOKEN_LENGTH_MAX = 8192
_FOREIGN_KEYS = frozenset({"jwk", "jku", "x5c", "x5u", "crit", "b64"})
_SCHEME = "bearer "
# It stands as the actor on the log, so it has the form that the envelope gives to an actor.
_SUB = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{0,63}")


class TokenVerifier:
    """Turns an Authorization header into a `Caller`."""

    def __init__(
        self,
        keys: KeySource,
        *,
        issuer: str,
        audience: str,
        region: str,
        clock: Clock,
        remembered_max: int = 4096,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._region = region
        self._clock = clock
        self._remembered: OrderedDict[str, tuple[float, Caller]] = OrderedDict()
        self._remembered_max = remembered_max
        self._generation = keys.generation

    async def authenticate(self, authorization: str | None) -> Caller:
        """The caller that an Authorization header names.

        Raises Unauthenticated (`no-token`, `bad-token`, `expired-token`), or Unavailable without any key.
        """
        if not authorization or authorization[: len(_SCHEME)].lower() != _SCHEME:
            raise Unauthenticated("no-token")
        token = authorization[len(_SCHEME) :].strip()
        if not token or len(token) > TOKEN_LENGTH_MAX:
            raise Unauthenticated("no-token" if not token else "bad-token")
        await self._keys.refresh()
        now = self._clock.now().timestamp()
        return self._find_remembered(token, now) or await self._verify(token, now)

    def _find_remembered(self, token: str, now: float) -> Caller | None:
        if self._generation != self._keys.generation:
            self._remembered.clear()
            self._generation = self._keys.generation
        found = self._remembered.get(token)
        if found is None or found[0] <= now:
            return None
        self._remembered.move_to_end(token)
        return found[1]

    async def _verify(self, token: str, now: float) -> Caller:
        key = await self._key_for(token)
        try:
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[key.algorithm],
                issuer=self._issuer,
                audience=self._audience,
                options={
                    "require": ["exp", "iss", "aud", "sub"],
                    # Times are checked below, by the region's clock.
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise Unauthenticated("bad-token") from None
        expires_at = _checked_times(claims, now)
        caller = _caller(claims, self._region)
        self._remembered[token] = (expires_at, caller)
        while len(self._remembered) > self._remembered_max:
            self._remembered.popitem(last=False)
        return caller

    async def _key_for(self, token: str) -> VerifyingKey:
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise Unauthenticated("bad-token") from None
        kid = header.get("kid")
        if _FOREIGN_KEYS & header.keys() or not isinstance(kid, str):
            raise Unauthenticated("bad-token")
        key = await self._keys.find_key(kid)
        if key is None or header.get("alg") != key.algorithm:
            raise Unauthenticated("bad-token")
        return key


def _checked_times(claims: dict[str, Any], now: float) -> float:
    expires_at, not_before = claims["exp"], claims.get("nbf", 0)
    for time in (expires_at, not_before):
        if isinstance(time, bool) or not isinstance(time, int | float) or not 0 <= time < 1e12:
            raise Unauthenticated("bad-token")
    if expires_at <= now:
        raise Unauthenticated("expired-token")
    if not_before > now + 5:
        raise Unauthenticated("bad-token", rule="The token is not valid yet (nbf).")
    return float(expires_at)


def _caller(claims: dict[str, Any], region: str) -> Caller:
    sub, purpose = claims["sub"], claims.get("purpose")
    if not isinstance(sub, str) or not _SUB.fullmatch(sub) or not isinstance(purpose, str | None):
        raise Unauthenticated("bad-token")
    roles, areas = _words(claims.get("roles", [])), _words(claims.get("areas", []))
    return Caller(sub, frozenset(roles) & ROLES, areas, purpose or None, region)


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        raise Unauthenticated("bad-token")
    return tuple(value)
