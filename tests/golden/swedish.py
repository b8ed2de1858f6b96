"""The 21 Swedish counties: their published tables, and what the tables come to, reckoned here once more."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy.demo.exploder.explode import explode
from deploy.demo.exploder.tables import (
    GOTLAND,
    JAMTLAND,
    County,
    Municipality,
    Tables,
)
from deploy.demo.sweden import read_tables

SWEDEN = "se"
"""The area that holds the counties."""

PUBLISHED = {
    "cbr": "crude-birth-rate",
    "cdr": "crude-death-rate",
    "srb": "sex-ratio-at-birth",
    "imr": "infant-mortality-rate",
    "tfr_birth_cohort": "total-fertility-rate",
    "tfr_same_age": "total-fertility-rate-mixed-ages",
}
"""Names of the published rates, and the indicators that they are."""

_OTHERS = (
    ("01", "Stockholm", "Stockholm"),
    ("03", "Uppsala", "Uppsala"),
    ("04", "Södermanland", "Sodermanland"),
    ("05", "Östergötland", "Ostergotland"),
    ("06", "Jönköping", "Jonkoping"),
    ("07", "Kronoberg", "Kronoberg"),
    ("08", "Kalmar", "Kalmar"),
    ("10", "Blekinge", "Blekinge"),
    ("12", "Skåne", "Skane"),
    ("13", "Halland", "Halland"),
    ("14", "Västra Götaland", "Vastra Gotaland"),
    ("17", "Värmland", "Varmland"),
    ("18", "Örebro", "Orebro"),
    ("19", "Västmanland", "Vastmanland"),
    ("20", "Dalarna", "Dalarna"),
    ("21", "Gävleborg", "Gavleborg"),
    ("22", "Västernorrland", "Vasternorrland"),
    ("24", "Västerbotten", "Vasterbotten"),
    ("25", "Norrbotten", "Norrbotten"),
)


def _as_one(code: str, name: str, table_name: str) -> County:
    """A county as a single municipality: the tables know no smaller place."""
    region = table_name.lower().replace(" ", "-")
    return County(code, name, region, table_name, (Municipality(f"{code}00", name, 1),))


COUNTIES = tuple(sorted([GOTLAND, JAMTLAND, *(_as_one(*each) for each in _OTHERS)], key=lambda county: county.code))


def posts_of(county: County, tables: Tables) -> Iterator[Mapping[str, Any]]:
    """The events of one county alone, with draws of its own."""
    for _, post in explode({county: tables}, seed=int(county.code) + 7):
        yield post


def share(tables: Tables, one_in: int) -> Tables:
    """A small county of the same shape: every count divided, the rest thrown away. Births need a mother to be left."""
    population = {cell: n // one_in for cell, n in tables.population.items() if n >= one_in}
    births = {
        (year, age, sex): n // one_in
        for (year, age, sex), n in tables.births.items()
        if n >= one_in and min(population.get((end, "female", age - year + end), 0) for end in (year - 1, year)) > 2
    }
    return Tables(population, {cell: n // one_in for cell, n in tables.deaths.items() if n >= one_in}, births)


def whole_country(folder: Path) -> Mapping[County, Tables]:
    """The tables of all counties."""
    return read_tables(COUNTIES, folder, "sweden_")
