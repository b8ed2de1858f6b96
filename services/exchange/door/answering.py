"""Answers to offices: JSON."""

from typing import Any

import msgspec
from starlette.responses import Response

_encoder = msgspec.json.Encoder()


def answer(content: Any, status: int = 200) -> Response:
    """The content as JSON; dates and ids in their text forms. Nobody keeps a copy of it on the way."""
    headers = {"cache-control": "no-store"}
    return Response(_encoder.encode(content), status, headers, media_type="application/json")
