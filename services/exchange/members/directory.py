"""The member directory as values. Which key, which corridor, which calendar holds at an instant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from joserfc.jwk import OKPKey

from services.exchange.members.own_keys import OwnKeys
from services.exchange.protocol.calendars import Calendar
from services.exchange.protocol.conversation import Directory
from services.exchange.protocol.deadlines import Profile
from services.exchange.wire.jws import FindKey, PublicKey, SigningKey, WireError
from services.exchange.wire.parts import EncryptionKey, PrivateEncryptionKey


class UnknownMemberError(LookupError):
    """There is no such member, no corridor with it, or no key that may be used."""


class MemberKey(NamedTuple):
    """A public key of a member. It may be used from `since` on and before `until`; a revoked one never."""

    kid: str
    key: OKPKey
    since: datetime
    until: datetime | None = None
    is_revoked: bool = False

    def may_be_used(self, at: datetime) -> bool:
        return not self.is_revoked and self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Member:
    """A region that takes part. `tls_names`: DNS names in its certificates, as client and as server.

    `pulls`: it cannot be reached from outside and fetches its letters. `counts_only`: it takes part in no conversation,
    and may only read how many messages there were.
    """

    region: str
    url: str
    tls_names: frozenset[str]
    signing_keys: tuple[MemberKey, ...]
    encryption_keys: tuple[MemberKey, ...]
    calendar: Calendar | None
    pulls: bool = False
    counts_only: bool = False
    is_revoked: bool = False


class Corridor(NamedTuple):
    """What two regions agreed: moves from `start` on open conversations, with the times of `profile`."""

    start: date
    profile: Profile


@dataclass(frozen=True)
class Members:
    """The directory as the region `own` sees it. `version` only ever grows."""

    own: str
    version: int
    members: Mapping[str, Member]
    corridors: Mapping[frozenset[str], Corridor]
    keys: OwnKeys
    _by_kid: Mapping[str, tuple[str, MemberKey]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        listed = ((region, key) for region, member in self.members.items() for key in member.signing_keys)
        object.__setattr__(self, "_by_kid", {key.kid: (region, key) for region, key in listed})

    def find(self, region: str) -> Member | None:
        """A member, unless it was revoked."""
        member = self.members.get(region)
        return None if member is None or member.is_revoked else member

    def get(self, region: str) -> Member:
        """UnknownMemberError where there is none or it was revoked."""
        member = self.find(region)
        if member is None:
            raise UnknownMemberError(region)
        return member

    def partners(self) -> list[Member]:
        """All others with whom there is a corridor."""
        return [self.members[region] for region in sorted(self.members) if self.find_corridor(region) is not None]

    def find_corridor(self, partner: str) -> Corridor | None:
        """None where the two regions agreed nothing, or one of them was revoked."""
        if self.find(partner) is None or self.find(self.own) is None or partner == self.own:
            return None
        return self.corridors.get(frozenset({self.own, partner}))

    def corridor(self, partner: str) -> Corridor:
        """UnknownMemberError where there is none."""
        corridor = self.find_corridor(partner)
        if corridor is None:
            raise UnknownMemberError(partner)
        return corridor

    def directory(self) -> Directory:
        """The calendars, for the protocol. Revoked members keep theirs: what was owed is still reckoned by it."""
        calendars = {region: each.calendar for region, each in self.members.items() if each.calendar is not None}
        return Directory(calendars)

    def find_key(self, at: datetime) -> FindKey:
        """Looks up by whom something that comes at an instant was signed."""

        def find(kid: str) -> PublicKey:
            listed = self._by_kid.get(kid)
            if listed is None:
                raise WireError("E-TEC-04", "/protected")
            owner, key = listed
            if self.find(owner) is None or not key.may_be_used(at):
                raise WireError("E-TEC-05", "/protected")
            return PublicKey(kid, owner, key.key)

        return find

    def find_any_key(self, kid: str) -> PublicKey:
        """By whom evidence was signed that was taken when its key was good."""
        listed = self._by_kid.get(kid)
        if listed is None:
            raise WireError("E-TEC-04", "/protected")
        return PublicKey(kid, listed[0], listed[1].key)

    def signing_key(self, at: datetime) -> SigningKey:
        """The newest of our keys that the directory lets us use. UnknownMemberError where there is none."""
        kid = self._newest(self.get(self.own).signing_keys, at, self.keys.signing)
        return SigningKey(kid, self.keys.signing[kid])

    def encryption_key(self, region: str, at: datetime) -> EncryptionKey:
        """For whom a part to that region is encrypted now. UnknownMemberError where it has no key."""
        keys = self.get(region).encryption_keys
        kid = self._newest(keys, at, {key.kid for key in keys})
        return EncryptionKey(kid, next(key.key for key in keys if key.kid == kid))

    def find_private_key(self, kid: str) -> PrivateEncryptionKey | None:
        """The key of our own by which a part can be read; also one that is not given out any more."""
        key = self.keys.encryption.get(kid)
        return None if key is None else PrivateEncryptionKey(kid, key)

    def find_by_tls_names(self, names: Iterable[str]) -> Member | None:
        """Whose certificate it is that names these; None where nobody's, or that of a revoked member."""
        named = frozenset(names)
        return next((each for each in self.members.values() if not each.is_revoked and each.tls_names & named), None)

    def _newest(self, keys: Iterable[MemberKey], at: datetime, among: Iterable[str]) -> str:
        held = set(among)
        usable = [key for key in keys if key.kid in held and key.may_be_used(at)]
        if not usable:
            raise UnknownMemberError(self.own)
        return max(usable, key=lambda key: (key.since, key.kid)).kid
