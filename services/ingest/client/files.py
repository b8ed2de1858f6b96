"""Which reader reads a file: told by its name."""

from collections.abc import Callable
from pathlib import Path

from services.ingest.client.mapping import Mapping
from services.ingest.client.ndjson import NdjsonReader
from services.ingest.client.rows import Reader
from services.kernel.asking import CannotGoOn

_KINDS = ".ndjson, .jsonl, .csv, .tsv (each also .gz), .avro, .parquet"


def open_reader(path: Path, mapping: Mapping | None, row_ids: Callable[[], Callable[[int], str]]) -> Reader:
    """The reader of `path`; CannotGoOn for kinds of file that nobody reads, and for CSV without a mapping."""
    if path.is_dir():
        raise CannotGoOn(f"{path} is a folder.", "Name a file.")
    if not path.is_file():
        raise CannotGoOn(f"There is no file {path}.")
    name = path.name.lower().removesuffix(".gz")
    packed = path.name.lower().endswith(".gz")
    if name.endswith((".ndjson", ".jsonl")):
        _refuse_mapping(path, mapping)
        return NdjsonReader(path, row_ids)
    if name.endswith((".csv", ".tsv")):
        from services.ingest.client.tables import CsvReader

        if mapping is None:
            raise CannotGoOn(
                f"{path.name} is a table: which column is which field?",
                "Say so with --mapping FILE; docs/import.md shows one.",
            )
        return CsvReader(path, mapping, row_ids)
    if name.endswith(".parquet") and not packed:
        from services.ingest.client.tables import ParquetReader

        return ParquetReader(path, mapping, row_ids)
    if name.endswith(".avro") and not packed:
        from services.ingest.client.records import AvroReader

        _refuse_mapping(path, mapping)
        return AvroReader(path, row_ids)
    raise CannotGoOn(f"{path.name}: what kind of file is it?", f"Its name ends in one of {_KINDS}.")


def _refuse_mapping(path: Path, mapping: Mapping | None) -> None:
    if mapping is not None:
        raise CannotGoOn(f"{path.name} holds posts as they are; a mapping has no use.", "Leave --mapping out.")
