"""The one secret of a region, and what derives from it.

A region keeps 32 random bytes outside the database. Everything keyed derives from them by HKDF-SHA256
(RFC 5869), one derived key per use, so that no use can stand in for another. Keyed hashes are BLAKE2b with a key
(RFC 7693): as strong as HMAC-SHA256 and, called for every event, less than half its cost.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.kernel.database import Uuid
from services.kernel.errors import Corrupt

KEY_BYTES = 32
HASH_BYTES = 16


@dataclass(frozen=True, repr=False)
class RegionKey:
    """Derived keys: `wrapping` seals data keys, `indexing` hashes identifiers, `tagging` hashes contents."""

    wrapping: bytes
    indexing: bytes
    tagging: bytes
    naming: bytes

    @classmethod
    def derive(cls, secret: bytes) -> "RegionKey":
        """From the 32 secret bytes. Raises `Corrupt` for any other length."""
        if len(secret) != KEY_BYTES:
            raise Corrupt("bad-region-key")
        return cls(*(_expand(secret, use) for use in (b"wrapping", b"indexing", b"tagging", b"naming")))

    @classmethod
    def read(cls, file: Path) -> "RegionKey":
        """From a file that holds the bytes as 64 hexadecimal digits."""
        try:
            return cls.derive(bytes.fromhex(file.read_text("ascii").strip()))
        except (OSError, ValueError) as error:
            raise Corrupt("bad-region-key", str(file)) from error

    def content_tag(self, canonical_post: bytes) -> bytes:
        """16 bytes that are equal exactly when two posts say the same, and tell nothing without the key."""
        hashing = self._tags()
        hashing.update(canonical_post)
        return hashing.digest()

    def blind_index(self, kind: str, value: str) -> bytes:
        """16 bytes under which an identifier is found; `value` is in its compact form."""
        hashing = self._indexes()
        hashing.update(f"{kind}\0{value}".encode())
        return hashing.digest()

    def key_id(self, person_id: bytes, compartment: str, generation: int = 0) -> Uuid:
        """The name of a data key. It can be computed by who knows the person, and not turned back."""
        return Uuid(self.name_key(person_id, compartment, generation))

    def name_key(self, person_id: bytes, compartment: str, generation: int = 0) -> bytes:
        """The same as bytes."""
        hashing = self._names()
        hashing.update(person_id + _write_use(compartment, generation))
        return hashing.digest()

    # The key is hashed first: that is done once, and copied for each hash.
    _tags = cached_property(lambda self: blake2b(digest_size=HASH_BYTES, key=self.tagging).copy)
    _indexes = cached_property(lambda self: blake2b(digest_size=HASH_BYTES, key=self.indexing).copy)
    _names = cached_property(lambda self: blake2b(digest_size=HASH_BYTES, key=self.naming).copy)


@lru_cache(maxsize=1024)
def _write_use(compartment: str, generation: int) -> bytes:
    return generation.to_bytes(2, "big") + compartment.encode()


def _expand(secret: bytes, use: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"domicile region key v1 " + use).derive(secret)
