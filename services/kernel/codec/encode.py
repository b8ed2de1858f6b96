"""Encoding is the validation: a record that does not fit its schema exactly never becomes bytes."""

from io import BytesIO
from typing import Any

from fastavro import schemaless_writer

from services.kernel.codec.framing import frame
from services.kernel.contract.catalog import BlockVersion, EventVersion
from services.kernel.errors import Corrupt


def encode(version: EventVersion | BlockVersion, record: dict[str, Any]) -> bytes:
    """The framed bytes of a plain record (dates as days since 1970, ids as 16 bytes).

    `strict_allow_default` because fastavro's own default drops a misspelt field without a word. Raises `Corrupt`:
    by the time a record is encoded, what a sender may get wrong was refused already.
    """
    buffer = BytesIO()
    try:
        schemaless_writer(buffer, version.plain, record, strict_allow_default=True, disable_tuple_notation=True)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise Corrupt("does-not-fit-schema", version.name) from error
    return frame(version.schema_id, buffer.getvalue())
