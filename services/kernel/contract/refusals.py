"""What the catalogue answers when a name is not in it."""

from collections.abc import Iterable
from difflib import get_close_matches

from services.kernel.errors import Corrupt, Rejected


def suggest(word: str, known: Iterable[str]) -> str:
    """A sentence with the nearest known words, or an empty string."""
    near = get_close_matches(word, list(known), n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(near)}?" if near else ""


class UnknownEventType(Rejected):
    """No event type has this name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        near = suggest(name, known).strip()
        super().__init__(
            "unknown-type",
            "/type",
            "The type is the name of one of the event types in schemas/.",
            near or "List them with `domicile schemas list`.",
        )


class UnknownVersion(Rejected):
    """The event type has no such version."""

    def __init__(self, name: str, known: Iterable[int]) -> None:
        versions = ", ".join(str(each) for each in sorted(known))
        super().__init__(
            "unknown-version",
            "/version",
            f"{name} has these versions: {versions}.",
            "Send one of them, or leave the version out for the latest.",
        )


class UnknownSchema(Corrupt):
    """A schema id, compartment or vocabulary that this copy of the contract does not have."""

    def __init__(self, what: str) -> None:
        super().__init__(
            "unknown-schema",
            "",
            f"{what} is not in this copy of the contract.",
            "Update the software, or set the record aside if its bytes are damaged.",
        )
