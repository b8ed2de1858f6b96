"""Which picture tells some figures best: a pyramid, lines over time or ages, places compared, or none."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from services.projections.client.charts.caption import as_clause, caption, name_vintages, tell_period, tell_periods
from services.projections.client.charts.datum import POPULATIONS, WHOLE, Datum, Material, age_of
from services.projections.client.charts.model import Bar, Bars, Cell, Chart, Line, Lines, Point, Pyramid, year_of

MOST_LINES = 8
_LOGARITHMIC = ("age-specific-death-rate",)
_NOBODY = Cell(0.0)
_NOT_LOGARITHMIC = "0 has no place on a logarithmic scale."


class NoPictureError(ValueError):
    """These figures make no picture; the message says what to ask for instead."""


def choose_chart(material: Material, region: str, codes: Mapping[str, str]) -> Chart:
    """The picture of an answer. NoPictureError where there is none that tells anything."""
    if not material.data:
        raise NoPictureError("There are no figures to draw.")
    whole = region[:1].upper() + region[1:]
    data = tuple(datum._replace(label=whole) if datum.place == WHOLE else datum for datum in material.data)
    material = material._replace(data=data)
    ages = "age" in data[0].by
    if ages and _is_stock(material) and "sex" in data[0].by and len(_places(data)) == 1 and len(_days(data)) <= 2:
        return _pyramid(material, region, codes)
    if ages:
        return _lines(material, region, codes, "age")
    if len(_days(data)) > 1 or "month" in data[0].by:
        return _lines(material, region, codes, "time")
    if len(_places(data)) > 1 or data[0].by:
        return _bars(material, region, codes)
    raise NoPictureError(
        "One figure makes no picture. Ask for several years (--every year), for areas, or --by sex,age."
    )


def _pyramid(material: Material, region: str, codes: Mapping[str, str]) -> Pyramid:
    """The last day or newest vintage in colour, the first as an outline."""
    data = [datum for datum in material.data if age_of(datum.by["age"]) is not None]
    moments = sorted({(datum.end, datum.vintage) for datum in data})
    if len(moments) > 2:
        raise NoPictureError("A pyramid shows at most two days, or one day as known at two times.")
    ages = sorted({datum.by["age"] for datum in data}, key=lambda age: age_of(age) or 0.0)
    sides = {(datum.by["sex"], datum.end, datum.vintage, datum.by["age"]): datum.cell for datum in data}

    def side(sex: str, moment: tuple[date, str]) -> tuple[Cell, ...]:
        return tuple(sides.get((sex, *moment, age), _NOBODY) for age in ages)

    now, before = moments[-1], moments[0] if len(moments) > 1 else None
    names = [_moment(moment, moments) for moment in (now, before) if moment]
    place, when = _where(material), _end(now[0])
    outline = f"; outline: {names[1]}" if before else ""
    left_out = sum(datum.cell.value or 0 for datum in material.data if _is_left_out(datum, now))
    subtitle = f"{POPULATIONS[material.population]}, {when}{outline}"
    subtitle += f". Not drawn: {left_out:,.0f} people whose age or sex is not stated" if left_out else ""
    return Pyramid(
        caption=caption(material, region, f"Population by age and sex, {place}", subtitle, codes),
        unit=material.unit,
        ages=tuple(ages),
        men=side("Men", now),
        women=side("Women", now),
        day=names[0],
        outline=(side("Men", before), side("Women", before)) if before else None,
        outline_day=names[1] if before else "",
    )


def _lines(material: Material, region: str, codes: Mapping[str, str], axis: str) -> Lines:
    logarithmic = axis == "age" and material.id.split("/")[0] in _LOGARITHMIC
    x_of = _age if axis == "age" else _time
    runs: dict[tuple[str, ...], dict[float, Cell]] = {}
    name = _namer(material.data, axis)
    for datum in material.data:
        x = x_of(datum)
        if x is not None:
            cell = datum.cell
            if logarithmic and cell.value == 0:
                cell = Cell(None, "undefined", _NOT_LOGARITHMIC)
            runs.setdefault((name(datum), datum.vintage), {})[x] = cell
    if len(runs) > MOST_LINES:
        raise NoPictureError(
            f"{len(runs)} lines on one picture tell nothing: name fewer areas (--area), or one period."
        )
    newest = max((datum.vintage for datum in material.data), key=_instant)
    known = name_vintages(material.vintages) if len(material.vintages) > 1 else {}
    lines = [
        Line(
            ", ".join(filter(None, (words, known.get(vintage)))),
            tuple(Point(x, cells[x]) for x in sorted(cells)),
            vintage != newest,
            words,
        )
        for (words, vintage), cells in sorted(runs.items(), key=lambda run: -_instant(run[0][1]))
    ]
    when = tell_periods((datum.start, datum.end) for datum in material.data)
    subtitle = f"{as_clause(material.words)}, {when}"
    subtitle += f"; as known at {len(material.vintages)} times" if known else ""
    return Lines(
        caption=caption(material, region, f"{material.name}, {_where(material)}", subtitle, codes),
        unit=material.unit,
        lines=tuple(lines),
        axis="age" if axis == "age" else "time",
        logarithmic=logarithmic,
    )


def _bars(material: Material, region: str, codes: Mapping[str, str]) -> Bars:
    """A row for each place, a group for each sex, other cell or vintage; of one place a row for each cell."""
    several, vintages = len(_places(material.data)) > 1, name_vintages(material.vintages)
    rows: dict[str, dict[str, Cell]] = {}
    for datum in material.data:
        words = ", ".join(datum.by.values())
        known = vintages.get(datum.vintage) if len(vintages) > 1 else None
        group = ", ".join(filter(None, (words if several else "", known)))
        rows.setdefault(datum.label if several else words, {})[group] = datum.cell
    groups = tuple(dict.fromkeys(group for cells in rows.values() for group in cells))
    if len(groups) > 4:
        raise NoPictureError(
            f"{len(groups)} figures for each area are too many for one picture: leave out --by, or one area."
        )
    when = tell_periods((datum.start, datum.end) for datum in material.data)
    where = "by area" if several else _where(material)
    missing = Cell(None, "undefined")
    return Bars(
        caption=caption(material, region, f"{material.name}, {where}", f"{as_clause(material.words)}, {when}", codes),
        unit=material.unit,
        groups=groups,
        bars=tuple(Bar(name, tuple(cells.get(group, missing) for group in groups)) for name, cells in rows.items()),
    )


def _namer(data: Sequence[Datum], axis: str) -> Callable[[Datum], str]:
    """What tells the lines apart, and nothing else."""
    places, periods = len(_places(data)) > 1, len(_days(data)) > 1 and axis == "age"

    def name(datum: Datum) -> str:
        cells = [value for dimension, value in datum.by.items() if dimension not in ("age", "month")]
        when = tell_period(datum.start, datum.end) if periods else ""
        return ", ".join(filter(None, (datum.label if places else "", *cells, when)))

    return name


def _time(datum: Datum) -> float | None:
    """Years stand at their number, shorter periods at their beginning."""
    month = datum.by.get("month")
    start = date(int(month[:4]), int(month[5:7]), 1) if month and month[:4].isdigit() else datum.start
    return year_of(start)


def _age(datum: Datum) -> float | None:
    return age_of(datum.by["age"])


def _instant(vintage: str) -> float:
    """For sorting: a day counts as its end."""
    from datetime import UTC, datetime

    at = datetime.fromisoformat(vintage)
    if len(vintage) == len("2026-11-22"):
        at += timedelta(1)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _is_stock(material: Material) -> bool:
    return material.unit == "people"


def _is_left_out(datum: Datum, moment: tuple[date, str]) -> bool:
    drawn = age_of(datum.by["age"]) is not None and datum.by["sex"] in ("Men", "Women")
    return (datum.end, datum.vintage) == moment and not drawn


def _moment(moment: tuple[date, str], moments: Sequence[tuple[date, str]]) -> str:
    if len({end for end, _ in moments}) > 1:
        return _end(moment[0])
    return name_vintages(known for _, known in moments)[moment[1]]


def _end(after: date) -> str:
    last = after - timedelta(1)
    return f"end of {last.year}" if (last.month, last.day) == (12, 31) else tell_period(last, after)


def _where(material: Material) -> str:
    places = list(_places(material.data).values())
    return (
        places[0]
        if len(places) == 1
        else ", ".join(places[:-1]) + f" and {places[-1]}"
        if len(places) <= 3
        else "by area"
    )


def _places(data: Sequence[Datum]) -> dict[str, str]:
    return {datum.place: datum.label for datum in data}


def _days(data: Sequence[Datum]) -> set[tuple[date, date]]:
    return {(datum.start, datum.end) for datum in data}
