"""Where a region's ingest stands and with which token one enters: from the options, the environment, or the
local stack.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

from services.kernel.asking import CannotGoOn
from services.kernel.asking.local_stack import find_address, given_token, make_token, read_stack


@dataclass(frozen=True, slots=True)
class Door:
    """`url` of ingest without a slash at the end; `token()` gives a bearer token that is valid now."""

    region: str
    url: str
    token: Callable[[], str]


def find_kafka(kafka: str | None = None) -> str:
    """Bootstrap servers of the log: the option, DOMICILE_KAFKA, or the local stack's."""
    named = kafka or os.environ.get("DOMICILE_KAFKA")
    if named:
        return named
    bootstrap = read_stack().get("kafka")
    if not bootstrap:
        raise CannotGoOn("The local stack has no broker yet.", "Look at `domicile status`.")
    return str(bootstrap)


def open_door(
    region: str, role: str, url: str | None = None, token: str | None = None, areas: tuple[str, ...] = ("*",)
) -> Door:
    """The door of `region`. Without `token` (or DOMICILE_TOKEN) a development token for `role` is made, local
    stack only.
    """
    given = given_token(token, url)
    address = (url or find_address(region, "ingest")).rstrip("/")
    return Door(region, address, lambda: given or make_token(region, role, areas))
