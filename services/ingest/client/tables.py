"""Tables through a mapping: CSV by rows, Parquet by row groups. Without a mapping, Parquet rows are posts
themselves.
"""

import csv
import gzip
import io
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import IO, Any

from services.ingest.client.mapping import Mapping, RowMaker, check_columns
from services.ingest.client.problems import CellRefused
from services.ingest.client.records import RowIds, batch_of_records, post_of_record
from services.ingest.client.rows import Batch, Mark, Refusal
from services.kernel.asking import CannotGoOn

_REMEDY = "Correct the cell in this post, or the mapping."
_REMEDY_ROW = "Write the post of this row here, with this event_id."


class CsvReader:
    """A CSV file with a header, plain or gzip. Marks: rows read, the header not counted."""

    def __init__(self, path: Path, mapping: Mapping, row_ids: RowIds) -> None:
        self._path = path
        self._mapping = mapping
        self._row_ids = row_ids

    @property
    def total(self) -> int:
        return self._path.stat().st_size

    def batches(self, size: int, start: Mark) -> Iterator[Batch]:
        with self._path.open("rb", buffering=1 << 18) as raw:
            packed: Any = gzip.GzipFile(fileobj=raw) if self._path.suffix == ".gz" else raw
            text = io.TextIOWrapper(packed, encoding=self._mapping.encoding, newline="")
            try:
                yield from self._read(csv.reader(text, delimiter=self._mapping.delimiter), raw, size, start)
            except UnicodeDecodeError:
                raise CannotGoOn(
                    f"{self._path.name} is not written in {self._mapping.encoding}.",
                    'Name its encoding in the mapping: {"csv": {"encoding": "latin-1"}, …}.',
                ) from None
            except csv.Error as wrong:
                raise CannotGoOn(f"{self._path.name} is not CSV: {wrong}.") from None

    def _read(self, table: Any, raw: IO[bytes], size: int, start: Mark) -> Iterator[Batch]:
        header = next(table, None)
        if header is None:
            raise CannotGoOn(f"{self._path.name} is empty: not even a header.")
        maker = make_rows(self._mapping, header, self._row_ids, all_text=True)
        for _ in islice(table, start.row):
            pass
        row = start.row
        while rows := list(islice(table, size)):
            batch = batch_of_rows(maker, rows, row, raw.tell())
            row += len(rows)
            yield batch


class ParquetReader:
    """A Parquet file, one part of a row group at a time. Marks: rows read."""

    def __init__(self, path: Path, mapping: Mapping | None, row_ids: RowIds) -> None:
        import pyarrow.parquet as parquet  # type: ignore[import-untyped]

        self._path = path
        self._mapping = mapping
        self._row_ids = row_ids
        try:
            self._total = int(parquet.ParquetFile(path).metadata.num_rows)
        except OSError as wrong:
            raise CannotGoOn(f"{path.name} cannot be read as Parquet: {wrong}.") from None
        except ValueError as wrong:
            raise CannotGoOn(f"{path.name} is not a Parquet file: {wrong}.") from None

    @property
    def total(self) -> int:
        return self._total

    def batches(self, size: int, start: Mark) -> Iterator[Batch]:
        import polars
        import pyarrow.parquet as parquet

        columns = self._mapping.columns() if self._mapping else None
        with parquet.ParquetFile(self._path) as file:
            maker = self._maker(file.schema_arrow.names)
            groups, row = self._groups_from(file.metadata, start.row)
            for part in file.iter_batches(size, row_groups=groups, columns=columns):
                skip = min(max(start.row - row, 0), part.num_rows)
                row += skip
                part = part.slice(skip)
                if not part.num_rows:
                    continue
                frame = polars.DataFrame(polars.from_arrow(part))
                if maker:
                    yield batch_of_rows(maker, frame.rows(), row, row + part.num_rows)
                else:
                    yield batch_of_records(frame.to_dicts(), self._row_ids, row, row + part.num_rows)
                row += part.num_rows

    def _maker(self, names: list[str]) -> RowMaker | None:
        if self._mapping is None:
            return None
        check_columns(self._mapping, names)
        read = set(self._mapping.columns())
        return make_rows(self._mapping, [name for name in names if name in read], self._row_ids)

    @staticmethod
    def _groups_from(metadata: Any, row: int) -> tuple[list[int], int]:
        """The row groups that hold what comes after `row` rows, and the number of rows before the first of
        them.
        """
        before = 0
        for group in range(metadata.num_row_groups):
            rows = int(metadata.row_group(group).num_rows)
            if before + rows > row:
                return list(range(group, metadata.num_row_groups)), before
            before += rows
        return [], before


def make_rows(mapping: Mapping, header: list[str], row_ids: RowIds, all_text: bool = False) -> RowMaker:
    """A maker that gives an id to every row whose post has none; `row_ids` is asked when the first such row comes."""
    get_ids = cache(row_ids)
    return RowMaker(mapping, header, lambda number: get_ids()(number), all_text)


def batch_of_rows(maker: RowMaker, rows: list[Any], before: int, progress: int) -> Batch:
    """The posts of `rows`, which follow after `before` rows; rows that cannot be made are refused."""
    posts: list[str] = []
    numbers: list[int] = []
    refused: list[Refusal] = []
    for number, row in enumerate(rows, before + 1):
        if not row:
            continue
        try:
            if len(row) > len(maker.header):
                raise IndexError
            posts.append(maker.make(row, number))
            numbers.append(number)
        except CellRefused as wrong:
            post = maker.make_as_it_stands(row, number).encode("utf-8", "surrogatepass")
            refused.append(Refusal(number, "wrong-cell", wrong.path, wrong.rule, _REMEDY, post))
        except IndexError:
            refused.append(_misshapen(maker, row, number))
    posts.append("")
    body = "\n".join(posts).encode("utf-8", "surrogatepass")
    return Batch(body, numbers, tuple(refused), Mark(before + len(rows), before + len(rows)), progress)


def _misshapen(maker: RowMaker, row: Any, number: int) -> Refusal:
    """A row with too few or too many cells: nobody can tell which cell belongs to which column."""
    rule = f"The row has {len(row)} cells; the header names {len(maker.header)}."
    cells = {str(name): cell for name, cell in zip(maker.header, row, strict=False) if cell is not None}
    surplus = {"surplus cells": list(row[len(maker.header) :])} if len(row) > len(maker.header) else {}
    post = post_of_record({**cells, **surplus, "event_id": maker.event_id(row, number)})
    return Refusal(number, "wrong-cell", "", rule, _REMEDY_ROW, post)
