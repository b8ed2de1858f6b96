"""`domicile population`: who lives there, by sex and age, and the pyramid of it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.projections.client import questions
from services.projections.client.door import CannotGoOn, Region, Token, Url, kindly, open_client
from services.projections.client.questions import Format

if TYPE_CHECKING:
    from services.projections.client.charts.model import Chart

_PATH = "/v1/population"


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
    wait_for: questions.WaitFor = None,
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
        questions.require_picture_file(chart)
        if at and (from_ or to or every):
            raise CannotGoOn("People are counted at days (--at), or at the ends of periods (--from), not at both.")
        asked = {"area": area, "level": level, "from": from_, "to": to, "every": every, "by": by, "ages": ages}
        asked |= {"map": map_, "population": population_, "wait_for": wait_for}
        days: list[dict[str, Any]] = [{"at": day} for day in dict.fromkeys(at or ())] or [{}]
        with open_client(region, role, url, token) as client:
            if format_ is Format.CSV:
                tables = [questions.ask_csv(client, _PATH, {**asked, **day}, as_known_at or ()) for day in days]
                typer.echo("".join((tables[0], *(table.partition("\n")[2] for table in tables[1:]))), nl=False)
            if format_ is Format.CSV and not chart:
                return
            answers = [
                answer
                for day in days
                for answer in questions.ask_all(client, _PATH, {**asked, **day}, as_known_at or (), "rows")
            ]
        _tell(answers, region, format_)
        if chart:
            questions.draw_to(chart, lambda: _choose(answers, region))


def _tell(answers: list[dict[str, Any]], region: str, format_: Format) -> None:
    from services.projections.client.tables import render_people

    questions.tell(answers, format_, lambda: render_people(answers, region))


def _choose(answers: list[dict[str, Any]], region: str) -> "Chart":
    from services.projections.client.charts.choosing import choose_chart
    from services.projections.client.charts.datum import read_codes, read_population

    codes = read_codes(row for answer in answers for row in answer["rows"])
    return choose_chart(read_population(answers), region, codes)
