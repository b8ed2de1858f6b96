"""Parameters of an address. A misspelt one is refused: a lost `dry_run` would append."""

import difflib
from collections.abc import Collection

from starlette.requests import Request

from services.kernel.errors import Rejected


def require_known_parameters(
    request: Request, known: Collection[str] = (), repeatable: Collection[str] = frozenset()
) -> None:
    """Return if every parameter is one of `known`, stands once and is text. Rejected("wrong-parameter") else.

    `repeatable`: those of them that may stand several times.
    """
    if not request.scope["query_string"]:
        return
    for name, value in request.query_params.multi_items():
        if name not in known or (name not in repeatable and len(request.query_params.getlist(name)) > 1):
            each = f"each once but {', '.join(sorted(repeatable))}" if repeatable else "each once"
            listed = f"The parameters here are {', '.join(sorted(known))}, {each}.{suggest(name, known)}"
            raise Rejected("wrong-parameter", rule=listed if known else "This address takes no parameters.")
        if "\0" in value:  # PostgreSQL has no text with it
            raise Rejected("wrong-parameter", f"?{name}", rule="A parameter holds no zero character.")


def suggest(said: str, known: Collection[str]) -> str:
    """ " Did you mean …?", of words of ours; empty if nothing is near or it is one of them."""
    near = [] if said in known else difflib.get_close_matches(said[:100], sorted(known), n=1, cutoff=0.6)
    return f" Did you mean {near[0]}?" if near else ""


def flag(request: Request, name: str) -> bool:
    """A parameter that is true or false; false if it is left out. Rejected("wrong-parameter")."""
    value = request.query_params.get(name, "false")
    if value not in ("true", "false"):
        raise Rejected("wrong-parameter", f"?{name}", rule="It is true or false.")
    return value == "true"


def word(request: Request, name: str, words: Collection[str]) -> str | None:
    """A parameter that is one of `words`; None if it is left out. Rejected("wrong-parameter")."""
    value = request.query_params.get(name)
    if value is not None and value not in words:
        raise Rejected(
            "wrong-parameter", f"?{name}", rule=f"It is one of {', '.join(sorted(words))}.{suggest(value, words)}"
        )
    return value
