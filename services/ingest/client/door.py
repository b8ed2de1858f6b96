"""Where a region's ingest stands and with which token one enters: from the options, the environment, or the
local stack.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.ingest.client.problems import CannotGoOn

STACK_FILE = "stack.json"


@dataclass(frozen=True, slots=True)
class Door:
    """`url` of ingest without a slash at the end; `token()` gives a bearer token that is valid now."""

    region: str
    url: str
    token: Callable[[], str]


def stack_home() -> Path:
    """The folder where the local stack keeps its state."""
    return Path(os.environ.get("DOMICILE_HOME") or ".local")


def read_stack(home: Path) -> dict[str, Any]:
    """The object of `domicile status --json` as the supervisor left it; CannotGoOn when no local stack is
    up.
    """
    try:
        stack = json.loads((home / STACK_FILE).read_text())
    except FileNotFoundError:
        raise CannotGoOn(
            f"No local stack is up (there is no {home / STACK_FILE}).",
            "Start it with `domicile up`, or name an installation with --url and a token with --token.",
        ) from None
    except ValueError:
        raise CannotGoOn(f"{home / STACK_FILE} is damaged.", "Run `domicile down`, then `domicile up`.") from None
    if not isinstance(stack, dict) or not isinstance(stack.get("regions"), dict):
        raise CannotGoOn(f"{home / STACK_FILE} is damaged.", "Run `domicile down`, then `domicile up`.")
    return stack


def get_region(stack: dict[str, Any], region: str) -> dict[str, Any]:
    """The addresses of one region of the local stack; CannotGoOn with the names of those there are."""
    found = stack["regions"].get(region)
    if not isinstance(found, dict):
        names = ", ".join(sorted(stack["regions"])) or "none"
        raise CannotGoOn(f"The local stack has no region {region!r}.", f"Its regions: {names}.")
    return found


def find_kafka(kafka: str | None = None) -> str:
    """Bootstrap servers of the log: the option, DOMICILE_KAFKA, or the local stack's."""
    named = kafka or os.environ.get("DOMICILE_KAFKA")
    if named:
        return named
    bootstrap = read_stack(stack_home()).get("kafka")
    if not bootstrap:
        raise CannotGoOn("The local stack has no broker yet.", "Look at `domicile status`.")
    return str(bootstrap)


def open_door(
    region: str, role: str, url: str | None = None, token: str | None = None, areas: tuple[str, ...] = ("*",)
) -> Door:
    """The door of `region`. Without `token` (or DOMICILE_TOKEN) a development token for `role` is made, local
    stack only.
    """
    given = token or os.environ.get("DOMICILE_TOKEN")
    if url and not given:
        raise CannotGoOn(
            "An installation that is named by --url needs a token.", "Give --token, or set DOMICILE_TOKEN."
        )
    home = stack_home()
    address = url or get_region(read_stack(home), region).get("ingest")
    if not address:
        raise CannotGoOn(f"The ingest of {region!r} is not up.", "Look at `domicile status`.")
    if given:
        return Door(region, address.rstrip("/"), lambda: given)
    return Door(region, address.rstrip("/"), lambda: _development_token(home, region, role, areas))


def _development_token(home: Path, region: str, role: str, areas: tuple[str, ...]) -> str:
    from services.kernel.identity.local_keys import identity_folder, issue_token

    try:
        return issue_token(identity_folder(home, region), region, role, areas)
    except FileNotFoundError:
        raise CannotGoOn(f"The local stack has no signing key for {region!r}.", "Run `domicile up`.") from None
    except ValueError as wrong:
        raise CannotGoOn(f"No token can be made: {wrong}.") from None
