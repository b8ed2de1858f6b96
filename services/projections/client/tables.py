"""Figures on a terminal: the figure, what it is made of, and where it comes from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from services.projections.client.charts.caption import name_vintages, tell_day, tell_origin, tell_period
from services.projections.client.charts.datum import tell_missing, tell_vintages
from services.projections.client.charts.numbers import decimals_for, tell

Told = Mapping[str, Any]
_MORE_DIGITS = 2
"""Than a picture shows: who reads a table may want to reckon with it."""


def render_catalogue(families: Sequence[tuple[str, Sequence[Told]]]) -> Iterator[RenderableType]:
    """Every indicator by family, with its unit and what it may be broken down by."""
    for family, indicators in families:
        table = _table(family)
        for heading in ("name", "what it is", "unit", "by"):
            table.add_column(heading, header_style="dim", overflow="fold", no_wrap=heading == "name")
        for each in indicators:
            words = each["words"] if each["computable"] else f"Not computed here: {each['reason']['words']}"
            style = None if each["computable"] else "dim"
            table.add_row(Text(each["id"]), Text(words), Text(each["unit"]), Text(", ".join(each["by"])), style=style)
        yield table
    yield Text("domicile indicator REGION NAME --from YEAR tells the figure.", style="dim")


def render_figures(answers: Sequence[Told], region: str) -> Iterator[RenderableType]:
    """Each figure with numerator and denominator, or with the reason why there is none; then what holds for all."""
    indicator = answers[0]["indicator"]
    figures = _list_rows(answers, "figures")
    yield Text(f"{indicator['name']}, {indicator['unit']}", style="bold")
    yield Text(indicator["words"], style="dim")
    if not figures:
        yield Text("There are no figures.")
        return
    cells = list(dict.fromkeys(name for _, figure in figures for name in figure["by"]))
    table = _table(None)
    vintages = name_vintages(tell_vintages(answers))
    headings = ["area", *cells, "period", *(["vintage"] if len(vintages) > 1 else [])]
    for heading in headings:
        table.add_column(heading, header_style="dim", overflow="fold")
    for heading in ("figure", "numerator", "denominator"):
        table.add_column(heading, header_style="dim", justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    decimals = _decimals(figure["value"] for _, figure in figures)
    for vintage, figure in figures:
        known = [vintages[vintage]] if len(vintages) > 1 else []
        said = [_place(figure), *(figure["by"].get(name, "") for name in cells), _period(figure["period"]), *known]
        value = "-" if figure["value"] is None else tell(figure["value"], decimals)
        parts = [_part(figure["numerator"]), _part(figure["denominator"])]
        remarks = [figure["reason"]["words"]] if figure["reason"] else list(figure["notes"])
        table.add_row(*map(Text, said), Text(value, style="bold"), *map(Text, parts), Text("; ".join(remarks)))
    yield table
    yield from _origin(answers, region, indicator["definition"], [figure for _, figure in figures])


def render_people(answers: Sequence[Told], region: str) -> Iterator[RenderableType]:
    """Rows of people; hidden ones as such."""
    yield Text(f"Population: {answers[0]['population']}", style="bold")
    by = list(answers[0]["by"])
    rows = _list_rows(answers, "rows")
    yield from _counts(
        ["area", "at the end of", *by],
        [([_place(row), tell_day(row["at"]), *(row[name] for name in by)], row["people"], row) for _, row in rows],
        "people",
        [known for known, _ in rows] if len(set(tell_vintages(answers))) > 1 else [],
    )
    yield from _origin(answers, region, answers[0]["definition"], [])
    failed = {f"{check['name']} ({check['why']})" for answer in answers for each in answer["checks"].values()
              for check in each if check["outcome"] == "failed"}  # fmt: skip
    if failed:
        yield Text(f"Checks that failed: {'; '.join(sorted(failed))}", style="yellow")


def render_moves(answers: Sequence[Told], region: str) -> Iterator[RenderableType]:
    """Rows of moves."""
    yield Text(f"Moves, {answers[0]['track']} residence", style="bold")
    by = list(answers[0]["by"])
    rows = _list_rows(answers, "rows")
    yield from _counts(
        ["from", "to", "kind", "period", *by],
        [
            (
                [_end(row, "origin"), _end(row, "destination"), row["kind"], _period(row["period"])]
                + [row[name] for name in by],
                row["moves"],
                row,
            )
            for _, row in rows
        ],
        "moves",
        [known for known, _ in rows] if len(set(tell_vintages(answers))) > 1 else [],
    )
    yield from _origin(answers, region, answers[0]["definition"], [])


def _counts(
    headings: Sequence[str],
    rows: Sequence[tuple[Sequence[str], int | None, Told]],
    unit: str,
    vintages: Sequence[str],
) -> Iterator[RenderableType]:
    if not rows:
        yield Text(f"There are no {unit}.")
        return
    table = _table(None)
    for heading in (*headings, *(["vintage"] if vintages else [])):
        table.add_column(heading, header_style="dim", overflow="fold")
    names = name_vintages(vintages)
    table.add_column(unit, header_style="dim", justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for number, (said, count, row) in enumerate(rows):
        known = [names[vintages[number]]] if vintages else []
        value = "-" if count is None else tell(count, 0)
        why = row["reason"]["words"] if row["reason"] else ""
        table.add_row(*(Text(each or "") for each in (*said, *known)), Text(value, style="bold"), Text(why))
    yield table


def _origin(answers: Sequence[Told], region: str, definition: str, figures: Sequence[Told]) -> Iterator[RenderableType]:
    """What every figure of the table has in common."""
    maps, rules = (list(dict.fromkeys(answer[name] for answer in answers)) for name in ("map", "rule"))
    vintages = list(dict.fromkeys(tell_vintages(answers)))
    lines = [tell_origin(region, maps, vintages, rules), f"Definition: {definition}"]
    for part in ("numerator", "denominator"):
        words = dict.fromkeys(figure[part]["words"] for figure in figures if figure[part])
        lines += [f"{part.capitalize()}: {'; '.join(words)}"] if words else []
    yield Text("\n".join(lines), style="dim")
    if missing := tell_missing(answers):
        yield Text(missing, style="bold red")
    failed = {
        f"{_place(figure)}, {check['name']}: {check['why']}"
        for figure in figures
        for check in figure["checks"]
        if check["outcome"] == "failed"
    }
    if failed:
        yield Text(f"Checks of the denominator that failed: {'; '.join(sorted(failed))}", style="yellow")


def _table(title: str | None) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))


def _decimals(values: Iterable[float | None]) -> int:
    known = [float(value) for value in values if value is not None]
    decimals = decimals_for(known) if known else 0
    return decimals and decimals + _MORE_DIGITS


def _place(row: Told) -> str:
    if row["place"] == "region":
        return "whole region"
    if row.get("candidates"):
        return f"between {' and '.join(row['candidates'])}"
    return f"{row['place_name']} ({row['place']})" if row.get("place_name") else str(row["place"])


def _end(row: Told, name: str) -> str:
    code, named = row[name], row[f"{name}_name"]
    return f"{named} ({code})" if named else code or ""


def _period(words: str) -> str:
    start, _, end = words.partition("/")
    first, after = date.fromisoformat(start), date.fromisoformat(end)
    return tell_period(first, max(after, first + timedelta(1)))


def _part(part: Told | None) -> str:
    if part is None:
        return ""
    value = float(part["value"])
    return tell(value, 0 if value.is_integer() else 1)


def _list_rows(answers: Sequence[Told], name: str) -> list[tuple[str, Told]]:
    """Each with the vintage of its answer."""
    return [(known, row) for known, answer in zip(tell_vintages(answers), answers, strict=True) for row in answer[name]]
