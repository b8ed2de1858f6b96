"""Reads the Swedish tables: the slice in `data/`, or a folder with the whole country in the same columns."""

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from deploy.demo.exploder.tables import OPEN_AGE, UNKNOWN_MOTHER_AGE, County, Tables

DATA = Path(__file__).parent / "data"
_YOUNGEST_MOTHER, _OLDEST_MOTHER = 14, 49
_MOTHER_AGES = {
    "<15": _YOUNGEST_MOTHER,
    "49+": _OLDEST_MOTHER,
    "no information": UNKNOWN_MOTHER_AGE,
}


def read_tables(counties: Sequence[County], folder: Path = DATA, prefix: str = "") -> Mapping[County, Tables]:
    """The tables of the counties from `<prefix>population.csv.gz`, `…deaths…` and `…births.csv.gz`.

    Open mothers' ages count as 14 and 49. Zero counts are left out.
    """
    by_name = {county.table_name: Tables({}, {}, {}) for county in counties}
    for row in _rows(folder / f"{prefix}population.csv.gz", by_name):
        _add(
            by_name[row["county"]].population,
            (int(row["year"]), row["sex"], _age(row["age"])),
            row["population"],
        )
    for row in _rows(folder / f"{prefix}deaths.csv.gz", by_name):
        _add(by_name[row["county"]].deaths, (int(row["year"]), row["sex"], _age(row["age"])), row["deaths"])
    for row in _rows(folder / f"{prefix}births.csv.gz", by_name):
        age = row["mother_age"]
        mother_age = _MOTHER_AGES[age] if age in _MOTHER_AGES else int(age)
        _add(by_name[row["county"]].births, (int(row["year"]), mother_age, row["child_sex"]), row["births"])
    return {county: by_name[county.table_name] for county in counties}


def _rows(path: Path, counties: Mapping[str, Tables]) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from (row for row in csv.DictReader(file) if row["county"] in counties)


def _age(text: str) -> int:
    return OPEN_AGE if text == f"{OPEN_AGE}+" else int(text)


def _add(table: object, key: tuple[object, ...], count: str) -> None:
    assert isinstance(table, dict)
    if count != "0":
        table[key] = table.get(key, 0) + int(count)
