"""A batch as a list of items: a JSON array, or one JSON document per line."""

import msgspec
from starlette.requests import Request

from services.kernel.errors import Rejected, TooLarge
from services.kernel.http.bodies import JSON, media_type_of

ITEMS_MAX = 5000
LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
_BOM = b"\xef\xbb\xbf"
_RAW_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


def require_batch_type(request: Request) -> bool:
    """Whether the body is lines (else it is an array). Rejected("wrong-media-type") if it is neither."""
    media_type = media_type_of(request)
    if media_type != JSON and media_type not in LINES:
        raise Rejected("wrong-media-type")
    return media_type in LINES


def split_batch(body: bytes, lines: bool) -> list[bytes]:
    """The items, not decoded.

    A line that is not JSON is an item of its own, refused by itself later; blank lines are passed over. An
    array that is not JSON as a whole is Rejected, because nobody knows where its items end.
    """
    body = body.removeprefix(_BOM)
    items = _lines(body) if lines else _array(body)
    if not items:
        raise Rejected("empty-batch")
    if len(items) > ITEMS_MAX:
        raise TooLarge("too-many-items")
    return items


def _lines(body: bytes) -> list[bytes]:
    return [item for line in body.split(b"\n") if (item := line.strip(b" \t\r"))]


def _array(body: bytes) -> list[bytes]:
    if body.lstrip(b" \t\r\n")[:1] != b"[":
        raise Rejected("not-a-batch" if body.strip() else "empty-batch")
    try:
        return [bytes(item) for item in _RAW_ITEMS.decode(body)]
    except msgspec.DecodeError:
        raise Rejected("malformed-json") from None
    except UnicodeDecodeError:
        raise Rejected("not-utf-8") from None
    except RecursionError:
        raise Rejected("too-deep") from None
