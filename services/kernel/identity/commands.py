"""`domicile token`: a development token of the local stack."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Mount the commands of this package."""
    app.command("token")(token)


def token(
    region: Annotated[str, typer.Argument(help="Name of the region, for example north.")],
    role: Annotated[str, typer.Option(help="What the bearer may do: registrar, approver, importer, ...")],
    area: Annotated[
        list[str] | None,
        typer.Option(help="Area code that the bearer covers; may be repeated. Default: all."),
    ] = None,
    purpose: Annotated[str | None, typer.Option(help="What the bearer does it for.")] = None,
    ttl: Annotated[str, typer.Option(help="How long it is valid: 90s, 30m, 12h, 7d.")] = "12h",
    sub: Annotated[str | None, typer.Option(help="Pseudonym of the bearer. Default: one per role.")] = None,
) -> None:
    """Print a development token for a region of the local stack, and nothing else."""
    import os
    from pathlib import Path

    from services.kernel.identity.local_keys import identity_folder, issue_token

    folder = identity_folder(Path(os.environ.get("DOMICILE_HOME", ".local")), region)
    try:
        text = issue_token(folder, region, role, area or ("*",), purpose, seconds_of(ttl), sub)
    except FileNotFoundError:
        typer.echo(f"There is no region {region} here. Start one with: domicile up --regions {region}", err=True)
        raise typer.Exit(1) from None
    except ValueError as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(2) from None
    typer.echo(text)


def seconds_of(duration: str) -> float:
    """Seconds of a duration such as 90s, 30m, 12h or 7d; ValueError for anything else."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    number, unit = duration[:-1], duration[-1:]
    if unit not in units or not number.isdigit() or int(number) == 0:
        raise ValueError(f"not a duration: {duration}; write 90s, 30m, 12h or 7d")
    return float(int(number) * units[unit])
