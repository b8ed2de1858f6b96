"""Tokens that must not be believed, each made from a good key and a good set of claims."""

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from services.kernel.identity.local_keys import PRIVATE_KEY, PUBLIC_KEYS, local_audience, local_issuer


class Forge:
    """Signs what it is told to, with the signing key of one region."""

    def __init__(self, folder: Path, region: str) -> None:
        self._folder = folder
        self._region = region
        self.kid = json.loads((folder / PUBLIC_KEYS).read_text())["keys"][0]["kid"]

    def claims(self, **changed: Any) -> dict[str, Any]:
        claims: dict[str, Any] = {
            "iss": local_issuer(self._region),
            "aud": local_audience(self._region),
            "sub": "somebody",
            "exp": int(time.time()) + 600,
            "roles": ["registrar"],
            "areas": ["*"],
        } | changed
        return {name: value for name, value in claims.items() if value is not ...}

    def sign(self, claims: dict[str, Any] | None = None, headers: dict[str, Any] | None = None) -> str:
        key = load_pem_private_key((self._folder / PRIVATE_KEY).read_bytes(), None)
        assert isinstance(key, Ed25519PrivateKey)
        wanted = {"kid": self.kid} | (headers or {})
        return jwt.encode(claims or self.claims(), key, "EdDSA", {k: v for k, v in wanted.items() if v is not ...})

    def all(self) -> dict[str, str]:
        """Bad Authorization headers, by what is wrong with them."""
        good, own_key = self.sign(), Ed25519PrivateKey.generate()
        public = (self._folder / PUBLIC_KEYS).read_bytes()
        own_jwk = jwt.algorithms.OKPAlgorithm.to_jwk(own_key.public_key(), as_dict=True)
        head, body, signature = good.split(".")
        tokens = {
            "expired": self.sign(self.claims(exp=int(time.time()) - 10)),
            "no expiry": self.sign(self.claims(exp=...)),
            "expiry as text": self.sign(self.claims(exp=str(int(time.time()) + 600))),
            "not yet valid": self.sign(self.claims(nbf=int(time.time()) + 600)),
            "wrong issuer": self.sign(self.claims(iss="somebody-else")),
            "no issuer": self.sign(self.claims(iss=...)),
            "wrong audience": self.sign(self.claims(aud="domicile-elsewhere")),
            "no audience": self.sign(self.claims(aud=...)),
            "no subject": self.sign(self.claims(sub=...)),
            "subject with spaces": self.sign(self.claims(sub="Ex Ample")),
            "roles as text": self.sign(self.claims(roles="registrar")),
            "areas as text": self.sign(self.claims(areas="*")),
            "no key id": self.sign(headers={"kid": ...}),
            "unknown key id": self.sign(headers={"kid": "unknown"}),
            "unknown crit": _raw({"alg": "EdDSA", "kid": self.kid, "crit": ["x"], "x": 1}, body, signature),
            "embedded jwk": jwt.encode(self.claims(), own_key, "EdDSA", {"kid": self.kid, "jwk": own_jwk}),
            "embedded jwk, rightly signed": self.sign(headers={"jwk": own_jwk}),
            "embedded jku": self.sign(headers={"jku": "https://example.org/keys"}),
            "embedded x5c": self.sign(headers={"x5c": ["MIIB"]}),
            "somebody else's key": jwt.encode(self.claims(), own_key, "EdDSA", {"kid": self.kid}),
            "alg none": _raw({"alg": "none", "kid": self.kid}, body, ""),
            "alg None": _raw({"alg": "None", "kid": self.kid}, body, signature),
            "HS256 with the public key": self._hmac(public, body),
            "other algorithm named": _raw({"alg": "ES256", "kid": self.kid}, body, signature),
            "other body": f"{head}.{_encode(self.claims(roles=['operator']))}.{signature}",
            "cut short": good[:-4],
            "two dots less": "x" + good.replace(".", ""),
            "not even a token": "x",
            "very long": "x" * 20_000,
            "deep header": _raw_text(b'{"a":' * 3000 + b"1" + b"}" * 3000, body, signature),
        }
        headers = {name: f"Bearer {token}" for name, token in tokens.items()}
        return headers | {"no token": "", "no scheme": good, "basic": f"Basic {good}", "empty": "Bearer"}

    def _hmac(self, secret: bytes, body: str) -> str:
        signed = f"{_encode({'alg': 'HS256', 'kid': self.kid})}.{body}"
        return f"{signed}.{_text(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def _raw(header: dict[str, Any], body: str, signature: str) -> str:
    return f"{_encode(header)}.{body}.{signature}"


def _raw_text(header: bytes, body: str, signature: str) -> str:
    return f"{_text(header)}.{body}.{signature}"


def _encode(value: dict[str, Any]) -> str:
    return _text(json.dumps(value).encode())


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
