"""Reading the signed directory, and reading it again whenever it changed: a revocation works at once."""

from collections.abc import Mapping
from pathlib import Path

from joserfc.jwk import OKPKey

from services.exchange.members.directory import Members
from services.exchange.members.document import TYP, read_document
from services.exchange.members.own_keys import KEYS, TlsFiles, find_tls, read_own_keys, read_trusted_keys
from services.exchange.protocol.envelope import canonical_json
from services.exchange.wire.jws import PublicKey, SigningKey, WireError, parse_json, read_jws, sign, verify
from services.kernel.errors import Corrupt, DomicileError
from services.kernel.telemetry.logs import Log

DIRECTORY_BYTES_MAX = 8 << 20


def sign_directory(document: object, key: SigningKey) -> bytes:
    """The content of the file. ValueError where it is no directory."""
    read_document(document)
    return sign(canonical_json(document), TYP, key).to_bytes() + b"\n"


def open_directory(content: bytes, trusted: Mapping[str, OKPKey]) -> object:
    """The document in a signed file. WireError where it was not signed by who keeps the directory."""

    def find(kid: str) -> PublicKey:
        if kid not in trusted:
            raise WireError("E-TEC-04", "/protected")
        return PublicKey(kid, "", trusted[kid])

    payload, _ = verify(read_jws(content), TYP, find)
    return parse_json(payload)


def read_members(path: Path, keys_folder: Path, own: str) -> Members:
    """The directory as the region `own` sees it. Corrupt("bad-member-file") where anything does not hold."""
    keys, trusted = read_own_keys(keys_folder), read_trusted_keys(keys_folder)
    try:
        if path.stat().st_size > DIRECTORY_BYTES_MAX:
            raise ValueError("too large")
        version, members, corridors = read_document(open_directory(path.read_bytes(), trusted))
    except (OSError, ValueError, TypeError, AttributeError) as wrong:
        rule = f"The member directory cannot be used: {_say(wrong)}."
        raise Corrupt("bad-member-file", str(path), rule=rule) from wrong
    return Members(own, version, members, corridors, keys)


class MembersFile:
    """The directory in force: looked at again with every question, read again when the file changed.

    What cannot be used, or is older than what was in force, is logged, and what was in force stays so.
    """

    def __init__(self, path: Path, keys_folder: Path, own: str) -> None:
        self._path = path
        self._folder = keys_folder
        self._own = own
        self._seen = self._look()
        self._members = read_members(path, keys_folder, own)
        self._log = Log("members")

    @property
    def tls(self) -> TlsFiles | None:
        """Files for mutual TLS; None where the member has no certificate."""
        return find_tls(self._folder)

    def current(self) -> Members:
        """The directory in force."""
        seen = self._look()
        if seen != self._seen:
            self._seen = seen
            self._read_again()
        return self._members

    def _read_again(self) -> None:
        try:
            members = read_members(self._path, self._folder, self._own)
        except DomicileError as wrong:
            self._log.error("members-unusable", wrong)
            return
        if members.version < self._members.version:
            self._log.error("members-older", version=members.version)
            return
        self._members = members
        self._log.info("members-read", version=members.version)

    def _look(self) -> tuple[tuple[int, int, int] | None, ...]:
        return tuple(_stamp(path) for path in (self._path, self._folder / KEYS))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_ino, stat.st_size


def _say(wrong: Exception) -> str:
    if isinstance(wrong, WireError):
        return "it is not signed by who keeps it" if wrong.code == "E-TEC-04" else "it is not a signed file"
    return "it cannot be read" if isinstance(wrong, OSError) else str(wrong)
