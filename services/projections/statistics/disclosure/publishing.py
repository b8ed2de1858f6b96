"""What leaves: tables and figures under a rule, with the rule's version on them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from services.projections.statistics.disclosure.rules import NO_RULE, Rule
from services.projections.statistics.disclosure.suppression import choose_hidden
from services.projections.statistics.disclosure.tables import Cell, Dimension, Table, flat, make_table
from services.projections.statistics.indicators.declaration import PERSON_YEARS
from services.projections.statistics.indicators.figure import Check, Figure, Number, Portion, Reason

HIDDEN = Reason("disclosure-control", "Hidden: too few people, or it would tell a figure of too few people.")
FEW_AT_RISK = Reason("denominator-too-small", "Hidden: too few people to publish a rate of.")
UNRELIABLE = "unreliable: under {} events"


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """Counts, or None where hidden. Rounded one by one: margins need not be the sums of their parts."""

    cells: Mapping[Cell, int | None]
    rule: str


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """A figure as it may leave."""

    figure: Figure
    rule: str


def protect_table(table: Table, rule: Rule | None) -> PublishedTable:
    """Every cell of the table; exact without a rule."""
    if rule is None:
        return PublishedTable(dict(table.counts), NO_RULE)
    hidden = choose_hidden(table, rule)
    cells = {cell: None if cell in hidden else rule.rounded(n) for cell, n in table.counts.items()}
    return PublishedTable(cells, rule.version)


def protect_figures(
    figures: Iterable[Figure], rule: Rule | None, nested: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[PublishedFigure, ...]:
    """Figures of one answer, in their order. `nested`: which of their places are made up of which others.

    Numerators are held as a table with its margins, published in this answer or not: another answer gives them.
    """
    found = tuple(figures)
    if rule is None:
        return tuple(PublishedFigure(figure, NO_RULE) for figure in found)
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for index, figure in enumerate(found):
        groups[figure.definition, figure.period, tuple(figure.by)].append(index)
    hidden: set[int] = set()
    for indexes in groups.values():
        hidden |= _hidden_of({index: found[index] for index in indexes}, rule, nested or {})
    return tuple(
        PublishedFigure(_protected(figure, index in hidden, rule), rule.version) for index, figure in enumerate(found)
    )


def publish_figures(
    figures: Iterable[Figure], rule: Rule, is_hidden: Callable[[Figure], bool]
) -> tuple[PublishedFigure, ...]:
    """Figures as they may leave when it is known which are hidden, for their own sake or for that of others."""
    return tuple(
        PublishedFigure(_protected(figure, _is_small(figure, rule) or is_hidden(figure), rule), rule.version)
        for figure in figures
    )


def _hidden_of(figures: Mapping[int, Figure], rule: Rule, nested: Mapping[str, tuple[str, ...]]) -> set[int]:
    counted = {index: figure for index, figure in figures.items() if count_of(figure.numerator) is not None}
    small = {index for index, figure in counted.items() if _is_small(figure, rule)}
    if not counted:
        return set()
    cells = {index: (figure.place, *figure.by.values()) for index, figure in counted.items()}
    places = {cell[0] for cell in cells.values()}
    tree = {whole: parts for whole, parts in nested.items() if whole in places and places.issuperset(parts)}
    leaves = places - tree.keys()
    by = next(iter(counted.values())).by
    names = [sorted({cell[at] for cell in cells.values()}) for at in range(1, 1 + len(by))]
    dimensions = tuple(flat(name, tuple(values)) for name, values in zip(by, names, strict=True))
    hidden: set[Cell] = set()
    rest = {cell: count_of(counted[index].numerator) or 0 for index, cell in cells.items()}
    for areas in _families(leaves, tree):
        inner = {cell: max(n, 0) for cell, n in rest.items() if cell[0] in areas.leaves}
        table = make_table((areas, *dimensions), inner)
        wanted = {cells[index] for index in small if cells[index] in table.counts}
        hidden |= choose_hidden(table, rule, wanted)
    return {index for index, cell in cells.items() if cell in hidden} | small


def _families(leaves: set[str], tree: Mapping[str, tuple[str, ...]]) -> list[Dimension]:
    """Places that are bound by sums in one dimension; those that are bound by none stand alone."""
    bound = {part for parts in tree.values() for part in parts}
    alone = [Dimension("place", {f"only {leaf}": (leaf,)}) for leaf in sorted(leaves - bound)]
    return [*alone, Dimension("place", dict(tree))] if tree else alone


def count_of(portion: Portion | None) -> int | None:
    """People or events in a numerator. Spread and halved counts are rounded up: they stand for whole ones."""
    if portion is None or portion.unit == PERSON_YEARS:
        return None
    return abs(int(portion.value)) if portion.value == int(portion.value) else abs(int(portion.value)) + 1


def _is_small(figure: Figure, rule: Rule) -> bool:
    count = count_of(figure.numerator) or 0
    return rule.is_small(count) or (figure.denominator is not None and count < rule.threshold)


def _protected(figure: Figure, hidden: bool, rule: Rule) -> Figure:
    """Counts in words go, everything else stays."""
    checks = tuple(Check(check.name, check.outcome, "not shown under disclosure control") for check in figure.checks)
    notes = tuple(note for note in figure.notes if not any(letter.isdigit() for letter in note))
    below = figure.denominator
    few = below is not None and below.value < rule.rate_denominator
    if figure.value is None or hidden or few:
        reason = figure.reason or (HIDDEN if hidden else FEW_AT_RISK)
        shown = None if few else _rounded(below, rule)
        return replace(figure, value=None, numerator=None, denominator=shown, reason=reason, checks=checks, notes=notes)
    count = count_of(figure.numerator)
    if below is not None and count is not None and count < rule.reliable:
        notes = (*notes, UNRELIABLE.format(rule.reliable))
    above, below = _rounded(figure.numerator, rule), _rounded(below, rule)
    value = _value(figure, above, below)
    return replace(figure, value=value, numerator=above, denominator=below, checks=checks, notes=notes)


def _rounded(portion: Portion | None, rule: Rule) -> Portion | None:
    if portion is None:
        return None
    return portion._replace(value=rule.rounded(round(portion.value)))


def _value(figure: Figure, above: Portion | None, below: Portion | None) -> Number:
    """Of the published parts where it is their quotient or their count; else to four digits."""
    assert figure.value is not None
    assert figure.numerator is not None
    assert above is not None
    exact = figure.scale * Fraction(figure.numerator.value)
    if below is None or figure.denominator is None:
        return above.value * figure.scale if figure.value == exact else figure.value
    if figure.value == exact / Fraction(figure.denominator.value):
        return figure.scale * Fraction(above.value) / Fraction(below.value)
    return float(f"{float(figure.value):.4g}")
