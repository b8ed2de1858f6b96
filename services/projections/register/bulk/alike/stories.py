"""People of whom little is said, all of it plain: their events side by side, and their rows by columns."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import polars

from services.projections.register.bulk.alike.kinds import Columns, Signature, find_columns, is_plain, list_keys
from services.projections.register.bulk.alike.pages import PERSON, Page
from services.projections.register.bulk.alike.tracing import Copied, Events, Pattern, Story, Write, trace

_EVENTS_MAX: Final = 3
"""Of a longer story there are few that are alike."""
_STORIES_MIN: Final = 64
_ALIKE_MIN: Final = 8
"""Fewer are folded faster one by one."""
_PATTERNS_MAX: Final = 20_000
Columnar = dict[str, list[polars.DataFrame]]


class Copier:
    """Folds one life of each kind and copies its rows for the others. Keep it: what it found out holds for all parts.

    `types`: table → polars types of its columns by name, in their order.
    """

    def __init__(self, types: Mapping[str, Mapping[str, polars.DataType]], write: Write) -> None:
        self._types, self._write = types, write
        self._patterns: dict[object, Pattern | None] = {}

    def copy(self, pages: Sequence[Page], mentions: polars.DataFrame) -> tuple[Columnar, polars.Series]:
        """Rows of tables, and whose they are. `mentions`: see `list_mentions`; of people only of whom they are all.

        Nobody of those may have been merged, nor may anything else be said of them: else leave them out.
        """
        tables: Columnar = {}
        done = [polars.Series(PERSON, [], polars.Binary)]
        counted = mentions.select(
            PERSON,
            "page",
            "row",
            "place",
            "count",
            events=polars.len().over(PERSON),
            fit=(polars.col("plain") & polars.col("open")).all().over(PERSON),
        ).filter(polars.col("fit") & (polars.col("events") <= _EVENTS_MAX))
        for events in range(1, _EVENTS_MAX + 1):
            each = counted.filter(polars.col("events") == events).sort(PERSON, "page", "count", "place", "row")
            for signature, rows in _list_signatures(each, events):
                if len(rows) >= _STORIES_MIN:
                    done += self._copy_signature(pages, signature, rows, tables)
        return tables, polars.concat(done)

    def _copy_signature(
        self, pages: Sequence[Page], signature: Signature, rows: polars.DataFrame, tables: Columnar
    ) -> Iterator[polars.Series]:
        columns = find_columns(pages, signature)
        if columns is None:
            return
        story = _gather(pages, signature, rows).filter(is_plain(columns))
        which, keys = list_keys(columns, story)
        names = [f"key {number}" for number in range(len(keys))]
        keyed = story.select(key.alias(name) for key, name in zip(keys, names, strict=True)).with_row_index("row")
        events = tuple((pages[page].shape, count, place) for page, count, place in signature)
        known = tuple((shape.version.name, count, place) for shape, count, place in events)
        person = f"0:{signature[0][2]}.{PERSON}"
        for *key, of_kind in keyed.group_by(names).agg("row").iter_rows():
            if len(of_kind) < _ALIKE_MIN:
                continue
            kind = (known, which, *key)
            if kind not in self._patterns:
                self._remember(kind, self._trace(story.row(of_kind[0], named=True), columns, events))
            pattern = self._patterns[kind]
            if pattern is not None:
                some = story[of_kind]
                self._write_rows(pattern, some, tables)
                yield some[person].alias(PERSON)

    def _trace(self, story: Story, columns: Columns, events: Events) -> Pattern | None:
        try:
            return trace(story, columns, events, self._write)
        except Exception:  # a handler that raises: it will again, life by life, where the engine looks after it
            return None

    def _remember(self, kind: object, pattern: Pattern | None) -> None:
        if len(self._patterns) >= _PATTERNS_MAX:
            self._patterns.clear()
        self._patterns[kind] = pattern

    def _write_rows(self, pattern: Pattern, stories: polars.DataFrame, tables: Columnar) -> None:
        for table, lines in pattern.items():
            types = self._types[table]
            for cells in lines:
                columns = [
                    stories[cell.column].cast(kind).alias(name)
                    if isinstance(cell, Copied)
                    else polars.Series(name, [cell], kind).new_from_index(0, len(stories))
                    for cell, (name, kind) in zip(cells, types.items(), strict=True)
                ]
                tables.setdefault(table, []).append(polars.DataFrame(columns))


def _list_signatures(mentions: polars.DataFrame, events: int) -> Iterator[tuple[Signature, polars.DataFrame]]:
    """Stories of so many events by signature: the rows of their events, in columns by number. `mentions`: by person."""
    if not len(mentions):
        return
    beside = polars.DataFrame(
        [
            mentions[name].gather_every(events, number).alias(f"{number}:{name}")
            for number in range(events)
            for name in ("page", "count", "place", "row")
        ]
    )
    names = [f"{number}:{name}" for number in range(events) for name in ("page", "count", "place")]
    for key, rows in beside.partition_by(names, as_dict=True).items():
        yield tuple((key[at], key[at + 1], key[at + 2]) for at in range(0, len(key), 3)), rows


def _gather(pages: Sequence[Page], signature: Signature, rows: polars.DataFrame) -> polars.DataFrame:
    """The columns of all events of each story."""
    found = []
    for number, (page, count, _) in enumerate(signature):
        own = pages[page].gather(rows[f"{number}:row"], count)
        found.append(own.rename({name: f"{number}:{name}" for name in own.columns}))
    return polars.concat(found, how="horizontal")
