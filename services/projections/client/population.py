"""`domicile population`: who lives there, by sex and age, and the pyramid of it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.kernel.asking import CannotGoOn, Region, Token, Url, kindly
from services.projections.client import questions
from services.projections.client.door import WaitFor, open_client
from services.projections.client.questions import About, Format, Output

if TYPE_CHECKING:
    from rich.console import RenderableType

    from services.projections.client.charts.model import Chart


def register(app: typer.Typer) -> None:
    """Mount the command on the program's app."""
    app.command("population")(population)


def population(
    region: Region,
    area: questions.Area = None,
    level: questions.Level = None,
    at: Annotated[
        list[str] | None, typer.Option("--at", help="At the end of this day; two of them draw two pyramids in one.")
    ] = None,
    from_: questions.From = None,
    to: questions.To = None,
    every: questions.Every = None,
    by: questions.By = None,
    ages: questions.Ages = None,
    map_: questions.Map = None,
    as_known_at: questions.AsKnownAt = None,
    population_: Annotated[
        str | None, typer.Option("--population", help="usual, registered, temporary, inflow or outflow.")
    ] = None,
    wait_for: WaitFor = None,
    chart: questions.ChartFile = None,
    format_: questions.Formats = Format.TABLE,
    role: questions.Role = "statistician",
    url: Url = None,
    token: Token = None,
) -> None:
    """People at the end of a day, or of each of many; a pyramid with --by sex,age --chart FILE.

    domicile population north --area 0980 --at 1995-12-31 --at 2015-12-31 --by sex,age --chart pyramid.png
    """
    with kindly():
        if at and (from_ or to or every):
            raise CannotGoOn("People are counted at days (--at), or at the ends of periods (--from), not at both.")
        asked = {"area": area, "level": level, "from": from_, "to": to, "every": every, "by": by, "ages": ages}
        asked |= {"map": map_, "population": population_, "wait_for": wait_for}
        days = [{**asked, "at": day} for day in dict.fromkeys(at or ())] or [asked]
        with open_client(region, role, url, token) as client:
            questions.answer(client, _PEOPLE, days, Output(region, as_known_at or (), format_, chart))


def _render(answers: list[dict[str, Any]], region: str) -> "Iterable[RenderableType]":
    from services.projections.client.tables import render_people

    return render_people(answers, region)


def _choose(answers: list[dict[str, Any]], region: str) -> "Chart":
    from services.projections.client.charts.choosing import choose_chart
    from services.projections.client.charts.datum import read_codes, read_population

    codes = read_codes(row for answer in answers for row in answer["rows"])
    return choose_chart(read_population(answers), region, codes)


_PEOPLE = About("/v1/population", "rows", _render, _choose)
