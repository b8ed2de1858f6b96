"""State diagrams (Mermaid) of the transition tables, as each side sees them."""

from collections import defaultdict
from collections.abc import Iterator

from services.exchange.protocol.states import FINAL, Role, State, Talk
from services.exchange.protocol.table import TABLES
from services.exchange.protocol.table.row import Move, On, Row
from services.exchange.protocol.transitions import side_of

MANY = 6
"""A move from more states than this is drawn from one node for any of them."""
ANY = "ANY"
_LAPSED = " lapsed"

_LABELS = {
    On.RECEIPT: "901 for {}",
    On.FAILURE: "902 or 903 for {}",
    On.FINDING: "found {}",
    On.DUE: "{} overdue",
    On.LAPSE: "{} lapsed",
    On.IDLE: "{}",
}


Edges = dict[tuple[str, str], list[str]]


def draw(talk: Talk, role: Role) -> Iterator[str]:
    """Lines of one diagram: what that side can come to. Edges between the same states share a line."""
    edges = _reachable(_edges(talk, role))
    yield "stateDiagram-v2"
    if any(start == ANY for start, _ in edges):
        yield f'  state "any of many" as {ANY}'
    for (start, end), labels in edges.items():
        yield f"  {'[*]' if start == State.NONE else start} --> {end}: {', '.join(_merged(labels))}"
    ends = {end for _, end in edges}
    yield from (f"  {state} --> [*]" for state in State if state in FINAL and state in ends)


def _edges(talk: Talk, role: Role) -> Edges:
    edges: Edges = defaultdict(list)
    for row in TABLES[talk].rows:
        for is_ours in (True, False):
            move = side_of(row, role, is_ours)
            if move is None or move.to is None:
                continue
            for start in _starts(move):
                label = _label(row, is_ours)
                if start != move.to and label not in edges[start, move.to]:
                    edges[start, move.to].append(label)
    return {between: labels for between, labels in edges.items() if labels}


def _reachable(edges: Edges) -> Edges:
    reached: set[str] = {State.NONE, ANY}
    while more := {end for start, end in edges if start in reached} - reached:
        reached |= more
    return {between: labels for between, labels in edges.items() if between[0] in reached}


def _merged(labels: list[str]) -> list[str]:
    """`A lapsed, B lapsed` as `A or B lapsed`."""
    lapsed = [label.removesuffix(_LAPSED) for label in labels if label.endswith(_LAPSED)]
    others = [label for label in labels if not label.endswith(_LAPSED)]
    return [*others, " or ".join(lapsed) + _LAPSED] if lapsed else others


def _starts(move: Move) -> list[str]:
    return [ANY] if len(move.where) > MANY else [state for state in State if state in move.where]


def _label(row: Row, is_ours: bool) -> str:
    if row.on is not On.WORD:
        return _LABELS[row.on].format(row.what)
    outcomes = f" {' or '.join(sorted(row.outcomes))}" if 0 < len(row.outcomes) <= 2 else ""
    negative = " negative" if len(row.outcomes) > 2 else ""
    return f"{'says' if is_ours else 'hears'} {row.what}{outcomes}{negative}"
