"""A member's own folder of keys, which nobody else reads.

keys.json          private keys: {"signing": [JWK …], "encryption": [JWK …]}, each with its `kid`
directory.json     public keys of who signs the member directory: {"keys": [JWK …]}
certificate.pem    with certificate.key and authority.pem: for mutual TLS; without them there is none
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from services.kernel.errors import Corrupt

SIGNING_CURVE, ENCRYPTION_CURVE = "Ed25519", "X25519"
KEYS, TRUSTED = "keys.json", "directory.json"


@dataclass(frozen=True)
class TlsFiles:
    """PEM files. `authority`: who issues the certificates of all members."""

    certificate: Path
    key: Path
    authority: Path


@dataclass(frozen=True, repr=False)
class OwnKeys:
    """Private keys by their `kid`."""

    signing: Mapping[str, OKPKey]
    encryption: Mapping[str, OKPKey]


def make_key(kid: str, curve: str) -> OKPKey:
    """A new private key."""
    return OKPKey.generate_key(curve, {"kid": kid})  # type: ignore[arg-type]


def import_key(jwk: Mapping[str, Any], curve: str) -> OKPKey:
    """ValueError for anything but an OKP key of that curve."""
    try:
        if jwk.get("kty") != "OKP" or jwk.get("crv") != curve or not isinstance(jwk.get("kid"), str):
            raise ValueError(f"a key is of type OKP with curve {curve}, and has a kid")
        return OKPKey.import_key(dict(jwk))
    except (JoseError, TypeError, AttributeError) as wrong:
        raise ValueError("a key cannot be read") from wrong


def public_part(key: OKPKey) -> dict[str, Any]:
    """As others may know it."""
    return {name: value for name, value in key.as_dict(private=False).items() if name in ("kty", "crv", "x", "kid")}


def write_own_keys(keys: OwnKeys) -> str:
    """The content of keys.json."""
    both = {"signing": keys.signing.values(), "encryption": keys.encryption.values()}
    return json.dumps({use: [key.as_dict(private=True) for key in kept] for use, kept in both.items()}, indent=1) + "\n"


def read_own_keys(folder: Path) -> OwnKeys:
    """Corrupt where the file cannot be read."""
    try:
        document = json.loads((folder / KEYS).read_text("utf-8"))
        return OwnKeys(
            _by_kid(document["signing"], SIGNING_CURVE),
            _by_kid(document["encryption"], ENCRYPTION_CURVE),
        )
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise Corrupt("bad-member-file", str(folder / KEYS)) from wrong


def read_trusted_keys(folder: Path) -> Mapping[str, OKPKey]:
    """By whom the directory may be signed. Corrupt where the file cannot be read."""
    try:
        return _by_kid(json.loads((folder / TRUSTED).read_text("utf-8"))["keys"], SIGNING_CURVE)
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise Corrupt("bad-member-file", str(folder / TRUSTED)) from wrong


def find_tls(folder: Path) -> TlsFiles | None:
    """None where no certificate lies in the folder."""
    files = TlsFiles(folder / "certificate.pem", folder / "certificate.key", folder / "authority.pem")
    return files if files.certificate.exists() else None


def _by_kid(jwks: Iterable[Mapping[str, Any]], curve: str) -> dict[str, OKPKey]:
    return {str(jwk["kid"]): import_key(jwk, curve) for jwk in jwks}
