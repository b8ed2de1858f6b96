"""Particulars on the way: one JWE (RFC 7516) per subject, for the recipient's eyes only.

ECDH-ES+A256KW over X25519 with A256GCM, compact form, protected header of exactly `alg`, `enc`, `kid`, `typ`,
`commitment` and the ephemeral key. What is encrypted are the bytes of `particulars.write_part`: salt and document.
Since the letter signs the commitment, nobody can put another part into its place.
"""

import json
from dataclasses import dataclass

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import OKPKey
from joserfc.registry import HeaderParameter

from services.exchange.wire.jws import WireError, decode_base64url

TYP = "domicile-part"
ALG, ENC = "ECDH-ES+A256KW", "A256GCM"
PART_BYTES_MAX = 32 << 10
"""Of the salt and the document, before encryption."""
JWE_CHARACTERS_MAX = PART_BYTES_MAX * 4 // 3 + 2048
_NAMES = {"alg", "enc", "kid", "typ", "commitment", "epk"}


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """For whom parts are encrypted. `key`: OKP, curve X25519."""

    kid: str
    key: OKPKey


@dataclass(frozen=True, slots=True, repr=False)
class PrivateEncryptionKey:
    """A key of our own by which parts are read."""

    kid: str
    key: OKPKey


_REGISTRY = JWERegistry(
    header_registry={"commitment": HeaderParameter("Commitment to what is encrypted", "str")},
    algorithms=[ALG, ENC],
)


def encrypt_part(opened: bytes, commitment: str, key: EncryptionKey) -> str:
    """A compact JWE. `opened`: of `particulars.write_part`."""
    header = {"alg": ALG, "enc": ENC, "kid": key.kid, "typ": TYP, "commitment": commitment}
    return jwe.encrypt_compact(header, opened, key.key, registry=_REGISTRY)


def find_kid(part: str) -> str:
    """Which key a part is encrypted for. WireError E-TEC-02 where it is no part."""
    header = _read_header(part)
    return str(header["kid"])


def decrypt_part(part: str, commitment: str, key: PrivateEncryptionKey) -> bytes:
    """Salt and document, as bytes. Whether they fit the commitment is for `particulars.read_part` to say.

    WireError E-TEC-02 `/parts` where it cannot be read, E-TEC-09 where it is too large.
    """
    header = _read_header(part)
    if header["kid"] != key.kid or header["commitment"] != commitment:
        raise WireError("E-TEC-02", "/parts")
    try:
        opened = jwe.decrypt_compact(part, key.key, registry=_REGISTRY).plaintext
    except (JoseError, ValueError, TypeError, KeyError):
        raise WireError("E-TEC-02", "/parts") from None
    if opened is None:
        raise WireError("E-TEC-02", "/parts")
    return opened


def _read_header(part: str) -> dict[str, object]:
    if len(part) > JWE_CHARACTERS_MAX:
        raise WireError("E-TEC-09", "/parts")
    pieces = part.split(".")
    if len(pieces) != 5:
        raise WireError("E-TEC-02", "/parts")
    raw = [decode_base64url(each, "/parts", code="E-TEC-02") for each in pieces]
    try:
        header = json.loads(raw[0])
    except (ValueError, RecursionError):
        raise WireError("E-TEC-02", "/parts") from None
    if (
        not isinstance(header, dict)
        or set(header) != _NAMES
        or (header["alg"], header["enc"], header["typ"]) != (ALG, ENC, TYP)
    ):
        raise WireError("E-TEC-02", "/parts")
    return header
