"""Names of four scripts with their frequencies, and how else they are written: `names.toml`."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple


class Culture(NamedTuple):
    """`share` of people. `unspaced`: names are written family first, in one piece."""

    name: str
    share: float
    families: tuple[str, ...]
    female: tuple[str, ...]
    male: tuple[str, ...]
    unspaced: bool = False


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("names.toml").read_text("utf-8"))


@cache
def list_cultures() -> tuple[Culture, ...]:
    """In the order of their shares."""
    return tuple(
        Culture(
            each["name"],
            each["share"],
            tuple(each["families"].split()),
            tuple(each["female"].split()),
            tuple(each["male"].split()),
            each["unspaced"],
        )
        for each in _read()["culture"]
    )


def list_respellings() -> tuple[list[list[str]], list[list[str]]]:
    """What becomes of Latin letters on other keyboards: two ways of it."""
    latin = _read()["latin"]
    return latin["one"], latin["other"]


@cache
def read_cyrillic() -> dict[str, str]:
    """Letter by letter; a sign that has no sound becomes nothing."""
    listed = _read()["cyrillic"]
    return {
        letter: latin.replace("-", "") for letter, latin in zip(listed["letters"], listed["latin"].split(), strict=True)
    }


@cache
def read_arabic() -> dict[str, tuple[str, ...]]:
    """The Latin spellings of a name that passports have."""
    return {name: tuple(latin.split()) for name, latin in _read()["arabic"].items()}
