"""Two passes over files give the rows of the fold, however the people and what binds them fall into parts."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

import polars
import pytest

from services.projections.engine.projection import Poisoned, Record, Run
from services.projections.register.bulk import RegisterBulk
from services.projections.register.bulk.peek import find_people
from services.projections.register.bulk.routing import split_ids
from services.projections.register.projection import RegisterProjection
from services.projections.register.shapes import Stands
from services.projections.register.tables import TABLES
from tests.projections.register.comparing import Contents, assert_equal, fold_all
from tests.projections.register.records import CATALOG, CONTEXTS, REGION, write_histories

TOPICS = [f"{REGION}.{context}" for context in sorted(CONTEXTS)]
EVENTS = 30


def open_bulk() -> RegisterBulk:
    return RegisterProjection(CATALOG).open_bulk(TOPICS)


def as_runs(records: Sequence[Record]) -> list[Run]:
    """The records of each partition in their order."""
    found: dict[tuple[str, int], list[Record]] = {}
    for record in records:
        found.setdefault(record.place[:2], []).append(record)
    return [
        Run(topic, number, [r.place.offset for r in own], [r.recorded_at for r in own], [r.value for r in own])
        for (topic, number), own in found.items()
    ]


def build(records: Sequence[Record], folder: Path, parts: int, lanes: int = 2) -> tuple[Contents, list[Poisoned]]:
    """Each pass with instances of its own, as processes have them."""
    folders = [folder / str(number) for number in range(lanes)]
    dealers = [open_bulk().open_dealer(each, parts) for each in folders]
    for number, run in enumerate(as_runs(records)):
        dealers[number % lanes].add(run)
    for dealer in dealers:
        dealer.flush()
    sum(open_bulk().settle(folders, folder / "settled", parts))
    found: Contents = {table.name: Counter() for table in TABLES}
    poison: list[Poisoned] = []
    for part in range(parts):
        for rows in open_bulk().fold([*folders, folder / "settled"], part, parts):
            if isinstance(rows, Poisoned):
                poison.append(rows)
            else:
                for table, lines in rows.items():
                    found[table].update(lines.rows() if isinstance(lines, polars.DataFrame) else map(tuple, lines))
    return found, poison


@pytest.mark.parametrize(("seed", "parts"), [(1, 1), (2, 2), (3, 7), (4, 64), (5, 300)])
def test_parts_together_hold_the_rows_of_the_fold(seed: int, parts: int, tmp_path: Path) -> None:
    records = write_histories(range(seed * 1000, seed * 1000 + 30), EVENTS)
    records += Random(seed).sample(records, 50)
    found, poison = build(records, tmp_path, parts)
    assert not poison
    assert_equal(found, fold_all(records))


@pytest.mark.parametrize("seed", range(3))
def test_whichever_copy_counts_everything_is_written_once(seed: int, tmp_path: Path) -> None:
    """Copies of one correction may speak of different events."""
    records = write_histories(range(9000, 9060), EVENTS)
    times = [record.recorded_at for record in records]
    Random(seed).shuffle(times)
    records = [record._replace(recorded_at=time) for record, time in zip(records, times, strict=True)]
    found, _ = build(records, tmp_path, 5)
    assert_equal(found, fold_all(records))


def test_a_record_that_cannot_be_read_is_told_and_all_others_are_folded(tmp_path: Path) -> None:
    records = write_histories(range(40), EVENTS)
    random, bad = Random(1), []
    for number in random.sample(range(len(records)), 25):
        value = records[number].value
        broken = random.choice([b"", b"\0", value[: random.randrange(len(value))], b"\0\0\0\xff\xff" + value[5:]])
        records[number] = records[number]._replace(value=broken)
        bad.append(records[number].place)
    found, poison = build(records, tmp_path, 11)
    assert {each.record.place for each in poison} == set(bad)
    assert_equal(found, fold_all([record for record in records if record.place not in bad]))


def test_whom_a_record_names_is_found_without_decoding_it() -> None:
    records = write_histories(range(50), EVENTS)
    read = RegisterProjection(CATALOG).reader.read([r.value for r in records], Stands.of(records))
    for fact, index in zip(read.facts, read.indexes, strict=True):
        assert split_ids(find_people(records[index].value)) == [subject.person_id for subject in fact.subjects]


def test_damaged_bytes_name_whole_ids_or_nobody() -> None:
    random = Random(3)
    for record in write_histories(range(20), EVENTS):
        value = bytearray(record.value)
        for _ in range(20):
            value[random.randrange(len(value))] = random.randrange(256)
            assert len(find_people(bytes(value[: random.randrange(len(value))]))) % 16 == 0


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    build(write_histories(range(3), EVENTS), tmp_path, 3)
    for path in tmp_path.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0
