"""The member directory: signed by who keeps it, read again when it changes, and never older than it was."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from services.exchange.members import UnknownMemberError, read_members
from services.exchange.members.document import read_document, write_calendar
from services.exchange.members.files import sign_directory
from services.exchange.members.own_keys import KEYS, SIGNING_CURVE, make_key, public_part, write_own_keys
from services.exchange.protocol.deadlines import Profile
from services.exchange.protocol.known_calendars import like_china, like_sweden
from services.exchange.wire import SigningKey
from services.kernel.errors import Corrupt
from tests.exchange.federation import NOON, Federation


@pytest.fixture
def federation(tmp_path: Path) -> Federation:
    urls = {"north": "http://n", "south": "http://s", "west": "http://w"}
    return Federation(tmp_path, urls)


def test_the_directory_says_who_and_since_when(federation: Federation) -> None:
    members = federation.members("north")
    assert [member.region for member in members.partners()] == ["south", "west"]
    assert members.get("south").url == "http://s"
    assert members.corridor("west") == (date(2020, 1, 1), Profile.STD)
    assert members.directory().calendars["south"] == like_sweden("south")
    assert members.signing_key(NOON).kid == "north-sign-1"
    assert members.encryption_key("south", NOON).kid == "south-read-1"
    assert members.find_by_tls_names({"south.exchange.local"}) == members.get("south")
    assert members.find_by_tls_names({"localhost"}) is None
    for unknown in ("east", "north"):
        with pytest.raises(UnknownMemberError):
            members.corridor(unknown)


def test_making_it_again_changes_nothing(federation: Federation) -> None:
    before = federation.path.read_bytes()
    again = Federation(federation.folder, {"north": "http://n", "south": "http://s", "west": "http://w"})
    assert again.path.read_bytes() == before
    moved = Federation(federation.folder, {"north": "http://n", "south": "http://elsewhere", "west": "http://w"})
    assert moved.members("north").version == 2


def test_a_directory_of_somebody_else_is_refused(federation: Federation) -> None:
    stranger = SigningKey("keeper-1", make_key("keeper-1", SIGNING_CURVE))
    federation.path.write_bytes(sign_directory(federation.document, stranger))
    with pytest.raises(Corrupt, match="not signed by who keeps it"):
        federation.members("north")


def test_what_was_in_force_stays_where_the_new_one_is_damaged_or_older(federation: Federation) -> None:
    file = federation.file("north")
    federation.change(lambda document: document["members"][1].update(url="http://new"), newer=5)
    assert file.current().get("south").url == "http://new"
    federation.path.write_bytes(b"{}")
    assert file.current().version == 6
    federation.change(lambda document: None, newer=1)
    assert file.current().version == 6
    federation.path.unlink()
    assert file.current().version == 6
    federation.change(lambda document: document["members"][1].update(revoked=True), newer=6)
    assert file.current().find("south") is None


def test_who_is_revoked_has_no_corridor_but_keeps_a_calendar(federation: Federation) -> None:
    file = federation.file("north")
    federation.change(lambda document: document["members"][1].update(revoked=True))
    members = file.current()
    assert [member.region for member in members.partners()] == ["west"]
    assert members.find_by_tls_names({"south.exchange.local"}) is None
    assert "south" in members.directory().calendars
    with pytest.raises(UnknownMemberError):
        members.encryption_key("south", NOON)


def test_keys_roll_over_from_a_day_on(federation: Federation) -> None:
    """The new key is told first; from its day on it signs; what was signed with the old one is good until its end."""
    file = federation.file("north")
    keys = file.current().keys
    new = make_key("north-sign-2", SIGNING_CURVE)
    both = type(keys)({**keys.signing, "north-sign-2": new}, keys.encryption)
    (federation.own["north"] / KEYS).write_text(write_own_keys(both))
    start, end = "2026-04-01T00:00:00+00:00", "2026-04-08T00:00:00+00:00"

    def roll(document: dict[str, Any]) -> None:
        listed = document["members"][0]["signing_keys"]
        listed[0]["until"] = end
        listed.append({"jwk": public_part(new) | {"kid": "north-sign-2"}, "since": start})

    federation.change(roll)
    members = file.current()
    at = datetime.fromisoformat
    assert members.signing_key(NOON).kid == "north-sign-1"
    assert members.signing_key(at(start)).kid == "north-sign-2"
    seen = federation.members("south")
    assert seen.find_key(at(start))("north-sign-1").owner == "north"
    assert seen.find_key(at(start))("north-sign-2").owner == "north"
    with pytest.raises(ValueError, match="E-TEC-05"):
        seen.find_key(at(end))("north-sign-1")
    assert seen.find_any_key("north-sign-1").owner == "north"


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("format",), 2),
        (("version",), 0),
        (("extra",), 1),
        (("members", 0, "extra"), 1),
        (("members", 0, "pulls"), "yes"),
        (("members", 0, "signing_keys", 0, "since"), "2026-03-02"),
        (("members", 0, "signing_keys", 0, "jwk", "crv"), "X25519"),
        (("members", 0, "signing_keys", 0, "jwk", "d"), "secret"),
        (("members", 0, "signing_keys", 0, "jwk", "kid"), "south-sign-1"),
        (("members", 0, "tls_names"), ["south.exchange.local"]),
        (("members", 0, "region"), "south"),
        (("members", 0, "calendar", "zone"), "Nowhere/Town"),
        (("members", 0, "calendar", "versions"), []),
        (("corridors", 0, "between"), ["north", "east"]),
        (("corridors", 0, "between"), ["north"]),
        (("corridors", 0, "start"), "soon"),
        (("corridors", 0, "profile"), "mine"),
    ],
)
def test_a_slip_of_the_pen_refuses_the_whole_and_is_named(
    federation: Federation, place: tuple[str | int, ...], value: object
) -> None:
    document = federation.document
    target: Any = document
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = value
    with pytest.raises(ValueError, match="/"):
        read_document(document)


def test_the_place_of_a_slip_is_told_down_to_the_key(federation: Federation) -> None:
    document = federation.document
    del document["members"][2]["signing_keys"][0]["since"]
    with pytest.raises(ValueError, match=r"^/members/2/signing_keys/0/since: is missing"):
        read_document(document)


@pytest.mark.parametrize("calendar", [like_sweden("north"), like_china("north")])
def test_calendars_come_out_as_they_were_written(federation: Federation, calendar: Any) -> None:
    federation.change(lambda document: document["members"][0].update(calendar=write_calendar(calendar)))
    read = federation.members("south").directory().calendars["north"]
    assert read.versions == calendar.versions
    assert NOON.astimezone(read.zone).utcoffset() == NOON.astimezone(calendar.zone).utcoffset()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Corrupt):
        read_members(tmp_path / "members.json", tmp_path, "north")
