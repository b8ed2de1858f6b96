"""The regions of one machine as a federation: keys of each, a certificate of each, and the signed member directory.

<home>/federation/  authority.pem  authority.key   the certificate authority
                    keeper.json                    the private key that signs the directory
                    members.json                   the directory
<home>/regions/<region>/exchange/                  the region's own keys (services/exchange/members/own_keys.py)
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from joserfc.jwk import OKPKey

from deploy.local.authority import Authority
from deploy.local.layout import find_json, make_secret_file, write_json
from services.exchange.members.directory import Corridor, Member, MemberKey
from services.exchange.members.document import FORMAT, write_corridor, write_member
from services.exchange.members.files import sign_directory
from services.exchange.members.own_keys import (
    ENCRYPTION_CURVE,
    KEYS,
    SIGNING_CURVE,
    TRUSTED,
    OwnKeys,
    import_key,
    make_key,
    public_part,
    read_own_keys,
    write_own_keys,
)
from services.exchange.protocol.deadlines import Profile
from services.exchange.protocol.known_calendars import like_sweden
from services.exchange.wire.jws import SigningKey

START = date(2020, 1, 1)
"""Since when moves between the regions open conversations: after the history that the demo imports on both sides."""
_SINCE = datetime(2000, 1, 1, tzinfo=UTC)


def prepare_federation(
    folder: Path, own_folders: Mapping[str, Path], urls: Mapping[str, str], *, start: date = START
) -> Path:
    """Makes what is missing; writes the directory anew where it says something else. Returns its path.

    `own_folders`: region -> its folder of keys. `urls`: region -> where its partners reach it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    authority, keeper = Authority(folder), _ensure_keeper(folder)
    members = {}
    for region, own in own_folders.items():
        authority.issue(own, tls_name(region))
        make_secret_file(own / KEYS, write_own_keys(_make_own_keys(region)))
        _replace(own / TRUSTED, json.dumps({"keys": [public_part(keeper.key)]}).encode() + b"\n")
        members[region] = _make_member(region, urls[region], read_own_keys(own))
    path = folder / "members.json"
    _write_directory(folder, path, members, keeper, start)
    return path


def tls_name(region: str) -> str:
    """What stands in the region's certificate."""
    return f"{region}.exchange.local"


def _write_directory(folder: Path, path: Path, members: Mapping[str, Member], keeper: SigningKey, start: date) -> None:
    between = [
        (frozenset({one, other}), Corridor(start, Profile.STD)) for one in members for other in members if one < other
    ]
    said = {
        "members": [write_member(member) for member in members.values()],
        "corridors": [write_corridor(*each) for each in between],
    }
    kept = find_json(folder / "directory-said.json") or {"version": 0, "said": None}
    if kept["said"] == said and path.exists():
        return
    version = kept["version"] + 1
    content = sign_directory({"format": FORMAT, "version": version, **said}, keeper)
    write_json(folder / "directory-said.json", {"version": version, "said": said})
    _replace(path, content)


def _replace(path: Path, content: bytes) -> None:
    """At once, for whoever reads it meanwhile. Nothing in it is secret, but a state folder is its owner's."""
    new = path.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_bytes(content)
    new.replace(path)


def _make_member(region: str, url: str, keys: OwnKeys) -> Member:
    return Member(
        region=region,
        url=url,
        tls_names=frozenset({tls_name(region)}),
        signing_keys=tuple(MemberKey(kid, key, _SINCE) for kid, key in keys.signing.items()),
        encryption_keys=tuple(MemberKey(kid, key, _SINCE) for kid, key in keys.encryption.items()),
        calendar=like_sweden(region),
    )


def _make_own_keys(region: str) -> OwnKeys:
    signing, encryption = f"{region}-sign-1", f"{region}-read-1"
    return OwnKeys({signing: make_key(signing, SIGNING_CURVE)}, {encryption: make_key(encryption, ENCRYPTION_CURVE)})


def _ensure_keeper(folder: Path) -> SigningKey:
    path = folder / "keeper.json"
    make_secret_file(path, json.dumps(make_key("keeper-1", SIGNING_CURVE).as_dict(private=True)) + "\n")
    key: OKPKey = import_key(json.loads(path.read_text()), SIGNING_CURVE)
    return SigningKey("keeper-1", key)
