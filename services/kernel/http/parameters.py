"""Parameters of an address. A misspelt one is refused: a lost `dry_run` would append."""

from collections.abc import Collection

from starlette.requests import Request

from services.kernel.errors import Rejected


def require_known_parameters(request: Request, known: Collection[str] = ()) -> None:
    """Return if every parameter is one of `known`, stands once and is text. Rejected("wrong-parameter") else."""
    if not request.scope["query_string"]:
        return
    for name, value in request.query_params.multi_items():
        if name not in known or len(request.query_params.getlist(name)) > 1:
            listed = f"The parameters here are {', '.join(sorted(known))}, each once."
            raise Rejected("wrong-parameter", rule=listed if known else "This address takes no parameters.")
        if "\0" in value:  # PostgreSQL has no text with it
            raise Rejected("wrong-parameter", f"?{name}", rule="A parameter holds no zero character.")


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
        raise Rejected("wrong-parameter", f"?{name}", rule=f"It is one of {', '.join(sorted(words))}.")
    return value
