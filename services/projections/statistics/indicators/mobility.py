"""Moves over the borders of places, and how mobile a system of places is."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from fractions import Fraction

from services.projections.statistics.indicators.computing import divide
from services.projections.statistics.indicators.declaration import Formula, Indicator, Outcome
from services.projections.statistics.indicators.figure import Portion, Reason
from services.projections.statistics.indicators.quantities import LIVED
from services.projections.statistics.indicators.tally import Tally

NOBODY_MOVED = Reason("nobody-moved", "Nobody moved in or out: effectiveness is not defined.")
OVERLAP = Reason("places-overlap", "The places overlap: a move between two of them has no one origin and destination.")
SYSTEM = "all places"
Flows = dict[tuple[str, str], int]
_OfSystem = Callable[[Tally, Indicator, Flows], Outcome]
_BELL = "Bell et al. (2002), Cross-national comparison of internal migration, JRSS A 165(3)"
_MOVES_NOT_MIGRANTS = "Registers count moves, censuses count migrants: never both in one matrix."
_SYSTEM_TRAPS = (
    "Only moves between the places asked for; the diagonal (moves within a place) is left out.",
    "Depends on the level of the places: say which.",
    _MOVES_NOT_MIGRANTS,
)


def _moves(count: Callable[[int, int], int], id: str, words: str, rate: bool) -> Formula:
    def formula(tally: Tally, indicator: Indicator) -> Iterable[Outcome]:
        crossings, lived = tally.crossings(), tally.lived() if rate else {}
        for zone in tally.question.zones:
            n = count(*crossings[zone.code])
            numerator = Portion(id, words, n, "moves")
            if not rate:
                yield Outcome(zone.code, {}, n, numerator, None)
                continue
            years = lived.get((zone.code,), Fraction(0))
            value, reason = divide(indicator.scale, n, years)
            yield Outcome(zone.code, {}, value, numerator, LIVED.portion(tally, years), reason)

    return formula


def effectiveness(tally: Tally, indicator: Indicator) -> Iterable[Outcome]:
    crossings = tally.crossings()
    for zone in tally.question.zones:
        came, went = crossings[zone.code]
        numerator = Portion("net-moves", "moves in less moves out", came - went, "moves")
        denominator = Portion("in-and-out-moves", "moves in and moves out", came + went, "moves")
        value, reason = divide(indicator.scale, came - went, came + went)
        notes = (f"{came} moves in, {went} out",)
        yield Outcome(zone.code, {}, value, numerator, denominator, NOBODY_MOVED if reason else None, notes)


def _of_system(find: _OfSystem) -> Formula:
    """One figure for all places together, of the matrix of moves among them; none where the places overlap."""

    def formula(tally: Tally, indicator: Indicator) -> Iterable[Outcome]:
        try:
            yield find(tally, indicator, tally.flows())
        except ValueError:
            yield Outcome(SYSTEM, {}, None, None, None, OVERLAP)

    return formula


def _between(flows: Flows) -> Flows:
    """Without the diagonal."""
    return {(start, end): n for (start, end), n in flows.items() if start != end}


def _net(flows: Flows) -> tuple[int, int]:
    """Σ|in - out| and Σ(in + out) over the places."""
    net: dict[str, int] = defaultdict(int)
    both = 0
    for (start, end), n in _between(flows).items():
        net[start] -= n
        net[end] += n
        both += 2 * n
    return sum(map(abs, net.values())), both


def _all_moves(tally: Tally, indicator: Indicator, flows: Flows) -> Outcome:
    found = sum(flows.values())
    return Outcome(SYSTEM, {}, found, Portion("all-moves", "moves within and between the places", found, "moves"), None)


def _moves_between(tally: Tally, indicator: Indicator, flows: Flows) -> Outcome:
    found = sum(_between(flows).values())
    return Outcome(SYSTEM, {}, found, Portion("moves-between", "moves between the places", found, "moves"), None)


def _effectiveness_of_all(tally: Tally, indicator: Indicator, flows: Flows) -> Outcome:
    net, both = _net(flows)
    numerator = Portion("net-moves-of-all", "sum of |in - out| of the places", net, "moves")
    denominator = Portion("in-and-out-moves-of-all", "sum of in + out of the places", both, "moves")
    value, reason = divide(indicator.scale, net, both)
    return Outcome(SYSTEM, {}, value, numerator, denominator, NOBODY_MOVED if reason else None)


def _over_everybody(tally: Tally, indicator: Indicator, numerator: Portion) -> Outcome:
    years = sum(tally.lived().values(), Fraction(0))
    value, reason = divide(indicator.scale, numerator.value, years)
    return Outcome(SYSTEM, {}, value, numerator, LIVED.portion(tally, years), reason)


def _intensity(tally: Tally, indicator: Indicator, flows: Flows) -> Outcome:
    found = sum(_between(flows).values())
    return _over_everybody(tally, indicator, Portion("moves-between", "moves between the places", found, "moves"))


def _aggregate_net(tally: Tally, indicator: Indicator, flows: Flows) -> Outcome:
    words = "half the sum of |in - out| of the places"
    half = Portion("half-net-moves-of-all", words, Fraction(_net(flows)[0], 2), "moves")
    return _over_everybody(tally, indicator, half)


def _connectivity(tally: Tally, indicator: Indicator, flows: Flows) -> Outcome:
    places = len(tally.question.zones)
    joined = sum(1 for n in _between(flows).values() if n)
    value, reason = divide(indicator.scale, joined, places * (places - 1))
    numerator = Portion("joined-pairs", "ordered pairs of places with a move", joined, "pairs")
    denominator = Portion("pairs", "ordered pairs of places", places * (places - 1), "pairs")
    return Outcome(SYSTEM, {}, value, numerator, denominator, reason)


def _count(id: str, name: str, definition: str, formula: Formula, trap: str = _MOVES_NOT_MIGRANTS) -> Indicator:
    return Indicator(
        id=id,
        name=name,
        family="mobility",
        definition=definition,
        formula=formula,
        unit="moves",
        traps=(trap,),
        source="Rowland (2003), Demographic Methods and Concepts, ch. 11",
    )


def _rate(id: str, name: str, definition: str, formula: Formula, traps: tuple[str, ...], label: str = "") -> Indicator:
    return Indicator(
        id=id,
        name=name,
        family="mobility",
        definition=definition,
        formula=formula,
        denominator=LIVED,
        scale=1000,
        unit="per 1,000",
        traps=(*traps, _MOVES_NOT_MIGRANTS),
        label=label,
        source="Rowland (2003), Demographic Methods and Concepts, ch. 11",
    )


def _system(id: str, name: str, definition: str, find: _OfSystem, *traps: str) -> Indicator:
    return Indicator(
        id=id,
        name=name,
        family="mobility",
        definition=definition,
        formula=_of_system(find),
        scale=100,
        unit="per cent",
        traps=(*_SYSTEM_TRAPS, *traps),
        source=_BELL,
    )


_IN, _OUT = "moves into the place from outside it", "moves out of the place"
INDICATORS = (
    _count("in-moves", "Moves in", f"{_IN}.", _moves(lambda came, _: came, "in-moves", _IN, False)),
    _count("out-moves", "Moves out", f"{_OUT}.", _moves(lambda _, went: went, "out-moves", _OUT, False)),
    _count(
        "net-migration",
        "Net migration",
        "Moves in less moves out; over all places of a closed system the sum is 0.",
        _moves(lambda came, went: came - went, "net-moves", "moves in less moves out", False),
    ),
    _count(
        "all-moves",
        "All moves",
        "Moves within and between the places asked for, the diagonal included.",
        _of_system(_all_moves),
    ),
    _count("moves-between", "Moves between places", "Moves between the places asked for.", _of_system(_moves_between)),
    _rate(
        "in-migration-rate",
        "In-migration rate (admission)",
        "Moves in per 1,000 person-years of the destination.",
        _moves(lambda came, _: came, "in-moves", _IN, True),
        ("Not a true rate: those who might come live elsewhere.",),
        "rate (admission): the population at risk lives elsewhere",
    ),
    _rate(
        "out-migration-rate",
        "Out-migration rate",
        "Moves out per 1,000 person-years of the origin.",
        _moves(lambda _, went: went, "out-moves", _OUT, True),
        (),
    ),
    _rate(
        "net-migration-rate",
        "Net migration rate",
        "Moves in less moves out, per 1,000 person-years.",
        _moves(lambda came, went: came - went, "net-moves", "moves in less moves out", True),
        ("There are no net migrants: nobody is at risk of a net move.",),
    ),
    _rate(
        "migration-turnover-rate",
        "Gross migration rate (turnover)",
        "Moves in and moves out together, per 1,000 person-years.",
        _moves(lambda came, went: came + went, "in-and-out-moves", "moves in and moves out", True),
        (),
    ),
    Indicator(
        id="migration-effectiveness",
        name="Migration effectiveness of a place",
        family="mobility",
        definition="(in - out) / (in + out): which part of the movement changed the population. Signed.",
        formula=effectiveness,
        scale=100,
        unit="per cent",
        traps=("Undefined where nobody moved: null, not 0.", _MOVES_NOT_MIGRANTS),
        source=_BELL,
    ),
    _system(
        "migration-effectiveness-index",
        "Migration effectiveness index",
        "Sum of |in - out| over sum of (in + out), of all places.",
        _effectiveness_of_all,
    ),
    _system(
        "crude-migration-intensity",
        "Crude migration intensity",
        "Moves between the places per 100 person-years of all of them.",
        _intensity,
    ),
    _system(
        "aggregate-net-migration-rate",
        "Aggregate net migration rate",
        "Half the sum of |in - out| per 100 person-years of all places.",
        _aggregate_net,
        "Equals intensity times effectiveness index / 100.",
    ),
    _system(
        "migration-connectivity",
        "Migration connectivity",
        "Share of the ordered pairs of places between which somebody moved.",
        _connectivity,
    ),
)
