"""Rows that are copied from a life that is alike are the rows that the fold would have written."""

import os
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Any

import polars
import pytest

from services.kernel.codec import encode
from services.kernel.contract.catalog import EventVersion
from services.projections.engine.projection import Record
from services.projections.register.bulk.alike import stories
from tests.projections.register.comparing import assert_equal, fold_all
from tests.projections.register.records import CONTEXTS, DAY_MS, REGION, Chronicle, Offsets
from tests.projections.register.test_bulk import build

STORIES = int(os.environ.get("DOMICILE_TEST_HISTORIES", 0)) // 10 or 120
VARIANTS = 30
Told = list[tuple[EventVersion, dict[str, Any]]]


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many lives were copied, part by part; from two that are alike on."""
    found: list[int] = []
    copy = stories.Copier.copy

    def watched(*arguments: Any) -> Any:
        tables, done = copy(*arguments)
        found.append(len(done))
        return tables, done

    monkeypatch.setattr(stories, "_STORIES_MIN", 1)
    monkeypatch.setattr(stories, "_ALIKE_MIN", 2)
    monkeypatch.setattr(stories.Copier, "copy", watched)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_lives_that_are_alike_have_the_rows_of_the_fold(seed: int, copied: list[int], tmp_path: Path) -> None:
    records = list(write_variants(Random(seed), STORIES))
    found, poison = build(records, tmp_path, 2, lanes=1)
    assert not poison
    assert_equal(found, fold_all(records))
    assert sum(copied) > STORIES * VARIANTS / 5


def write_variants(random: Random, count: int) -> Iterator[Record]:
    """Stories of one to three events of any type, each told many times with other ids, days, areas and offices."""
    offsets = Offsets()
    for _ in range(count):
        told = Chronicle(random.getrandbits(32), people=1, days=6).tell(random.choice((1, 1, 2, 2, 3)))
        exact = random.random() < 0.9
        for _ in range(VARIANTS):
            for version, data in _vary(told, random, exact):
                context = version.context if version.context in CONTEXTS else CONTEXTS[0]
                delay_ms = random.choice((0, 0, 3, DAY_MS if random.random() < 0.1 else 1))
                value = encode(version, data)
                yield offsets.put(f"{REGION}.{context}", random.randrange(4), delay_ms, value)


def _vary(told: Told, random: Random, exact: bool) -> Iterator[tuple[EventVersion, dict[str, Any]]]:
    salt = random.randbytes(8)

    def rename(id_: bytes | None) -> bytes | None:
        return None if id_ is None else blake2b(salt + id_, digest_size=16).digest()

    shift = random.randrange(-3000, 3000)
    for version, data in told:
        varied = data | {
            "event_id": rename(data["event_id"]),
            "occurred_on": _shift(data["occurred_on"], shift, random),
            "registered_at": data["registered_at"] + random.randrange(-5, 5) * DAY_MS // 2,
            "office": random.choice(("o1", "o2", "")),
            "subjects": [each | {"person_id": rename(each["person_id"])} for each in data["subjects"]],
            "residence_area": data["residence_area"] and random.choice((*["a1", "a2"] * 10, "unknown", "x:y", "")),
            "occurrence_area": data["occurrence_area"] and random.choice(("a1", "a2")),
        }
        for field in version.own_fields:
            value = data[field.name]
            if field.kind == "date" and not field.is_array:
                varied[field.name] = None if value is None else _shift(value, shift, random)
            elif field.kind == "uuid" and not field.is_array:
                # Now and then it is the id of an event of the story, or of another thing in it.
                same = random.random() < 0.15 and value is not None
                varied[field.name] = rename(random.choice(told)[1]["event_id"] if same else value)
            elif field.is_area and not field.is_array:
                varied[field.name] = value and random.choice(("a1", "a2", "a3"))
        if exact:
            varied |= {name: "day" for name in varied if name.endswith("_precision") and varied[name] is not None}
        yield version, varied


def _shift(day: int, shift: int, random: Random) -> int:
    return day + shift + random.choice((0, 0, 0, 1, -1))


def test_a_part_without_anything_plain_has_nothing_to_copy(copied: list[int], tmp_path: Path) -> None:
    records = list(write_variants(Random(9), 3))[:20]
    found, _ = build(records, tmp_path, 3)
    assert_equal(found, fold_all(records))
    assert sum(copied) == 0


def test_no_column_is_lost_where_rows_are_copied(copied: list[int], tmp_path: Path) -> None:
    from services.projections.register.bulk.types import COLUMN_TYPES
    from services.projections.register.tables import TABLES

    for table in TABLES:
        if table.name in COLUMN_TYPES:
            assert tuple(COLUMN_TYPES[table.name]) == table.columns
    assert all(isinstance(kind, polars.DataType) for types in COLUMN_TYPES.values() for kind in types.values())
