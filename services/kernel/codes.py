"""The register of error codes, read from `codes.toml` beside this file."""

import enum
import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType


class Move(enum.StrEnum):
    """Whose move it is after an error."""

    SENDER = "sender"
    WAIT = "wait"
    US = "us"


@dataclass(frozen=True, slots=True)
class Code:
    """One registered code. `title`, `rule` and `remedy` are sentences for people."""

    code: str
    title: str
    rule: str
    remedy: str
    move: Move = Move.SENDER


@functools.cache
def registered_codes() -> Mapping[str, Code]:
    """All registered codes in the order of the file."""
    table = tomllib.loads(Path(__file__).with_name("codes.toml").read_text("utf-8"))
    return MappingProxyType(
        {
            code: Code(code, entry["title"], entry["rule"], entry["remedy"], Move(entry.get("move", "sender")))
            for code, entry in table.items()
        }
    )


def describe(code: str) -> Code:
    """The registered entry of `code`. One that nobody registered (a test finds those) describes itself."""
    found = registered_codes().get(code)
    return found if found else Code(code, code.replace("-", " ").capitalize(), "", "")
