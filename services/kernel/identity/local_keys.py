"""Tokens for the local stack: a signing key of one region, made where it is used. Never for production, where
tokens come from the region's own identity provider."""

import json
import os
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from services.kernel.clock import Clock, SystemClock
from services.kernel.identity.caller import ROLES, WHOLE_REGION

PRIVATE_KEY = "signing-key.pem"
PUBLIC_KEYS = "jwks.json"
TTL_S = 12 * 3600


def identity_folder(home: Path, region: str) -> Path:
    """Where the local stack keeps the signing key of a region."""
    return home / "regions" / region / "identity"


def local_issuer(region: str) -> str:
    """The `iss` of local tokens."""
    return f"domicile-local-{region}"


def local_audience(region: str) -> str:
    """The `aud` of local tokens."""
    return f"domicile-{region}"


def ensure_signing_key(folder: Path) -> Path:
    """The path of `jwks.json` in `folder`; makes it, and the Ed25519 key beside it (mode 0600), if absent.

    Safe to call at the same time from several processes: the first key wins.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    private = folder / PRIVATE_KEY
    if not private.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write_once(private, pem)
    public = folder / PUBLIC_KEYS
    if not public.exists():
        _write_once(public, json.dumps({"keys": [_public_jwk(_read_key(folder))]}, indent=2).encode())
    return public


def issue_token(
    folder: Path,
    region: str,
    role: str,
    areas: Sequence[str] = (WHOLE_REGION,),
    purpose: str | None = None,
    ttl_s: float = TTL_S,
    sub: str | None = None,
    clock: Clock | None = None,
) -> str:
    """A token for `role` in `region`, signed with the key in `folder`.

    `sub`: who it is for; each role is a person of its own unless told. ValueError for an unknown role,
    FileNotFoundError if the folder has no key.
    """
    if role not in ROLES:
        raise ValueError(f"no such role: {role}; there are {', '.join(sorted(ROLES))}")
    key = _read_key(folder)
    now = (clock or SystemClock()).now()
    claims = {
        "iss": local_issuer(region),
        "aud": local_audience(region),
        "sub": sub or f"local-{role}",
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(seconds=ttl_s)).timestamp()),
        "roles": [role],
        "areas": list(areas),
    }
    if purpose:
        claims["purpose"] = purpose
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": _public_jwk(key)["kid"]})


def _read_key(folder: Path) -> Ed25519PrivateKey:
    key = load_pem_private_key((folder / PRIVATE_KEY).read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{PRIVATE_KEY} is not an Ed25519 key")
    return key


def _public_jwk(key: Ed25519PrivateKey) -> dict[str, str]:
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    x = urlsafe_b64encode(raw).rstrip(b"=").decode()
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "alg": "EdDSA",
        "use": "sig",
        "kid": sha256(raw).hexdigest()[:16],
        "x": x,
    }


def _write_once(path: Path, content: bytes) -> None:
    """Write whole or not at all, readable by the owner only; whoever came first stays."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(name)
