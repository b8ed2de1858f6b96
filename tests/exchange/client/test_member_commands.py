"""A federation is made, checked and renewed with four commands."""

import json
from pathlib import Path

from typer.testing import CliRunner

from deploy.domicile import make_app
from services.exchange.members.document import write_calendar
from services.exchange.members.own_keys import SIGNING_CURVE, make_key, public_part
from services.exchange.protocol.known_calendars import like_sweden

SINCE = "2020-01-01T00:00:00+00:00"


def _run(*argv: object) -> tuple[int, str]:
    done = CliRunner().invoke(make_app(), ["exchange", "members", *map(str, argv)])
    return done.exit_code, done.output


def _member(region: str, said: str) -> dict[str, object]:
    keys = {use: [key | {"since": SINCE} for key in listed] for use, listed in json.loads(said).items()}
    calendar = write_calendar(like_sweden(region))
    return {
        "region": region,
        "url": f"https://{region}",
        "tls_names": [f"{region}.example"],
        "calendar": calendar,
        **keys,
    }


def test_a_federation_from_nothing(tmp_path: Path) -> None:
    members = []
    for region in ("north", "south"):
        code, said = _run("keys", tmp_path / region, "--name", region)
        assert code == 0
        assert '"d"' not in said
        assert (tmp_path / region / "keys.json").stat().st_mode & 0o077 == 0
        members.append(_member(region, said))
    keeper = make_key("keeper", SIGNING_CURVE)
    (tmp_path / "keeper.json").write_text(json.dumps(keeper.as_dict(private=True)))
    for region in ("north", "south"):
        (tmp_path / region / "directory.json").write_text(json.dumps({"keys": [public_part(keeper)]}))
    corridors = [{"between": ["north", "south"], "start": "2026-01-01"}]
    document = {"format": 1, "version": 1, "members": members, "corridors": corridors}
    (tmp_path / "draft.json").write_text(json.dumps(document))
    signing = ("--key", tmp_path / "keeper.json", "--out", tmp_path / "members.json")
    assert _run("sign", tmp_path / "draft.json", *signing)[0] == 0
    code, said = _run("check", tmp_path / "members.json", tmp_path / "north", "north")
    assert (code, "We sign with north-sign-1" in said, "south" in said) == (0, True, True)
    assert json.loads(_run("show", tmp_path / "members.json")[1])["version"] == 1

    assert _run("keys", tmp_path / "north", "--name", "north")[0] == 0
    assert len(json.loads((tmp_path / "north" / "keys.json").read_text())["signing"]) == 2

    (tmp_path / "draft.json").write_text(json.dumps(document | {"corridors": [{"between": ["north"]}]}))
    code, said = _run("sign", tmp_path / "draft.json", *signing)
    assert (code, "/corridors/0" in said) == (1, True)
    assert _run("check", tmp_path / "members.json", tmp_path / "south", "north")[0] == 1
    assert _run("check", tmp_path / "draft.json", tmp_path / "south", "south")[0] == 1
    assert _run("show", tmp_path / "draft.json")[0] == 1
