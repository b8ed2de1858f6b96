"""How anything is signed: JSON Web Signatures (RFC 7515) in their flattened JSON form, Ed25519 (RFC 8037, RFC 9864).

There is one spelling of each: base64url without padding and without stray bits, a protected header of exactly `alg`,
`kid` and `typ` as canonical JSON. So no changed byte goes unnoticed. The key is looked up by `kid` among those of the
member directory, the algorithm is ours to know: nothing in a message chooses either.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from services.exchange.protocol.envelope import canonical_json

ALGORITHM = "Ed25519"
KID_CHARACTERS_MAX = 100


class WireError(ValueError):
    """What came cannot be taken. `code`: E-TEC-…; `path`: a JSON pointer; neither says what stood there.

    `message_id`, `sender`: as claimed, where they could be read; proved by nothing.
    """

    def __init__(self, code: str, path: str = "", *, message_id: str = "", sender: str = "") -> None:
        super().__init__(code, path)
        self.code = code
        self.path = path
        self.message_id = message_id
        self.sender = sender


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """A private key of our own. `key`: OKP, curve Ed25519."""

    kid: str
    key: OKPKey


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that may sign for the region `owner`."""

    kid: str
    owner: str
    key: OKPKey


FindKey = Callable[[str], PublicKey]
"""The key of a `kid`. WireError: E-TEC-04 where nobody has it, E-TEC-05 where it may not be used (any more)."""


class Jws(NamedTuple):
    """A flattened JWS: three texts in base64url."""

    payload: str
    protected: str
    signature: str

    def to_bytes(self) -> bytes:
        """The one spelling that is kept as evidence."""
        return canonical_json(self._asdict())

    def raw_payload(self) -> bytes:
        """The signed bytes. WireError E-TEC-01."""
        return decode_base64url(self.payload, "/payload")


def read_jws(value: object) -> Jws:
    """From JSON that was read, or its bytes. WireError E-TEC-01 for anything but exactly three texts."""
    if isinstance(value, bytes):
        value = parse_json(value)
    if not isinstance(value, dict) or set(value) != {"payload", "protected", "signature"}:
        raise WireError("E-TEC-01")
    if not all(isinstance(each, str) for each in value.values()):
        raise WireError("E-TEC-01")
    return Jws(value["payload"], value["protected"], value["signature"])


def sign(payload: bytes, typ: str, key: SigningKey) -> Jws:
    """The payload signed by a key of our own."""
    header = {"protected": {"alg": ALGORITHM, "kid": key.kid, "typ": typ}}
    made = jws.serialize_json(header, payload, key.key, algorithms=[ALGORITHM])  # type: ignore[call-overload]
    return Jws(made["payload"], encode_base64url(_write_header(key.kid, typ)), made["signature"])


def verify(signed: Jws, typ: str, find_key: FindKey) -> tuple[bytes, PublicKey]:
    """The signed bytes and whose key it was. WireError: E-TEC-01 unreadable, 04 wrong, 05 key not in use."""
    kid = read_kid(signed.protected, typ)
    payload = decode_base64url(signed.payload, "/payload")
    decode_base64url(signed.signature, "/signature", code="E-TEC-04")
    key = find_key(kid)
    try:
        checked = jws.deserialize_json(signed._asdict(), key.key, algorithms=[ALGORITHM])  # type: ignore[call-overload]
    except (JoseError, ValueError, TypeError):
        raise WireError("E-TEC-04", "/signature") from None
    if checked.payload != payload:  # pragma: no cover - the library read the bytes that we did
        raise WireError("E-TEC-04", "/signature")
    return payload, key


@lru_cache(maxsize=1024)
def read_kid(protected: str, typ: str) -> str:
    """`alg: none`, another algorithm, an embedded key, `crit`, `b64`: everything but our three words is refused."""
    if len(protected) > 4 * KID_CHARACTERS_MAX + 200:
        raise WireError("E-TEC-04", "/protected")
    raw = decode_base64url(protected, "/protected", code="E-TEC-04")
    try:
        header = json.loads(raw)
    except (ValueError, RecursionError):
        raise WireError("E-TEC-04", "/protected") from None
    kid = header.get("kid") if isinstance(header, dict) else None
    if not isinstance(kid, str) or not 0 < len(kid) <= KID_CHARACTERS_MAX or raw != _write_header(kid, typ):
        raise WireError("E-TEC-04", "/protected")
    return kid


def _write_header(kid: str, typ: str) -> bytes:
    return canonical_json({"alg": ALGORITHM, "kid": kid, "typ": typ})


def encode_base64url(raw: bytes) -> str:
    """Without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_base64url(text: str, path: str, *, code: str = "E-TEC-01") -> bytes:
    """WireError for any spelling but the one."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (NotBase64, ValueError):
        raise WireError(code, path) from None
    if encode_base64url(raw) != text:
        raise WireError(code, path)
    return raw


def parse_json(raw: bytes) -> Any:
    """JSON of any shape. WireError E-TEC-01."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise WireError("E-TEC-01") from None
