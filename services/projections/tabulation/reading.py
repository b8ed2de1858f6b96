"""The lines that the register keeps, read as cells: `statistics.expanding` in SQL, as selections to put into a query.

Nothing here asks for a period or an area: whoever puts a selection into a query adds its conditions, and PostgreSQL
moves them down to each half. Halves are by the end of a crossing that is an area, so that an index by it serves.
"""

from typing import Final

from services.projections.statistics import cells
from services.projections.statistics.cells import ARRIVAL, BIRTH, DEATH, FOUND, IN, INTERNAL, OUT, UNKNOWN_PLACE
from services.projections.statistics.indicators.counting import Areas

_State = tuple[str, str, str]
_BEFORE: Final[_State] = ("from_lives", "from_registered", "from_temporary")
_NOW: Final[_State] = ("lives", "registered", "temporary")


SETTLED: Final = "settled"
"""Those who live where they are registered: with inflow they are the usual residents, with outflow the registered."""


def is_area(place: str) -> str:
    """Whether a place is an area of this region; false for null."""
    return f"({place} IS NOT NULL AND {place} <> '{UNKNOWN_PLACE}' AND strpos({place}, ':') = 0)"


def _kind_of_state(lives: str, registered: str, temporary: str) -> str:
    return f"ROW({is_area(lives)}, {is_area(registered)}, {lives} IS DISTINCT FROM {registered}, {temporary})"


OF_REGION: Final = f"({_kind_of_state(*_NOW)} IS DISTINCT FROM {_kind_of_state(*_BEFORE)})"
"""Of crossings, those that change some population of the whole region: who moves within it mostly does not."""


def select_changes(crossings: str, population: str, more: str = "", *, whole: bool = False) -> str:
    """area, elsewhere, sex, born_day, day, n of one population. `crossings`: a table, or a selection in brackets.

    `more`: further columns of it. `whole`: changes of the whole region, whatever the area: who moves within it is left
    out. ValueError for another population.
    """
    halves = []
    for sign, now, before in (("", _NOW, _BEFORE), ("-", _BEFORE, _NOW)):
        area, elsewhere, belongs, same = _membership(population, now, before)
        if whole:
            other_area, _, belonged, _ = _membership(population, before, now)
            same = f"{is_area(other_area)} AND {belonged}"
        # Who is registered where they live is found by where they live: the index by registration leaves them out.
        ways = [(area, "true")]
        if population == cells.REGISTERED:
            lives, registered, _ = now
            ways = [(lives, f"{lives} = {registered}"), (registered, f"{lives} IS DISTINCT FROM {registered}")]
        halves += [
            f"SELECT {way} AS area, {elsewhere} AS elsewhere, sex, born_day, day, {sign}n AS n{more} FROM {crossings}"
            f" AS crossing WHERE {is_area(way)} AND {only} AND {belongs} AND NOT ({same})"
            for way, only in ways
        ]
    return " UNION ALL ".join(halves)


def _membership(population: str, now: _State, before: _State) -> tuple[str, str, str, str]:
    """The area, where else, whether one belongs (given the area is one), and whether one belongs alike before."""
    (lives, registered, temporary), (other_lives, other_registered, other_temporary) = now, before
    same_lives = f"{other_lives} IS NOT DISTINCT FROM {lives}"
    same_registered = f"{other_registered} IS NOT DISTINCT FROM {registered}"
    away = f"{lives} IS DISTINCT FROM {registered}"
    match population:
        case cells.USUAL:
            return lives, "NULL::text", "true", same_lives
        case _ if population == SETTLED:
            return (
                lives,
                "NULL::text",
                f"{lives} IS NOT DISTINCT FROM {registered}",
                f"{same_lives} AND {same_registered}",
            )
        case cells.TEMPORARY:
            return lives, "NULL::text", temporary, f"{same_lives} AND {other_temporary}"
        case cells.INFLOW:
            return lives, registered, away, f"{same_lives} AND {same_registered}"
        case cells.REGISTERED:
            return registered, "NULL::text", "true", same_registered
        case cells.OUTFLOW:
            return registered, lives, away, f"{same_lives} AND {same_registered}"
    raise ValueError(f"no such population: {population}")


def select_moves(crossings: str, track: str, more: str = "", *, areas: Areas = None) -> str:
    """kind, origin, destination, sex, born_day, day, n on one track. ValueError for another one.

    `areas`: only moves that touch them are wanted; others may be selected all the same.
    """
    columns = {cells.USUAL: ("from_lives", "lives"), cells.REGISTERED: ("from_registered", "registered")}
    if track not in columns:
        raise ValueError(f"no such track: {track}")
    before, now = columns[track]
    here, was_here = is_area(now), is_area(before)
    found = f"{here} AND coalesce({before}, '') = '{UNKNOWN_PLACE}' AND cause <> '{ARRIVAL}'"
    return (
        f"SELECT CASE WHEN {here} AND {was_here} THEN '{INTERNAL}' WHEN {found} THEN '{FOUND}'"
        f" WHEN {here} THEN '{IN}' ELSE '{OUT}' END AS kind,"
        f" CASE WHEN NOT ({found}) THEN {before} END AS origin, {now} AS destination, sex, born_day, day, n{more}"
        f" FROM {crossings} AS crossing WHERE cause NOT IN ('{BIRTH}', '{DEATH}')"
        f" AND {before} IS DISTINCT FROM {now} AND ({here} OR {was_here}){_touching(track, areas)}"
    )


def _touching(track: str, areas: Areas) -> str:
    """By indexes: whoever touches an area on the track of registration lives in it, or is registered away."""
    if areas is None:
        return ""
    chosen = ", ".join("'" + area.replace("'", "''") + "'" for area in sorted(areas))
    within = f"= ANY (ARRAY[{chosen}]::text[])"
    ends = [f"lives {within}", f"from_lives {within}"]
    if track == cells.REGISTERED:
        ends.append(f"(registered {within} AND lives IS DISTINCT FROM registered)")
        ends.append(f"(from_registered {within} AND from_lives IS DISTINCT FROM from_registered)")
    return f" AND ({' OR '.join(ends)})"
