"""What was known at an instant within a day: what was known at the end of a day, and the difference.

Sums and lines know days. Between an instant and the end of its day, or of the day before it, something was recorded
about few people: those are folded once more as of both, and the difference is counted beside.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from services.kernel.contract.catalog import Catalog
from services.kernel.database import Connection
from services.projections.register.evidence import people_of
from services.projections.register.holding import fetch_events, fetch_group, fetch_history
from services.projections.register.life import HANDLERS, Fact, fold_people
from services.projections.register.reading import FactReader
from services.projections.statistics.cells import Cell, Change, Line, Move, Occurrence, add_up
from services.projections.statistics.contributions import count_lines
from services.projections.statistics.expanding import expand
from services.projections.statistics.indicators.in_memory import CountsInMemory

_DAY_MS: Final = 86_400_000
_MANY: Final = 500
"""So many people are folded at once, while the transaction stands idle."""
CROWD: Final = 20_000
"""So many events are not looked at again for one question."""


class CrowdedInstantError(Exception):
    """Too much was recorded on both sides of an instant. The ends of its day and of the day before can be told."""


class Instant(NamedTuple):
    """`day`: the figures at its end, and `difference`, are what was known. None: there is none."""

    day: int
    difference: CountsInMemory | None


class _Window(NamedTuple):
    """Recorded after `after` and not after `until`, both in milliseconds."""

    after: int
    until: int


async def open_instant(connection: Connection, schema: str, known_at_ms: int) -> Instant:
    """In a transaction that sees one moment. From the end of the day or of the day before it, whichever is nearer.

    Raises CrowdedInstantError: neither is near.
    """
    last, left = divmod(known_at_ms + 1, _DAY_MS)
    if not left:
        return Instant(last - 1, None)
    since = _Window(last * _DAY_MS - 1, known_at_ms)
    rest = _Window(known_at_ms, (last + 1) * _DAY_MS - 1)
    earlier, later = [await _count(connection, schema, window) for window in (since, rest)]
    window, day = (since, last - 1) if earlier < later else (rest, last)
    if not min(earlier, later):
        return Instant(day, None)
    if min(earlier, later) >= CROWD:
        raise CrowdedInstantError
    lines = await _fold_again(connection, schema, window, (day + 1) * _DAY_MS - 1, known_at_ms)
    return Instant(day, _as_counts(expand(lines)))


async def _count(connection: Connection, schema: str, window: _Window) -> int:
    query = f'SELECT 1 FROM "{schema}".event WHERE recorded_at > $1 AND recorded_at <= $2 LIMIT {CROWD}'
    return int(await connection.fetchval(f"SELECT count(*) FROM ({query}) AS event", *window))


async def _fold_again(connection: Connection, schema: str, window: _Window, base: int, then: int) -> list[Line]:
    """What everybody of whom something was recorded in a window adds as of `then`, less what they add as of `base`."""
    reader = _get_reader()
    people = await _list_people(connection, schema, reader, window)
    found: Counter[Line] = Counter()
    while people:
        some = set(sorted(people)[:_MANY])
        group = await fetch_group(connection, schema, some)
        facts = [each.fact for each in (await fetch_history(connection, schema, reader, group)).values()]
        # On a thread: the loop serves others meanwhile.
        found.update(await asyncio.to_thread(_count_lines, facts, group, then))
        found.subtract(await asyncio.to_thread(_count_lines, facts, group, base))
        people -= group
    return [line._replace(n=n) for line, n in found.items() if n]


async def _list_people(connection: Connection, schema: str, reader: FactReader, window: _Window) -> set[bytes]:
    """Whoever is named in what was said about the events of which something was recorded in a window."""
    rows = await connection.fetch(
        f'SELECT uuid_send(event_id), uuid_send(target_id) FROM "{schema}".event'
        " WHERE recorded_at > $1 AND recorded_at <= $2",
        *window,
    )
    threads = {thread for row in rows for thread in row if thread is not None}
    events = await fetch_events(connection, schema, reader, threads)
    return set().union(*(people_of(each.fact) for each in events.values()))


def _count_lines(facts: list[Fact], group: set[bytes], known_at_ms: int) -> Counter[Line]:
    known = [fact for fact in facts if fact.recorded_at <= known_at_ms]
    lives = fold_people(known, sorted(group))
    return add_up(line for life in lives.values() for line in count_lines(life))


def _as_counts(cells: Iterable[Cell]) -> CountsInMemory:
    held = list(cells)
    return CountsInMemory(
        [cell for cell in held if isinstance(cell, Change)],
        [cell for cell in held if isinstance(cell, Occurrence)],
        [cell for cell in held if isinstance(cell, Move)],
    )


@lru_cache(maxsize=1)
def _get_reader() -> FactReader:
    return FactReader(Catalog.load(), {name: handler.fields for name, handler in HANDLERS.items()})
