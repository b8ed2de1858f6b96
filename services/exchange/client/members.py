"""`domicile exchange members keys | sign | check | show`: the member directory and a member's own keys. Files only."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

FAILED = 1
Folder = Annotated[Path, typer.Argument(help="The folder of a member's own keys.")]
Directory = Annotated[Path, typer.Argument(help="The signed directory.")]


def register(group: typer.Typer) -> None:
    """Mount the commands on the group `exchange`."""
    own = typer.Typer(help="Members of the federation: keys, and the directory that all share.", no_args_is_help=True)
    own.command("keys")(keys)
    own.command("sign")(sign)
    own.command("check")(check)
    own.command("show")(show)
    group.add_typer(own, name="members")


def keys(
    folder: Folder,
    name: Annotated[str, typer.Option(help="What the names of new keys begin with: the region's code.")],
) -> None:
    """Make keys of one's own (at first, or one more of each for a rollover), and print what the directory needs."""
    from services.exchange.members.own_keys import KEYS, OwnKeys, read_own_keys, write_own_keys

    path = folder / KEYS
    kept = read_own_keys(folder) if path.exists() else OwnKeys({}, {})
    made = _make_more(kept, name)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_secret(path, write_own_keys(made))
    typer.echo(json.dumps(_describe(made), indent=1))


def sign(
    document: Annotated[Path, typer.Argument(help="The directory as JSON, not signed.")],
    key: Annotated[Path, typer.Option(help="A file with the private JWK of who keeps the directory.")],
    output: Annotated[Path, typer.Option("--out", help="Where the signed file goes.")],
) -> None:
    """Sign a directory. Nothing is written where anything in it is wrong."""
    from services.exchange.members.files import sign_directory
    from services.exchange.members.own_keys import SIGNING_CURVE, import_key
    from services.exchange.wire.jws import SigningKey

    try:
        jwk = json.loads(key.read_text("utf-8"))
        signing = SigningKey(jwk["kid"], import_key(jwk, SIGNING_CURVE))
        content = sign_directory(json.loads(document.read_text("utf-8")), signing)
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        _fail(f"It was not signed: {wrong}.")
    temporary = output.with_suffix(".new")
    temporary.write_bytes(content)
    temporary.replace(output)  # whoever reads it meanwhile sees the old or the new one, never half
    typer.echo(f"Signed: {output}")


def check(
    directory: Directory,
    folder: Folder,
    region: Annotated[str, typer.Argument(help="Which member we are.")],
) -> None:
    """Check that a directory can be used: signature, form, and that our own keys stand in it."""
    from services.exchange.members import UnknownMemberError, read_members
    from services.kernel.clock import SystemClock
    from services.kernel.errors import DomicileError

    now = SystemClock().now()
    try:
        members = read_members(directory, folder, region)
        signing = members.signing_key(now).kid
        reading = members.encryption_key(region, now).kid
    except DomicileError as wrong:
        _fail(wrong.rule)
    except UnknownMemberError:
        _fail(f"{region} is no member, or none of its keys in this folder may be used now.")
    if members.find_private_key(reading) is None:
        _fail(f"Others encrypt for {reading}, whose private half is not in this folder.")
    typer.echo(f"Edition {members.version}: {len(members.members)} members.")
    typer.echo(f"We sign with {signing} and read with {reading}.")
    for partner in members.partners():
        corridor = members.corridor(partner.region)
        how = "fetches" if partner.pulls else partner.url
        typer.echo(f"  {partner.region:<12} since {corridor.start}  {corridor.profile.value:<6} {how}")


def show(directory: Directory) -> None:
    """Print what a directory says. The signature is not checked."""
    from services.exchange.wire.jws import WireError, read_jws

    try:
        said = json.loads(read_jws(directory.read_bytes()).raw_payload())
    except (OSError, WireError, ValueError):
        _fail("That is no signed directory.")
    typer.echo(json.dumps(said, indent=1, ensure_ascii=False))


def _make_more(kept: Any, name: str) -> Any:
    from services.exchange.members.own_keys import ENCRYPTION_CURVE, SIGNING_CURVE, OwnKeys, make_key

    number = 1
    while f"{name}-sign-{number}" in kept.signing or f"{name}-read-{number}" in kept.encryption:
        number += 1
    signing, reading = f"{name}-sign-{number}", f"{name}-read-{number}"
    return OwnKeys(
        {**kept.signing, signing: make_key(signing, SIGNING_CURVE)},
        {**kept.encryption, reading: make_key(reading, ENCRYPTION_CURVE)},
    )


def _describe(made: Any) -> dict[str, Any]:
    from services.exchange.members.own_keys import public_part

    return {
        "signing_keys": [{"jwk": public_part(key) | {"kid": kid}} for kid, key in made.signing.items()],
        "encryption_keys": [{"jwk": public_part(key) | {"kid": kid}} for kid, key in made.encryption.items()],
    }


def _write_secret(path: Path, content: str) -> None:
    temporary = path.with_suffix(".new")
    temporary.touch(mode=0o600)
    temporary.write_text(content)
    temporary.replace(path)


def _fail(sentence: str) -> Any:
    typer.echo(sentence, err=True)
    raise typer.Exit(FAILED)
