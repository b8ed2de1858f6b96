"""The key of one run: both members can make it, nobody else, and no two runs have the same."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.exchange.members import Members
from services.exchange.wire.jws import WireError
from services.exchange.wire.parts import EncryptionKey

INFO = b"domicile reconciliation 1"
KEY_BYTES, SALT_BYTES = 32, 32


def run_key(members: Members, own_kid: str, partner: EncryptionKey, salt: bytes, run_id: bytes) -> bytes:
    """HKDF-SHA-256 over X25519 of the two members' encryption keys. WireError E-TEC-05 where our half is not ours."""
    own = members.find_private_key(own_kid)
    if own is None:
        raise WireError("E-TEC-05", "/kids")
    private, public = own.key.private_key, partner.key.public_key
    if not isinstance(private, X25519PrivateKey) or not isinstance(public, X25519PublicKey):
        raise WireError("E-TEC-05", "/kids")
    regions = sorted((members.own, find_owner(members, partner.kid)))
    info = b"\x00".join((INFO, *(each.encode() for each in regions), run_id))
    return HKDF(SHA256(), KEY_BYTES, salt, info).derive(private.exchange(public))


def find_owner(members: Members, kid: str) -> str:
    """Whose encryption key it is. WireError E-TEC-04 where nobody's."""
    for region, member in members.members.items():
        if any(key.kid == kid for key in member.encryption_keys):
            return region
    raise WireError("E-TEC-04", "/kids")


def find_encryption_key(members: Members, region: str, kid: str, at: datetime) -> EncryptionKey:
    """A key of that region that may be used now. WireError E-TEC-05 where it has none of that name."""
    member = members.find(region)
    for key in member.encryption_keys if member is not None else ():
        if key.kid == kid and key.may_be_used(at):
            return EncryptionKey(kid, key.key)
    raise WireError("E-TEC-05", "/kids")
