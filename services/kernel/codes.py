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


_HEADINGS = {
    Move.SENDER: "The sender's move: change something, then send it again",
    Move.WAIT: "Wait: send the very same thing again after a while",
    Move.US: "Our move: tell the operator",
}


def render_page() -> str:
    """docs/errors.md."""
    lines = [
        "# Error codes",
        "",
        "Every refusal is a problem document (RFC 9457, `application/problem+json`) with `code`, `path` (a JSON",
        "pointer into what was sent), `rule` and `remedy`; in a batch every refused item has the same fields.",
        "Codes never change their meaning.",
        "",
        "Generated from `services/kernel/codes.toml` by `python -m services.kernel.codes`; do not edit.",
    ]
    for move, heading in _HEADINGS.items():
        lines += ["", f"## {heading}", "", "| code | what happened | rule | remedy |", "|---|---|---|---|"]
        lines += [
            f"| `{one.code}` | {one.title} | {one.rule} | {one.remedy} |".replace("<", "&lt;")
            for one in registered_codes().values()
            if one.move is move
        ]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    print(render_page(), end="")
