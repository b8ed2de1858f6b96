"""Files of the formats that can be imported, read as tables of text; and the account of what became of their rows."""

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from services.ingest.client.maps.draft import LOADED, Account, Draft
from services.ingest.client.maps.gb2260 import Table, draft_gb2260
from services.ingest.client.maps.psgc import draft_psgc
from services.kernel.asking import CannotGoOn

FORMATS = ("gb2260", "psgc")


def draft_files(paths: Sequence[Path], form: str, region: str, office: str, link_same_name: bool = False) -> Draft:
    """The posts for some files of one format. CannotGoOn for what is no such file."""
    if form not in FORMATS:
        raise CannotGoOn(f"There is no format {form!r}.", f"There are {', '.join(FORMATS)}.")
    tables = [read_table(path) for path in paths]
    if form == "gb2260":
        return draft_gb2260(tables, region, office, link_same_name)
    return draft_psgc(tables, region, office)


def read_table(path: Path) -> Table:
    """A CSV file with a header, plain or gzip, in UTF-8."""
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    except FileNotFoundError:
        raise CannotGoOn(f"There is no file {path}.") from None
    except (OSError, EOFError, UnicodeDecodeError) as wrong:
        raise CannotGoOn(f"{path.name} cannot be read: {wrong}.") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    try:
        rows = list(reader)
    except csv.Error as wrong:
        raise CannotGoOn(f"{path.name} is not CSV: {wrong}.") from None
    return Table(path.name, frozenset(reader.fieldnames or ()), rows)


def write_accounts(accounts: Iterable[Account], path: Path) -> None:
    """The rows somebody should look at (not those that were loaded without more), as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Account._fields)
        writer.writerows(each for each in accounts if each.outcome != LOADED or each.reason)
