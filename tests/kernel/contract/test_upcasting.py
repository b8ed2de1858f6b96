"""Bytes once written stay readable, and handlers see only the latest version."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.kernel.codec import Decoder
from services.kernel.contract.catalog import Catalog
from services.kernel.contract.refusals import UnknownSchema
from services.kernel.contract.upcasting import Upcaster

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("*.json"))
Record = dict[str, Any]


def read_fixture(path: Path) -> tuple[bytes, Record, Record]:
    fixture = json.loads(path.read_text(encoding="utf-8"))
    return bytes.fromhex(fixture["framed"]), _bytes(fixture["record"]), fixture


def _bytes(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("hex:"):
        return bytes.fromhex(value[4:])
    if isinstance(value, list):
        return [_bytes(each) for each in value]
    if isinstance(value, dict):
        return {key: _bytes(each) for key, each in value.items()}
    return value


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_bytes_kept_from_the_first_release_still_say_the_same(path: Path, catalog: Catalog) -> None:
    framed, record, fixture = read_fixture(path)
    event = Decoder(catalog).decode(framed)
    assert (event.type, event.version.version) == (fixture["type"], fixture["version"])
    assert event.record == record


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_bytes_kept_from_the_first_release_can_be_upcast(path: Path, catalog: Catalog) -> None:
    event = Decoder(catalog).decode(read_fixture(path)[0])
    latest, record = Upcaster(catalog).upcast(event.record, event.version)
    assert latest.is_latest
    assert [*record] == [field["name"] for field in latest.document["fields"]]
    assert event.record.items() <= record.items()


def test_a_confirmation_of_version_1_says_that_nobody_recorded_how(catalog: Catalog) -> None:
    path = next(path for path in FIXTURES if path.stem == "ResidenceConfirmed-v1")
    event = Decoder(catalog).decode(read_fixture(path)[0])
    assert "method" not in event.record
    latest, record = Upcaster(catalog).upcast(event.record, event.version)
    assert (latest.version, record["method"]) == (2, "not-stated")
    assert "method" not in event.record, "upcasting must not change what it was given"


def test_a_default_fills_what_no_step_does(catalog: Catalog) -> None:
    version = catalog.get_event("ResidenceConfirmed", 1)
    _, record = Upcaster(catalog, steps={}).upcast({"confirmed_area": "0980"}, version)
    assert record["method"] == "not-stated"


def test_a_version_newer_than_this_software_is_not_guessed_at(catalog: Catalog) -> None:
    from dataclasses import replace

    newer = replace(catalog.get_event("ResidenceConfirmed"), version=99)
    with pytest.raises(UnknownSchema):
        Upcaster(catalog).upcast({}, newer)
