"""Tables as files: written row by row, so that memory does not grow with them."""

from collections.abc import Callable, Mapping
from typing import BinaryIO

from services.projections.api.statistics.asking import CSV, PARQUET, SDMX
from services.projections.api.statistics.formats.csv import CsvWriter
from services.projections.api.statistics.formats.parquet import ParquetWriter
from services.projections.api.statistics.formats.sdmx import SdmxWriter
from services.projections.api.statistics.formats.writer import Writer
from services.projections.api.statistics.records import Telling

WRITERS: Mapping[str, Callable[[BinaryIO, Telling], Writer]] = {
    CSV: CsvWriter,
    PARQUET: ParquetWriter,
    SDMX: SdmxWriter,
}
MEDIA_TYPES: Mapping[str, str] = {
    "json": "application/json",
    CSV: "text/csv; charset=utf-8",
    PARQUET: "application/vnd.apache.parquet",
    SDMX: "application/vnd.sdmx.data+json;version=2.0.0",
}
SUFFIXES: Mapping[str, str] = {CSV: "csv", PARQUET: "parquet", SDMX: "json"}

__all__ = ["MEDIA_TYPES", "SUFFIXES", "WRITERS", "Writer"]
