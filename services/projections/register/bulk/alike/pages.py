"""Records of one type by columns, and whom they name, one row for each person of each event."""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

import polars

from services.projections.register.reading import Sheet
from services.projections.register.shapes import SUBJECT, Shape

PERSON: Final = "person_id"
EVENT_ID: Final = "event_id"
DAY_MS: Final = 86_400_000
_COUNTERPART: Final = "counterpart"


class Page:
    """A sheet with where its records stand. `recorded_at`, `topics`: of each record, in the order of the sheet's rows.

    `members`: who is named, event by event: those of row n from `starts[n]` on, as many as `counts[n]`.
    """

    def __init__(self, sheet: Sheet, recorded_at: Sequence[int], topics: Sequence[str]) -> None:
        self.sheet, self._recorded_at, self._topics = sheet, recorded_at, topics
        subjects = sheet.frame["subjects"]
        self.counts = subjects.list.len()
        self.starts = self.counts.cum_sum() - self.counts
        rows = polars.int_range(len(subjects), dtype=polars.UInt32, eager=True)
        if self.counts.min() != 1 or self.counts.max() != 1:
            # An empty list would explode into a row of nulls.
            subjects = subjects.filter(self.counts > 0)
            rows = rows.gather(rows.repeat_by(self.counts).explode().drop_nulls())
        inside = subjects.list.explode().struct
        self.members = polars.DataFrame([inside.field(name) for name in SUBJECT]).with_columns(row=rows)

    @property
    def event_ids(self) -> polars.Series:
        return self.sheet.frame[EVENT_ID]

    @cached_property
    def first(self) -> polars.Series:
        """Whom each event names first; the event's own id if it names nobody."""
        if self.counts.min() != 0:
            return self.members[PERSON].gather(self.starts)
        ends = polars.concat([self.members[PERSON], polars.Series([None], dtype=polars.Binary)])
        return ends.gather(self.starts).zip_with(self.counts > 0, self.event_ids)

    @property
    def shape(self) -> Shape:
        return self.sheet.shape

    @cached_property
    def columns(self) -> polars.DataFrame:
        """What handlers ask for, and `topic`, `recorded_day`, `registered_day`, `delay_days`."""
        frame = self.sheet.frame.drop("subjects")
        registered = frame["registered_at"] // DAY_MS
        return frame.with_columns(
            polars.Series("topic", self._topics, polars.String),
            polars.Series("recorded_day", self._recorded_at, polars.Int64) // DAY_MS,
            registered.alias("registered_day"),
            (registered - frame["occurred_on"]).alias("delay_days"),
        )

    def gather(self, rows: polars.Series, count: int) -> polars.DataFrame:
        """Some rows, all of which name so many people: these by place, as `0.role`, `0.region` and so on."""
        found = self.columns[rows]
        first = self.starts.gather(rows)
        for place in range(count):
            named = self.members[first + place]
            found = found.with_columns(named[name].alias(f"{place}.{name}") for name in SUBJECT)
        return found


def list_mentions(pages: Sequence[Page], region: str, opened: Sequence[polars.Series]) -> polars.DataFrame:
    """Everybody in every event: `person_id`, `event_id`, `page`, `row`, `place` among those named, `count` of those
    named, `own` (of this region), `plain` (and in a role that the fold takes as it is), `open`: as `opened` says of the
    event's row.
    """
    return polars.concat([_list_mentions(*each, region) for each in enumerate(zip(pages, opened, strict=True))])


def _list_mentions(number: int, each: tuple[Page, polars.Series], region: str) -> polars.DataFrame:
    page, opened = each
    members = page.members
    row = members["row"]
    order = polars.int_range(len(members), dtype=polars.UInt32, eager=True)
    own = members["region"] == region
    return polars.DataFrame(
        [
            members[PERSON],
            page.event_ids.gather(row),
            polars.Series("page", [number], polars.UInt32).new_from_index(0, len(members)),
            row,
            (order - page.starts.gather(row)).cast(polars.UInt32).alias("place"),
            page.counts.gather(row).cast(polars.UInt32).alias("count"),
            own.alias("own"),
            (own & (members["role"] != _COUNTERPART)).alias("plain"),
            opened.gather(row).alias("open"),
        ]
    )
