"""Crossings into the changes of populations and the moves that they are. Pure, and linear: so it is for differences.

This is the rule of what belongs to which population, and of what is a move; views in SQL say the same.
"""

from collections.abc import Iterable, Iterator

from services.projections.statistics.cells import (
    ARRIVAL,
    BIRTH,
    DEATH,
    FOUND,
    IN,
    INFLOW,
    INTERNAL,
    OUT,
    OUTFLOW,
    REGISTERED,
    TEMPORARY,
    UNKNOWN_PLACE,
    USUAL,
    Cell,
    Change,
    Crossing,
    Line,
    Move,
    is_area,
)

_Member = tuple[str, str, str | None]


def expand(lines: Iterable[Line]) -> Iterator[Cell]:
    """All cells of what lives are kept as."""
    for line in lines:
        if isinstance(line, Crossing):
            yield from expand_changes(line)
            yield from expand_moves(line)
        else:
            yield line


def expand_changes(crossing: Crossing) -> Iterator[Change]:
    """Which populations somebody leaves and enters."""
    _, from_lives, from_registered, from_temporary, lives, registered, temporary, day, sex, born, n = crossing
    before = _find_memberships(from_lives, from_registered, from_temporary)
    now = _find_memberships(lives, registered, temporary)
    for population, area, elsewhere in before:
        if (population, area, elsewhere) not in now:
            yield Change(population, area, elsewhere, sex, born, day, -n)
    for population, area, elsewhere in now:
        if (population, area, elsewhere) not in before:
            yield Change(population, area, elsewhere, sex, born, day, n)


def expand_moves(crossing: Crossing) -> Iterator[Move]:
    """On both tracks. Births and deaths are no moves, and between two places elsewhere nobody here moves."""
    if crossing.cause in (BIRTH, DEATH):
        return
    for track, before, now in (
        (USUAL, crossing.from_lives, crossing.lives),
        (REGISTERED, crossing.from_registered, crossing.registered),
    ):
        if before == now:
            continue
        if is_area(now):
            if is_area(before):
                kind = INTERNAL
            else:
                # Who is not said to have arrived, and to have been anywhere before, was only found.
                kind = FOUND if before == UNKNOWN_PLACE and crossing.cause != ARRIVAL else IN
        elif is_area(before):
            kind = OUT
        else:
            continue
        origin = None if kind == FOUND else before
        yield Move(kind, track, origin, now, crossing.day, crossing.sex, crossing.born, crossing.n)


def _find_memberships(lives: str | None, registered: str | None, temporary: bool) -> list[_Member]:
    """(population, area, elsewhere) of a state."""
    found: list[_Member] = []
    if lives is not None and is_area(lives):
        found.append((USUAL, lives, None))
        if temporary:
            found.append((TEMPORARY, lives, None))
        if lives != registered:
            found.append((INFLOW, lives, registered))
    if registered is not None and is_area(registered):
        found.append((REGISTERED, registered, None))
        if lives != registered:
            found.append((OUTFLOW, registered, lives))
    return found
