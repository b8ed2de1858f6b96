"""The posts that every row sends: invented people, the same for the same number, no two alike.

Of ten events seven are enumerations (name, identifier, address), two are births (child and mother) and one is a death.
Mothers and the dead are named by the identifier of somebody enumerated before. About 1.2 sealed blocks per event.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

REGION = "bench"
OFFICE = "B-1"
AREAS = tuple(f"B{number:02}" for number in range(20))
_SPREAD, _MASK = 0x9E3779B97F4A7C15, (1 << 64) - 1
_FIRST_MS = 852_076_800_000  # 1997-01-01
_GIVEN = ("Ex", "Zed", "Why", "Qu", "Ar", "Es", "Tee", "You")
_FAMILY = ("Ample", "Sample", "Template", "Specimen", "Instance", "Paradigm")


def make_areas() -> list[dict[str, Any]]:
    """The posts of the map: one county and what lies in it."""
    return [_area(0, "B", 0), *(_area(number, code, 1) for number, code in enumerate(AREAS, 1))]


def posts(first: int, count: int) -> Iterator[bytes]:
    """Posts number `first` to `first + count - 1`, each one line of JSON without its end."""
    for number in range(first, first + count):
        tenth = number % 10
        make = _death if tenth == 9 else _birth if tenth in (4, 8) else _enumeration
        yield make(number, _lot(number)).encode()


def write_posts(path: Path, first: int, count: int) -> Path:
    """The same as a file of lines."""
    lines = posts(first, count)
    with path.open("wb") as out:
        while part := list(islice(lines, 10_000)):
            out.write(b"\n".join(part) + b"\n")
    return path


def _area(number: int, code: str, level: int) -> dict[str, Any]:
    post = {
        "type": "AreaEstablished",
        "event_id": f"00bfd9e3-0000-7000-8000-{number:012x}",
        "occurred_on": "1900",
        "registered_at": "1996-01-01T00:00:00Z",
        "office": "map",
        "subjects": [],
        "area": code,
        "name": f"Area {code}",
        "level": level,
        "area_kind": "municipality" if level else "county",
    }
    return post | ({"parent_area": "B"} if level else {})


def _lot(number: int) -> int:
    """64 bits that look drawn by lot."""
    drawn = number * _SPREAD & _MASK
    drawn = (drawn ^ drawn >> 29) * 0xBF58476D1CE4E5B9 & _MASK
    return drawn ^ drawn >> 32


def _head(kind: str, number: int, lot: int, occurred_on: str) -> str:
    ms = _FIRST_MS + number * 500
    event_id = f"{ms >> 16:08x}-{ms & 0xFFFF:04x}-7{lot & 0xFFF:03x}-{0x8000 | lot >> 12 & 0x3FFF:04x}-{number:012x}"
    area = AREAS[lot % len(AREAS)]
    second = number // 2
    return (
        f'{{"type":"{kind}","event_id":"{event_id}","occurred_on":"{occurred_on}",'
        f'"registered_at":"{2003 + second // 28_000_000}-0{1 + second // 2_500_000 % 9}-{1 + second // 86400 % 28:02}'
        f'T{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}+02:00",'
        f'"residence_area":"{area}","occurrence_area":"{area}","office":"{OFFICE}",'
    )


def _enumeration(number: int, lot: int) -> str:
    return (
        _head("PersonEnumerated", number, lot, "1996-12-31")
        + f'"subjects":[{{"role":"person","civil":{{"given_names":"{_GIVEN[lot & 7]} {number}",'
        f'"family_name":"{_FAMILY[lot % 6]}",{_identifiers(number)},"address":{{"lines":["Example Street {lot % 97}"],'
        f'"postal_code":"{lot % 90000 + 10000}","locality":"{AREAS[lot % 20]}"}}}}}}],'
        f'"sex":"{_sex(lot)}","birth_on":"{_birth_on(lot)}","residence_kind":"permanent"}}'
    )


def _birth(number: int, lot: int) -> str:
    mother = _earlier(number, lot)
    return (
        _head("BirthRegistered", number, lot, f"{1997 + lot % 6}-0{1 + lot % 9}-{1 + lot % 28:02}")
        + f'"subjects":[{{"role":"child","civil":{{"given_names":"{_GIVEN[lot & 7]} {number}",'
        f'"family_name":"{_FAMILY[lot % 6]}",{_identifiers(number)}}}}},'
        f'{{"role":"mother","civil":{{{_identifiers(mother)}}}}}],'
        f'"sex":"{_sex(lot)}","live_birth":true,"birth_order":{1 + lot % 3},'
        f'"mother_birth_on":"{_birth_on(_lot(mother))}"}}'
    )


def _death(number: int, lot: int) -> str:
    dead = _earlier(number, lot)
    return (
        _head("DeathRegistered", number, lot, f"{1997 + lot % 6}-0{1 + lot % 9}-{1 + lot % 28:02}")
        + f'"subjects":[{{"role":"deceased","civil":{{{_identifiers(dead)}}}}}],'
        f'"sex":"{_sex(_lot(dead))}","birth_on":"{_birth_on(_lot(dead))}"}}'
    )


def _earlier(number: int, lot: int) -> int:
    """Somebody enumerated before, not long ago and not in the same breath."""
    return max(number // 10 - 1 - lot % 1000, 0) * 10 + lot % 4


def _identifiers(number: int) -> str:
    return f'"identifiers":[{{"kind":"local","value":"B-{number:09}"}}]'


def _sex(lot: int) -> str:
    return "female" if lot & 64 else "male"


def _birth_on(lot: int) -> str:
    return f"{1920 + lot % 70}-0{1 + lot % 9}-{1 + lot % 28:02}"
