"""Apache Parquet: row groups of bounded size; what holds for all of the table stands in the file's metadata."""

from collections.abc import Mapping
from typing import Any, BinaryIO

import msgspec

from services.projections.api.statistics.records import Block, Kind, Telling

METADATA = "domicile"
ROWS_OF_A_GROUP = 128_000


class ParquetWriter:
    """Implements `Writer`."""

    def __init__(self, file: BinaryIO, telling: Telling) -> None:
        # Loaded for the first who asks for it: a service that nobody asks for Parquet starts sooner.
        import pyarrow  # type: ignore[import-untyped]
        from pyarrow import parquet

        types: Mapping[Kind, Any] = {
            "text": pyarrow.string(),
            "number": pyarrow.float64(),
            "count": pyarrow.int64(),
            "date": pyarrow.date32(),
        }
        metadata = {METADATA: msgspec.json.encode(telling.head)}
        fields = [pyarrow.field(name, types[kind]) for name, kind in telling.columns.items()]
        self._schema = pyarrow.schema(fields, metadata=metadata)
        self._arrow = pyarrow
        self._writer = parquet.ParquetWriter(file, self._schema, compression="zstd")

    def write(self, block: Block) -> None:
        columns = block.columns()
        rows = len(columns[0]) if columns else 0
        for start in range(0, rows, ROWS_OF_A_GROUP):
            part = slice(start, start + ROWS_OF_A_GROUP)
            named = zip(columns, self._schema, strict=True)
            arrays = [self._arrow.array(column[part], field.type) for column, field in named]
            self._writer.write_batch(self._arrow.record_batch(arrays, schema=self._schema))

    def close(self) -> None:
        self._writer.close()
