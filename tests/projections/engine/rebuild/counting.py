"""Projections that count words, with and without bulk, and a process that rebuilds one and may be killed at any phase:

python -m tests.projections.engine.rebuild.counting '{"name": …}'     see `Task`
"""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec

from services.projections.engine.projection import Place, Poisoned, Record, Rows, Run
from services.projections.engine.rebuild import Order, Outcome, Rebuild, Setup, Stop
from tests.projections.engine.words import Words

MODULE = "tests.projections.engine.rebuild.counting"


class Counted(Words):
    """Words with bulk. `twisted`: counts one too many of each, as another edition or a fault would. `bugged`: the word
    `bug` makes the fold raise, and `null` the database.
    """

    def __init__(self, name: str, twisted: bool = False, edition: int = 1, bugged: bool = False) -> None:
        super().__init__(name)
        self.twisted, self.edition, self.bugged = twisted, edition, bugged

    def open_bulk(self, topics: Sequence[str]) -> "Bulk":
        return Bulk(self.twisted, self.bugged)


class Dealt:
    """A line per record, in a file per part."""

    def __init__(self, folder: Path, parts: int) -> None:
        self._files = [(folder / f"part-{part}").open("ab") for part in range(parts)]

    def add(self, run: Run) -> None:
        for offset, recorded_at, value in zip(run.offsets, run.recorded_at, run.values, strict=True):
            line = f"{run.topic} {run.partition} {offset} {recorded_at} {value.decode()}\n".encode()
            self._files[crc32(value) % len(self._files)].write(line)

    def flush(self) -> None:
        for file in self._files:
            file.flush()


class Bulk:
    """Counts the words of one part after the other."""

    def __init__(self, twisted: bool, bugged: bool) -> None:
        self._twisted, self._bugged = twisted, bugged

    def open_dealer(self, folder: Path, parts: int) -> Dealt:
        return Dealt(folder, parts)

    def settle(self, folders: Sequence[Path], extra: Path, parts: int) -> Iterator[int]:
        extra.mkdir()
        yield 0

    def list_places(self, folders: Sequence[Path], part: int) -> list[Place]:
        return sorted(record.place for record in _read(folders, part))

    def fold(
        self, folders: Sequence[Path], part: int, parts: int, without: Collection[Place] = ()
    ) -> Iterator[Rows | Poisoned]:
        applied: list[tuple[Any, ...]] = []
        for record in _read(folders, part):
            word = record.value.decode()
            if record.place in without:
                continue
            if self._bugged and word == "bug":
                raise ValueError("a word that nobody may see in a log")
            if word == "poison":
                yield Poisoned(record, "not-a-word")
            else:
                applied.append((*record.place, "\0" if self._bugged and word == "null" else word))
        yield {"applied": applied}
        yield {"word": [(w, n + self._twisted) for w, n in Counter(row[3] for row in applied).items()]}


def _read(folders: Sequence[Path], part: int) -> Iterator[Record]:
    for file in [file for folder in folders if (file := folder / f"part-{part}").exists()]:
        for line in file.read_bytes().splitlines():
            topic, partition, offset, recorded_at, word = line.decode().split()
            place = Place(topic, int(partition), int(offset))
            yield Record(place, int(recorded_at), "", word.encode())


class Task(msgspec.Struct):
    """`kill_in`: the phase in which the process kills itself, the first time that it is told of."""

    name: str
    region: str
    bootstrap: str
    owner_url: str
    service_role: str
    folder: str
    bulk: bool = True
    twisted: bool = False
    bugged: bool = False
    edition: int = 1
    verify: bool = False
    accept_differences: bool = False
    kill_in: str = ""
    part_records: int = 200

    @property
    def setup(self) -> Setup:
        return Setup(
            self.region,
            self.bootstrap,
            self.owner_url,
            self.service_role,
            Path(self.folder),
            part_records=self.part_records,
        )

    def make(self) -> "partial[Words]":
        return (
            partial(Counted, self.name, self.twisted, self.edition, self.bugged)
            if self.bulk
            else partial(Words, self.name)
        )


class Witness:
    """Remembers what was told. `cancel_in`: asks to cancel in this phase. `acts`: done once, when a phase begins."""

    def __init__(
        self, kill_in: str = "", cancel_in: str = "", acts: Mapping[str, Callable[[], object]] | None = None
    ) -> None:
        self.phases: list[str] = []
        self.sentences: list[str] = []
        self._kill_in, self._cancel_in, self._acts = kill_in, cancel_in, acts or {}

    def show(self, phase: str, done: int, total: int) -> None:
        if phase not in self.phases and phase in self._acts:
            self._acts[phase]()
        self.phases.append(phase)
        if phase == self._kill_in:
            os.kill(os.getpid(), signal.SIGKILL)

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def is_cancelled(self) -> bool:
        return self._cancel_in in self.phases


async def run(task: Task, witness: Witness) -> Outcome:
    order = Order(verify=task.verify, accept_differences=task.accept_differences)
    return await Rebuild(task.setup, task.make(), witness).run(order)


if __name__ == "__main__":
    told = msgspec.json.decode(sys.argv[1], type=Task)
    try:
        print(asyncio.run(run(told, Witness(told.kill_in))))
    except Stop as doubt:
        print(doubt)
        sys.exit(3)
