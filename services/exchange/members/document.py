"""The member directory as JSON, signed by who keeps it (JWS, typ `domicile-members+json`).

`read_document` takes exactly the declared fields and raises ValueError with a JSON pointer for anything else; so a
directory with a slip of the pen is refused whole, and the one before it stays in force.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.exchange.members.directory import Corridor, Member, MemberKey
from services.exchange.members.own_keys import ENCRYPTION_CURVE, SIGNING_CURVE, import_key, public_part
from services.exchange.protocol.calendars import Calendar, CalendarVersion
from services.exchange.protocol.deadlines import Profile

TYP = "domicile-members+json"
FORMAT = 1

Parsed = tuple[int, dict[str, Member], dict[frozenset[str], Corridor]]


def read_document(document: Any) -> Parsed:
    """Version, members, corridors. ValueError with the place of what is wrong."""
    _check_fields(document, "", {"format", "version", "members", "corridors"})
    if document["format"] != FORMAT:
        raise ValueError("/format: only 1 is known here")
    version = document["version"]
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ValueError("/version: a whole number from 1")
    members: dict[str, Member] = {}
    for place, each in enumerate(document["members"]):
        member = _at(f"/members/{place}", _read_member, each)
        if member.region in members:
            raise ValueError(f"/members/{place}/region: listed twice")
        members[member.region] = member
    _check_kids(members)
    corridors: dict[frozenset[str], Corridor] = {}
    for place, each in enumerate(document["corridors"]):
        between, corridor = _at(f"/corridors/{place}", _read_corridor, each)
        if not between <= set(members) or between in corridors:
            raise ValueError(f"/corridors/{place}/between: two members, once")
        corridors[between] = corridor
    return version, members, corridors


def write_member(member: Member) -> dict[str, Any]:
    """As it stands in the file."""
    return {
        "region": member.region,
        "url": member.url,
        "tls_names": sorted(member.tls_names),
        "signing_keys": [_write_key(each) for each in member.signing_keys],
        "encryption_keys": [_write_key(each) for each in member.encryption_keys],
        "pulls": member.pulls,
        "counts_only": member.counts_only,
        "revoked": member.is_revoked,
        "calendar": None if member.calendar is None else write_calendar(member.calendar),
    }


def write_corridor(between: frozenset[str], corridor: Corridor) -> dict[str, Any]:
    """As it stands in the file."""
    return {"between": sorted(between), "start": corridor.start.isoformat(), "profile": corridor.profile.value}


def write_calendar(calendar: Calendar) -> dict[str, Any]:
    """As it stands in the file."""
    zone = calendar.zone
    named = zone.key if isinstance(zone, ZoneInfo) else _write_offset(zone)
    return {"zone": named, "versions": [_write_version(each) for each in calendar.versions]}


def _read_member(each: Any) -> Member:
    optional = {"pulls", "counts_only", "revoked", "calendar"}
    _check_fields(each, "", {"region", "url", "tls_names", "signing_keys", "encryption_keys"}, optional)
    if not isinstance(each["region"], str) or not each["region"] or not isinstance(each["url"], str):
        raise ValueError("/region: a text")
    calendar = each.get("calendar")
    return Member(
        region=each["region"],
        url=each["url"].rstrip("/"),
        tls_names=frozenset(str(name).lower() for name in each["tls_names"]),
        signing_keys=_read_keys(each, "signing_keys", SIGNING_CURVE),
        encryption_keys=_read_keys(each, "encryption_keys", ENCRYPTION_CURVE),
        calendar=None if calendar is None else _read_calendar(each["region"], calendar),
        pulls=_flag(each, "pulls"),
        counts_only=_flag(each, "counts_only"),
        is_revoked=_flag(each, "revoked"),
    )


def _read_keys(each: Any, name: str, curve: str) -> tuple[MemberKey, ...]:
    return tuple(
        _at(f"/{name}/{place}", lambda listed: _read_key(listed, curve), key) for place, key in enumerate(each[name])
    )


def _read_key(each: Any, curve: str) -> MemberKey:
    _check_fields(each, "", {"jwk", "since"}, {"until", "revoked"})
    if set(each["jwk"]) != {"kty", "crv", "x", "kid"}:
        raise ValueError("/jwk: exactly kty, crv, x, kid")
    until = each.get("until")
    return MemberKey(
        each["jwk"]["kid"],
        import_key(each["jwk"], curve),
        _instant(each["since"]),
        None if until is None else _instant(until),
        _flag(each, "revoked"),
    )


def _write_key(key: MemberKey) -> dict[str, Any]:
    return {
        "jwk": public_part(key.key) | {"kid": key.kid},
        "since": key.since.isoformat(),
        "until": None if key.until is None else key.until.isoformat(),
        "revoked": key.is_revoked,
    }


def _read_corridor(each: Any) -> tuple[frozenset[str], Corridor]:
    _check_fields(each, "", {"between", "start"}, {"profile"})
    between = frozenset(each["between"])
    if len(between) != 2:
        raise ValueError("/between: two members")
    return between, Corridor(date.fromisoformat(each["start"]), Profile(each.get("profile", Profile.STD)))


def _read_calendar(region: str, each: Any) -> Calendar:
    _check_fields(each, "/calendar", {"zone", "versions"})
    versions = tuple(_read_version(version) for version in each["versions"])
    if not versions or [version.version for version in versions] != list(range(1, len(versions) + 1)):
        raise ValueError("/calendar/versions: 1, 2, 3 … in the order of their publication")
    return Calendar(region, _read_zone(each["zone"]), versions)


def _read_version(each: Any) -> CalendarVersion:
    optional = {"make_up_days", "weekend", "opens", "closes", "keeps_office_hours"}
    _check_fields(each, "/calendar/versions", {"version", "published_at", "holidays"}, optional)
    plain = CalendarVersion(each["version"], _instant(each["published_at"]), _days(each["holidays"]))
    return plain._replace(
        make_up_days=_days(each.get("make_up_days", ())),
        weekend=frozenset(each.get("weekend", plain.weekend)),
        opens=time.fromisoformat(each["opens"]) if "opens" in each else plain.opens,
        closes=time.fromisoformat(each["closes"]) if "closes" in each else plain.closes,
        keeps_office_hours=bool(each.get("keeps_office_hours", True)),
    )


def _write_version(version: CalendarVersion) -> dict[str, Any]:
    return {
        "version": version.version,
        "published_at": version.published_at.isoformat(),
        "holidays": sorted(day.isoformat() for day in version.holidays),
        "make_up_days": sorted(day.isoformat() for day in version.make_up_days),
        "weekend": sorted(version.weekend),
        "opens": version.opens.isoformat("minutes"),
        "closes": version.closes.isoformat("minutes"),
        "keeps_office_hours": version.keeps_office_hours,
    }


def _read_zone(name: str) -> tzinfo:
    """`+08:00`, or a name of the time zone database."""
    if name[:1] in ("+", "-"):
        offset = datetime.fromisoformat(f"2000-01-01T00:00:00{name}").utcoffset()
        return timezone(offset or timedelta(0))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as wrong:
        raise ValueError("/calendar/zone: a name of the time zone database, or an offset such as +08:00") from wrong


def _write_offset(zone: tzinfo) -> str:
    return datetime(2000, 1, 1, tzinfo=zone).isoformat()[19:]


def _instant(text: Any) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("an instant has an offset")
    return at


def _days(texts: Any) -> frozenset[date]:
    return frozenset(date.fromisoformat(each) for each in texts)


def _flag(each: Mapping[str, Any], name: str) -> bool:
    value = each.get(name, False)
    if not isinstance(value, bool):
        raise ValueError(f"/{name}: true or false")
    return value


def _check_kids(members: Mapping[str, Member]) -> None:
    kids = [key.kid for member in members.values() for key in (*member.signing_keys, *member.encryption_keys)]
    if len(set(kids)) != len(kids):
        raise ValueError("/members: each key has a kid of its own")
    names = [name for member in members.values() for name in member.tls_names]
    if len(set(names)) != len(names):
        raise ValueError("/members: no two members share a tls_name")


def _check_fields(value: Any, path: str, required: set[str], optional: frozenset[str] | set[str] = frozenset()) -> None:
    if not isinstance(value, dict):
        raise ValueError(f"{path}: an object")
    if missing := required - set(value):
        raise ValueError(f"{path}/{min(missing)}: is missing")
    if unknown := set(value) - required - optional:
        raise ValueError(f"{path}/{min(unknown)}: is not known")


def _at(path: str, read: Any, each: Any) -> Any:
    try:
        return read(each)
    except (ValueError, TypeError, AttributeError, KeyError) as wrong:
        raise ValueError(f"{path}{wrong if str(wrong).startswith('/') else f': {wrong}'}") from wrong
