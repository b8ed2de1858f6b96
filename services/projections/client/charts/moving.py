"""The picture of moves: among several places a chord diagram, of one place what came and what went, by partner."""

from collections import Counter
from collections.abc import Mapping, Sequence

from services.projections.client.charts.caption import tell_origin, tell_periods
from services.projections.client.charts.choosing import NoPictureError
from services.projections.client.charts.datum import Move, Told, add_cells, read_moves, tell_missing, tell_vintages
from services.projections.client.charts.model import Caption, Cell, Exchange, Flow, Flows, Partner

_TRACKS = {"usual": "Changes of usual residence", "registered": "Changes of the place of registration"}
_MOST_PARTNERS = 40
_MOST_APART = 14
_NOBODY = Cell(0.0)


def choose_flows(answer: Told, region: str, codes: Mapping[str, str]) -> Flows | Exchange:
    """Of GET /v1/flows, all pages. NoPictureError where nobody moved, or for several periods."""
    moves = read_moves(answer)
    spans = {(move.start, move.end) for move in moves}
    if not moves:
        raise NoPictureError("Nobody moved over a border of these places: there is nothing to draw.")
    if len(spans) > 1:
        raise NoPictureError(f"A picture of moves shows one period, not {len(spans)}: leave out --every.")
    when = tell_periods(spans)
    origin = tell_origin(region, (answer["map"],), tell_vintages([answer]), (answer["rule"],))
    words = f"{_TRACKS[answer['track']]} over a border, {when}"
    missing = filter(None, (tell_missing([answer]),))
    footer = (
        *missing,
        origin,
        f"Definition {answer['definition']}: moves, not migrants; moves within a place are left out.",
    )
    hub = _find_hub(moves)
    if hub is None:
        title = f"Moves between places, {region[:1].upper()}{region[1:]}"
        flows = _gather_outside([Flow(move.origin, move.destination, move.cell) for move in moves])
        return Flows(
            caption=Caption(title=title, subtitle=words, footer=footer, codes=codes), unit="moves", flows=flows
        )
    title = f"Moves in and out of {hub}"
    partners = _list_partners(moves, hub)
    left_out: tuple[str, ...] = ()
    if len(partners) > _MOST_PARTNERS:
        left_out = (f"Not drawn: {len(partners) - _MOST_PARTNERS} places with fewer moves.",)
    caption = Caption(
        title=title, subtitle=f"{words}, by where from and where to", footer=(*left_out, *footer), codes=codes
    )
    return Exchange(caption=caption, unit="moves", partners=partners[:_MOST_PARTNERS])


def _gather_outside(flows: Sequence[Flow]) -> tuple[Flow, ...]:
    """Of many places those outside become two, so that the areas are seen; which they are, `flows` prints."""
    places = {place for flow in flows for place in (flow.origin, flow.destination)}
    if len(places) <= _MOST_APART:
        return tuple(flows)
    found: dict[tuple[str, str], Cell] = {}
    for flow in flows:
        ends = _outside(flow.origin), _outside(flow.destination)
        found[ends] = add_cells(found.get(ends), flow.cell)
    return tuple(Flow(*ends, cell) for ends, cell in found.items())


def _outside(place: str) -> str:
    if place.startswith("region "):
        return "other regions"
    return "abroad" if place.startswith("abroad") else place


def _find_hub(moves: Sequence[Move]) -> str | None:
    """The one place that every move begins or ends at."""
    ends = Counter(place for move in moves for place in (move.origin, move.destination))
    hubs = [place for place, n in ends.items() if n == len(moves)]
    if len(hubs) == 2:  # One pair: the place whose name is an area's, not that of somewhere outside.
        hubs = sorted(hubs, key=lambda place: place.startswith(("region ", "abroad", "not known")))[:1]
    return hubs[0] if hubs else None


def _list_partners(moves: Sequence[Move], hub: str) -> tuple[Partner, ...]:
    came = {move.origin: move.cell for move in moves if move.destination == hub}
    went = {move.destination: move.cell for move in moves if move.origin == hub}
    found = [Partner(name, came.get(name, _NOBODY), went.get(name, _NOBODY)) for name in {*came, *went}]
    return tuple(sorted(found, key=lambda each: (-(each.came.value or 0) - (each.went.value or 0), each.name)))
