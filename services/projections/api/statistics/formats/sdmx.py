"""SDMX-JSON 2.0.0 data messages, of figures: flat observations, dimensions and attributes by number.

Observations are written as they come; what their numbers mean is known at the end and stands after them.
"""

from collections.abc import Sequence
from typing import Any, BinaryIO

import msgspec

from services.projections.api.statistics.records import Block, Line, Telling

SCHEMA = "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/v2.0.0/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json"
_DIMENSIONS = {"REF_AREA": "place", "TIME_PERIOD": "period"}
ATTRIBUTES = (
    "UNIT_MEASURE",
    "NUMERATOR",
    "DENOMINATOR",
    "MAP",
    "VINTAGE",
    "RULE",
    "OBS_STATUS",
    "REASON",
    "CHECKS_FAILED",
)
MISSING, NORMAL, SUPPRESSED = "M", "A", "Q"
"""Codes of SDMX's CL_OBS_STATUS: missing, normal, missing value suppressed."""


class _Words:
    """Values of a dimension or attribute, numbered as they come."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.names: list[str] = []

    def number(self, id: str, name: str | None = None) -> int:
        found = self.numbers.setdefault(id, len(self.numbers))
        if found == len(self.names):
            self.names.append(name or id)
        return found

    def tell(self) -> list[dict[str, str]]:
        return [{"id": id, "name": name} for id, name in zip(self.numbers, self.names, strict=True)]


class SdmxWriter:
    """Implements `Writer`. The head names the indicator."""

    def __init__(self, file: BinaryIO, telling: Telling) -> None:
        self._file, self._head = file, telling.head
        indicator = telling.head["indicator"]
        self._by: Sequence[str] = indicator["by"]
        self._dimensions = {name: _Words() for name in (*_DIMENSIONS, *(_code(name) for name in self._by))}
        self._attributes = {name: _Words() for name in ATTRIBUTES}
        self._first = True
        meta = {
            "schema": SCHEMA,
            "id": f"{indicator['id']}-{telling.head['answered_at']}",
            "prepared": telling.head["answered_at"],
            "test": False,
            "sender": {"id": "DOMICILE"},
        }
        file.write(b'{"meta":' + msgspec.json.encode(meta))
        file.write(b',"data":{"dataSets":[{"structure":0,"action":"Information","observations":{')

    def write(self, block: Block) -> None:
        for line in block.lines():
            self._file.write((b"" if self._first else b",") + self._observation(line))
            self._first = False

    def close(self) -> None:
        indicator = self._head["indicator"]
        structure = {
            "name": indicator["name"],
            "description": indicator["words"],
            "dataSets": [0],
            "dimensions": {"observation": [self._tell(*each) for each in enumerate(self._dimensions.items())]},
            "measures": {"observation": [{"id": "OBS_VALUE", "name": indicator["name"]}]},
            "attributes": {
                "observation": [
                    {"id": id, "name": id, "values": words.tell()} for id, words in self._attributes.items()
                ]
            },
            "annotations": [{"type": "DEFINITION", "title": indicator["definition"]}],
        }
        self._file.write(b'}}],"structures":[' + msgspec.json.encode(structure) + b"]}}")

    def _observation(self, line: Line) -> bytes:
        record = line.record
        values = [record["place"], record["period"], *(record["by"].get(name, "_T") for name in self._by)]
        names = [record["place_name"], *[None] * (len(values) - 1)]
        numbers = [
            words.number(value, name)
            for words, value, name in zip(self._dimensions.values(), values, names, strict=True)
        ]
        said = zip(self._attributes.values(), _attributes_of(record), strict=True)
        attributes = [None if value is None else words.number(value) for words, value in said]
        key = ":".join(map(str, numbers))
        return msgspec.json.encode(key) + b":" + msgspec.json.encode([record["value"], *attributes])

    def _tell(self, place: int, named: tuple[str, _Words]) -> dict[str, Any]:
        id, words = named
        role = {"roles": ["TIME_PERIOD"]} if id == "TIME_PERIOD" else {}
        return {"id": id, "name": id, "keyPosition": place, **role, "values": words.tell()}


def _attributes_of(record: Any) -> list[str | None]:
    above, below, reason = record["numerator"], record["denominator"], record["reason"]
    status = NORMAL if reason is None else SUPPRESSED if reason["code"] == "disclosure-control" else MISSING
    failed = ";".join(check["name"] for check in record["checks"] if check["outcome"] == "failed")
    parts = [None if part is None else f"{part['id']}={part['value']}" for part in (above, below)]
    said = [record["map"], record["vintage"], record["rule"], status, reason and reason["code"], failed or None]
    return [record["unit"] or None, *parts, *said]


def _code(name: str) -> str:
    return name.replace("-", "_").upper()
