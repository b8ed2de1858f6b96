"""Columns as PostgreSQL's binary COPY wants them (its manual, "COPY", "Binary Format"), without a look at any row.

A row is the number of its fields, then each field: four bytes of length and the value, numbers with the highest byte
first; a length of -1 is null. So every column becomes a column of bytes, and all of them are joined row by row.
"""

from array import array
from typing import Any, Final

import polars
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

_WIDTHS: Final[dict[Any, tuple[str, int]]] = {
    polars.Int8: ("b", 1),
    polars.Int16: ("h", 2),
    polars.Int32: ("i", 4),
    polars.Int64: ("q", 8),
}
_BYTES: Final = pa.large_binary()


def encode_rows(frame: polars.DataFrame) -> memoryview:
    """All rows, without the beginning and the end of the format. Columns: Int16 to Int64, Boolean, String, Binary; of
    the width that the columns of the table have. TypeError for others.
    """
    frame = frame.rechunk()
    fields = [_scalar(frame.width.to_bytes(2, "big"))]
    for column in frame.get_columns():
        fields += _encode(column)
    # One that is no scalar, so that there is a row for each row.
    rows = pc.binary_join_element_wise(pa.nulls(len(frame), _BYTES).fill_null(b""), *fields, _scalar(b""))
    return memoryview(rows.buffers()[2])


def _encode(column: polars.Series) -> list[Any]:
    """Scalars or columns that are joined for this column."""
    if column.null_count() == len(column):
        return [_NULL]
    length, value = _encode_values(column)
    if not column.null_count():
        return [length, value]
    joined = pc.binary_join_element_wise(length, value, _scalar(b""))
    return [pc.if_else(column.is_null().to_arrow(), _NULL, joined)]


def _encode_values(column: polars.Series) -> tuple[Any, Any]:
    """Lengths and values; anything where it is null."""
    if column.dtype == polars.Boolean:
        column = column.cast(polars.Int8)
    if (width := _WIDTHS.get(column.dtype)) is not None:
        return _scalar(width[1].to_bytes(4, "big")), _turn(column.fill_null(0), *width)
    if column.dtype not in (polars.String, polars.Binary):
        raise TypeError(f"{column.name}: {column.dtype} cannot be copied")
    values = column.cast(polars.Binary).fill_null(b"")
    return _turn(values.bin.size().cast(polars.Int32), "i", 4), values.to_arrow().cast(_BYTES)


def _turn(numbers: polars.Series, code: str, width: int) -> Any:
    """Numbers as bytes, the highest first."""
    turned = array(code)
    held = numbers.rechunk().to_arrow()
    turned.frombytes(memoryview(held.buffers()[1])[held.offset * width : (held.offset + len(held)) * width])
    turned.byteswap()
    return pa.Array.from_buffers(pa.binary(width), len(held), [None, pa.py_buffer(turned)]).cast(_BYTES)


def _scalar(value: bytes) -> Any:
    return pa.scalar(value, _BYTES)


_NULL: Final = _scalar(b"\xff\xff\xff\xff")
