"""Only a token that the region's own issuer signed for this region, now, is believed."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from services.kernel.clock import Clock, FixedClock, SystemClock
from services.kernel.errors import Unauthenticated, Unavailable
from services.kernel.identity.caller import Caller
from services.kernel.identity.jwks import FileKeys, VerifyingKey, parse_jwks
from services.kernel.identity.local_keys import ensure_signing_key, issue_token, local_audience, local_issuer
from services.kernel.identity.tokens import TokenVerifier
from tests.kernel.identity.tokens_of_attackers import Forge


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ensure_signing_key(tmp_path)
    return tmp_path


def verifier_of(folder: Path, clock: Clock | None = None, **more: Any) -> TokenVerifier:
    return TokenVerifier(
        FileKeys(folder / "jwks.json", look_every_s=0),
        issuer=local_issuer("north"),
        audience=local_audience("north"),
        region="north",
        clock=clock or SystemClock(),
        **more,
    )


async def test_a_good_token_names_its_caller(folder: Path) -> None:
    token = issue_token(folder, "north", "registrar", ["0980", "0981"], "civil-registration", sub="u-1")
    caller = await verifier_of(folder).authenticate(f"Bearer {token}")
    assert caller == Caller("u-1", frozenset({"registrar"}), ("0980", "0981"), "civil-registration", "north")
    assert not caller.whole_region


async def test_the_scheme_is_read_in_any_case(folder: Path) -> None:
    token = issue_token(folder, "north", "operator")
    assert (await verifier_of(folder).authenticate(f"bEARER  {token}")).whole_region


async def test_roles_that_nobody_knows_grant_nothing(folder: Path) -> None:
    token = Forge(folder, "north").sign(Forge(folder, "north").claims(roles=["registrar", "emperor"]))
    assert (await verifier_of(folder).authenticate(f"Bearer {token}")).roles == {"registrar"}


async def test_no_bad_token_is_believed(folder: Path) -> None:
    verifier = verifier_of(folder)
    for what, header in Forge(folder, "north").all().items():
        with pytest.raises(Unauthenticated):
            pytest.fail(f"believed: {what} {await verifier.authenticate(header)}")


async def test_a_token_for_another_region_is_not_believed(folder: Path) -> None:
    with pytest.raises(Unauthenticated):
        await verifier_of(folder).authenticate(f"Bearer {issue_token(folder, 'south', 'registrar')}")


async def test_a_token_ends_when_it_says_also_when_it_is_remembered(folder: Path) -> None:
    clock = FixedClock(datetime.now(UTC))
    verifier = verifier_of(folder, clock)
    header = f"Bearer {issue_token(folder, 'north', 'registrar', ttl_s=60)}"
    await verifier.authenticate(header)
    await verifier.authenticate(header)
    clock.advance(timedelta(seconds=61))
    with pytest.raises(Unauthenticated) as caught:
        await verifier.authenticate(header)
    assert caught.value.code == "expired-token"


async def test_a_remembered_token_is_forgotten_when_its_key_goes(folder: Path, tmp_path: Path) -> None:
    verifier = verifier_of(folder)
    header = f"Bearer {issue_token(folder, 'north', 'registrar')}"
    await verifier.authenticate(header)
    other = tmp_path / "other"
    (folder / "jwks.json").write_bytes(ensure_signing_key(other).read_bytes())
    with pytest.raises(Unauthenticated):
        await verifier.authenticate(header)
    await verifier.authenticate(f"Bearer {issue_token(other, 'north', 'registrar')}")


async def test_no_more_tokens_are_remembered_than_allowed(folder: Path) -> None:
    verifier = verifier_of(folder, remembered_max=2)
    for number in range(5):
        await verifier.authenticate(f"Bearer {issue_token(folder, 'north', 'registrar', sub=f'u-{number}')}")
    assert len(verifier._remembered) == 2


async def test_without_any_key_nobody_is_refused_for_good(tmp_path: Path, folder: Path) -> None:
    verifier = verifier_of(tmp_path / "nowhere")
    with pytest.raises(Unavailable):
        await verifier.authenticate(f"Bearer {issue_token(folder, 'north', 'registrar')}")


async def test_a_damaged_key_file_does_not_lock_everybody_out(folder: Path) -> None:
    verifier = verifier_of(folder)
    await verifier.authenticate(f"Bearer {issue_token(folder, 'north', 'registrar')}")
    (folder / "jwks.json").write_text("{")
    await verifier.authenticate(f"Bearer {issue_token(folder, 'north', 'operator')}")


class OneKey:
    """Keys of other kinds than the local stack has."""

    def __init__(self, key: VerifyingKey) -> None:
        self._key = key
        self.generation = 1

    async def find_key(self, kid: str) -> VerifyingKey | None:
        return self._key if kid == self._key.kid else None

    async def refresh(self) -> None:
        return None


@pytest.mark.parametrize(
    ("algorithm", "private"),
    [
        ("ES256", ec.generate_private_key(ec.SECP256R1())),
        ("RS256", rsa.generate_private_key(65537, 2048)),
    ],
)
async def test_a_key_serves_its_own_algorithm_only(algorithm: str, private: Any) -> None:
    verifier = TokenVerifier(
        OneKey(VerifyingKey("k", algorithm, private.public_key())),
        issuer="i",
        audience="a",
        region="north",
        clock=SystemClock(),
    )
    claims = {"iss": "i", "aud": "a", "sub": "u", "exp": time.time() + 60}
    good = jwt.encode(claims, private, algorithm, {"kid": "k"})
    assert (await verifier.authenticate(f"Bearer {good}")).sub == "u"
    if algorithm == "RS256":
        with pytest.raises(Unauthenticated):
            await verifier.authenticate(f"Bearer {jwt.encode(claims, private, 'RS512', {'kid': 'k'})}")


def test_keys_of_other_kinds_are_passed_over() -> None:
    ok = jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True)
    weak = jwt.algorithms.RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 1024).public_key(), as_dict=True)
    private = jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True)
    keys = [
        ok | {"kid": "good"},
        ok,
        ok | {"kid": "for encryption", "use": "enc"},
        ok | {"kid": "other alg", "alg": "ES384"},
        weak | {"kid": "weak"},
        private | {"kid": "private"},
        {"kty": "oct", "kid": "shared", "k": "AAAA"},
        {"kty": "OKP", "kid": "broken", "crv": "Ed25519"},
        "nonsense",
    ]
    import json

    assert list(parse_jwks(json.dumps({"keys": keys}).encode())) == ["good"]
    with pytest.raises(ValueError, match="JWKS"):
        parse_jwks(b"[]")
