"""The local stack as its supervisor left word of it: addresses, and tokens for trying things out."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.kernel.asking.problems import CannotGoOn

STACK_FILE = "stack.json"
SERVICES = {"ingest": "ingest", "read": "projections", "exchange": "exchange"}
"""Names of addresses in that file, and the services that they are of."""


def stack_home() -> Path:
    """The folder where the local stack keeps its state."""
    return Path(os.environ.get("DOMICILE_HOME") or ".local")


def read_stack() -> dict[str, Any]:
    """The object of `domicile status --json` as the supervisor left it; CannotGoOn when no local stack is up."""
    path = stack_home() / STACK_FILE
    damaged = CannotGoOn(f"{path} is damaged.", "Run `domicile down`, then `domicile up`.")
    try:
        stack = json.loads(path.read_text())
    except FileNotFoundError:
        raise CannotGoOn(
            f"No local stack is up (there is no {path}).",
            "Start it with `domicile up`, or name an installation with --url and a token with --token.",
        ) from None
    except (OSError, ValueError):
        raise damaged from None
    if not isinstance(stack, dict) or not isinstance(stack.get("regions"), dict):
        raise damaged
    return stack


def find_address(region: str, name: str) -> str:
    """The address of one service (a key of SERVICES) of a region; CannotGoOn with the regions that there are."""
    regions = read_stack()["regions"]
    found = regions.get(region)
    if not isinstance(found, dict):
        names = ", ".join(sorted(regions)) or "none"
        raise CannotGoOn(f"The local stack has no region {region!r}.", f"Its regions: {names}.")
    if not found.get(name):
        raise CannotGoOn(f"The {SERVICES[name]} of {region!r} is not up.", "Look at `domicile status`.")
    return str(found[name]).rstrip("/")


def make_token(region: str, role: str, areas: Sequence[str] = ("*",), sub: str | None = None) -> str:
    """A token for an hour or so, by the key that the local stack made for the region."""
    from services.kernel.identity.local_keys import identity_folder, issue_token

    try:
        return issue_token(identity_folder(stack_home(), region), region, role, tuple(areas), sub=sub)
    except FileNotFoundError:
        raise CannotGoOn(f"The local stack has no signing key for {region!r}.", "Run `domicile up`.") from None
    except ValueError as wrong:
        raise CannotGoOn(f"The local stack makes no such token: {wrong}.") from None


def given_token(token: str | None, url: str | None) -> str | None:
    """The option, or DOMICILE_TOKEN; None where the local stack may make one. CannotGoOn where it may not."""
    given = token or os.environ.get("DOMICILE_TOKEN")
    if url and not given:
        raise CannotGoOn(
            "An installation that is named by --url needs a token.", "Give --token, or set DOMICILE_TOKEN."
        )
    return given
