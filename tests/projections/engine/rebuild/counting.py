"""Projections that count words, with and without bulk, and a process that rebuilds one and may be killed at any phase:

python -m tests.projections.engine.rebuild.counting '{"name": …}'     see `Task`
"""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from zlib import crc32

import msgspec

from services.projections.engine.projection import Place, Poisoned, Record, Rows, Run
from services.projections.engine.rebuild import Order, Outcome, Rebuild, Setup, Stop
from tests.projections.engine.words import Words

MODULE = "tests.projections.engine.rebuild.counting"


class Counted(Words):
    """Words with bulk. `twisted`: counts one too many of each, as another edition or a fault would."""

    def __init__(self, name: str, twisted: bool = False, edition: int = 1) -> None:
        super().__init__(name)
        self.twisted, self.edition = twisted, edition

    def open_bulk(self, topics: Sequence[str]) -> "Bulk":
        return Bulk(topics, self.twisted)


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

    def __init__(self, topics: Sequence[str], twisted: bool) -> None:
        self._twisted = twisted

    def open_dealer(self, folder: Path, parts: int) -> Dealt:
        return Dealt(folder, parts)

    def settle(self, folders: Sequence[Path], extra: Path, parts: int) -> Iterator[int]:
        extra.mkdir()
        yield 0

    def fold(self, folders: Sequence[Path], part: int, parts: int) -> Iterator[Rows | Poisoned]:
        applied = []
        for file in [file for folder in folders if (file := folder / f"part-{part}").exists()]:
            for line in file.read_bytes().splitlines():
                topic, partition, offset, recorded_at, word = line.decode().split()
                place = Place(topic, int(partition), int(offset))
                if word == "poison":
                    yield Poisoned(Record(place, int(recorded_at), "", word.encode()), "not-a-word")
                else:
                    applied.append((*place, word))
        yield {"applied": applied}
        yield {"word": [(w, n + self._twisted) for w, n in Counter(row[3] for row in applied).items()]}


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
        return partial(Counted, self.name, self.twisted, self.edition) if self.bulk else partial(Words, self.name)


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
