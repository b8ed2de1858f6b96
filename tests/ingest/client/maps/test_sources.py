"""What cannot be read is told in a sentence."""

import gzip
from pathlib import Path

import pytest

from services.ingest.client.maps.sources import draft_files, read_table
from services.kernel.asking import CannotGoOn


def test_a_table_is_read_plain_or_packed_with_line_breaks_in_its_cells(tmp_path: Path) -> None:
    text = '\ufeffa,b\n1,"x\ny"\n2\n'
    plain, packed = tmp_path / "t.csv", tmp_path / "t.csv.gz"
    plain.write_text(text, encoding="utf-8")
    packed.write_bytes(gzip.compress(text.encode()))
    for path in (plain, packed):
        table = read_table(path)
        assert table.header == {"a", "b"}
        assert [dict(row) for row in table.rows] == [{"a": "1", "b": "x\ny"}, {"a": "2", "b": ""}]


def test_what_is_no_table_stops_with_a_sentence(tmp_path: Path) -> None:
    wrong = tmp_path / "t.csv.gz"
    wrong.write_bytes(b"no gzip")
    latin = tmp_path / "l.csv"
    latin.write_bytes("Añ".encode("latin-1"))
    for path in (wrong, latin, tmp_path / "none.csv", tmp_path):
        with pytest.raises(CannotGoOn):
            read_table(path)
    with pytest.raises(CannotGoOn, match="gb2260, psgc"):
        draft_files([], "other", "north", "map")
