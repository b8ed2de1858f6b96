"""Where a page ended: an opaque word that holds the key of its last line and nothing else.

Whoever makes one up begins in another place of a list that they may read anyway; so it is not signed.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from services.kernel.errors import Rejected

LENGTH_MAX = 600
INTEGER = Annotated[int, msgspec.Meta(ge=-(1 << 31), lt=1 << 31)]
"""A number that a column `integer` holds."""

# What no column can hold is no cursor: the database would refuse it in words of its own.
_AS_STORED: Mapping[Any, Any] = {
    int: Annotated[int, msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)],
    str: Annotated[str, msgspec.Meta(pattern=r"^[^\x00]*\Z")],
}


def write_cursor(worklist: str, key: Sequence[Any]) -> str:
    """The cursor after the line with this key."""
    return urlsafe_b64encode(msgspec.json.encode([worklist, *key])).rstrip(b"=").decode("ascii")


def read_cursor(text: str | None, worklist: str, types: Sequence[Any]) -> tuple[Any, ...] | None:
    """The key, its parts of these types; None without a cursor. Rejected("wrong-parameter") for another list's."""
    if text is None:
        return None
    try:
        if len(text) > LENGTH_MAX:
            raise ValueError
        said = msgspec.json.decode(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
        name, *key = said
        if name != worklist or len(key) != len(types):
            raise ValueError
        return tuple(msgspec.convert(part, _AS_STORED.get(kind, kind)) for part, kind in zip(key, types, strict=True))
    except (ValueError, TypeError, msgspec.MsgspecError):
        raise Rejected("wrong-parameter", "?cursor", rule="It is the `next` of the page before, unchanged.") from None
