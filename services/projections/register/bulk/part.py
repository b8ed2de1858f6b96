"""What a part holds, by columns, and its plain events: there is one copy of each, and no other event speaks of it."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple, Self
from zlib import crc32

import polars

from services.projections.engine.projection import Place, Record
from services.projections.register.bulk.alike import EVENT_ID, PERSON, Page, list_mentions
from services.projections.register.bulk.routing import Router
from services.projections.register.bulk.spill import Entry
from services.projections.register.life.fact import Fact
from services.projections.register.reading import Sheet
from services.projections.register.shapes import Stands, take


class Part(NamedTuple):
    """Records by columns. `people`: whom each names; `topics`: by name."""

    people: Sequence[bytes]
    topics: Sequence[str]
    partitions: Sequence[int]
    offsets: Sequence[int]
    times: Sequence[int]
    values: Sequence[bytes]

    @classmethod
    def of(cls, entries: Iterable[Entry], topics: Sequence[str]) -> Self:
        """`topics`: names by the numbers that stand in entries."""
        people, numbers, *others = tuple(zip(*entries, strict=True)) or ((),) * len(cls._fields)
        return cls(people, [topics[number] for number in numbers], *others)

    def leave_out(self, places: Collection[Place]) -> Self:
        """Without the records that stand there."""
        stands = zip(self.topics, self.partitions, self.offsets, strict=True)
        kept = [index for index, stand in enumerate(stands) if stand not in places]
        return type(self)(*(take(column, kept) for column in self))

    def get_stands(self, indexes: Sequence[int]) -> Stands:
        """Where some of the records stand on the log."""
        return Stands(
            take(self.times, indexes),
            take(self.topics, indexes),
            take(self.partitions, indexes),
            take(self.offsets, indexes),
            [False] * len(indexes),
        )

    def get_record(self, index: int) -> Record:
        """One of them, without its key."""
        place = Place(self.topics[index], self.partitions[index], self.offsets[index])
        return Record(place, self.times[index], "", self.values[index])


class PlainEvents:
    """The plain events among the records of `sheets`. `spoken_of`: event ids that are not plain.

    `mentions` are those of people who are at home in the part, see `list_mentions`.
    """

    def __init__(
        self, part: Part, sheets: Sequence[Sheet], spoken_of: Collection[bytes], router: Router, number: int
    ) -> None:
        self._part, self._router, self._number = part, router, number
        self.pages = [Page(s, take(part.times, s.indexes), take(part.topics, s.indexes)) for s in sheets]
        ids = polars.concat([polars.Series([], dtype=polars.Binary), *(page.event_ids for page in self.pages)])
        shut = polars.concat([polars.Series(list(spoken_of), dtype=polars.Binary), ids.filter(ids.is_duplicated())])
        self._open = [~page.event_ids.is_in(shut.implode()) for page in self.pages]
        region = part.topics[0].rpartition(".")[0] if part.topics else ""
        named = list_mentions(self.pages, region, self._open)
        self.mentions = named.filter(self._find_home(named[PERSON]))

    def list_others(self) -> list[int]:
        """The places in the part of the records in sheets that are not plain."""
        found = []
        for page, plain in zip(self.pages, self._open, strict=True):
            found += [page.sheet.indexes[row] for row in (~plain).arg_true()]
        return found

    def write_events(self) -> polars.DataFrame:
        """Rows of the table `event`: of those that are at home here, by whom they name first."""
        return polars.concat([self._write_events(*each) for each in zip(self.pages, self._open, strict=True)])

    def _write_events(self, page: Page, plain: polars.Series) -> polars.DataFrame:
        rows = (plain & self._find_home(page.first)).arg_true()
        indexes = [page.sheet.indexes[row] for row in rows]
        part, count = self._part, len(indexes)
        return polars.DataFrame(
            [
                page.event_ids.gather(rows).alias("event_id"),
                polars.Series("target_id", [None], polars.Binary).new_from_index(0, count),
                polars.Series("recorded_at", take(part.times, indexes), polars.Int64),
                polars.Series("offset", take(part.offsets, indexes), polars.Int64),
                polars.Series("partition", take(part.partitions, indexes), polars.Int32),
                polars.Series("contested", [False], polars.Boolean).new_from_index(0, count),
                polars.Series("topic", take(part.topics, indexes), polars.String),
                polars.Series("value", take(part.values, indexes), polars.Binary),
            ]
        )

    def write_timeline(self) -> polars.DataFrame:
        """Rows of the table `timeline`."""
        own = self.mentions.filter(polars.col("own") & polars.col("open"))
        return own.select(PERSON, polars.col(EVENT_ID).alias("thread_id")).unique()

    def list_people(self, done: polars.Series) -> list[bytes]:
        """Who has a life here, without those who are done."""
        own = self.mentions.filter(polars.col("own") & polars.col("open"))[PERSON].unique()
        return own.filter(~own.is_in(done.implode())).to_list()

    def make_facts(self, done: polars.Series) -> list[Fact]:
        """Of all events that name anybody at home here who is not done."""
        wanted = self.mentions.filter(polars.col("open") & ~polars.col(PERSON).is_in(done.implode()))
        facts = []
        for (number,), rows in wanted.select("page", "row").unique().partition_by("page", as_dict=True).items():
            page = self.pages[number]
            places = rows["row"]
            indexes = [page.sheet.indexes[row] for row in places]
            facts += page.shape.make_facts(page.sheet.frame[places], self._part.get_stands(indexes), None)
        return facts

    def _find_home(self, people: polars.Series) -> polars.Series:
        """For each id whether its part is this one."""
        get_part, number = self._router.get_part, self._number
        if not self._router.merged:
            parts = self._router.parts
            return polars.Series([crc32(person) % parts == number for person in people], dtype=polars.Boolean)
        return polars.Series([get_part(person) == number for person in people], dtype=polars.Boolean)
