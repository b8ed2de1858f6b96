"""`domicile flows`: moves by where from and where to, and the ring of them."""

from typing import TYPE_CHECKING, Any

import typer

from services.projections.client import questions
from services.projections.client.door import CannotGoOn, Region, Token, Url, kindly, open_client
from services.projections.client.questions import Format

if TYPE_CHECKING:
    from services.projections.client.charts.model import Chart

_PATH = "/v1/flows"


def register(app: typer.Typer) -> None:
    """Mount the command on the program's app."""
    app.command("flows")(flows)


def flows(
    region: Region,
    area: questions.Area = None,
    level: questions.Level = None,
    from_: questions.From = None,
    to: questions.To = None,
    every: questions.Every = None,
    by: questions.By = None,
    ages: questions.Ages = None,
    map_: questions.Map = None,
    as_known_at: questions.AsKnownAt = None,
    population: questions.Population = None,
    wait_for: questions.WaitFor = None,
    chart: questions.ChartFile = None,
    format_: questions.Formats = Format.TABLE,
    role: questions.Role = "statistician",
    url: Url = None,
    token: Token = None,
) -> None:
    """Moves between places; with --chart a ring of them, or what came to and left one area.

    domicile flows north --level 2 --from 2015 --chart moves.svg
    """
    with kindly():
        questions.require_picture_file(chart)
        asked = {"area": area, "level": level, "from": from_, "to": to, "every": every, "by": by, "ages": ages}
        asked |= {"map": map_, "population": population, "wait_for": wait_for}
        if chart and len(as_known_at or ()) > 1:
            raise CannotGoOn("A picture of moves shows one vintage: give --as-known-at once.")
        with open_client(region, role, url, token) as client:
            if format_ is Format.CSV:
                typer.echo(questions.ask_csv(client, _PATH, asked, as_known_at or ()), nl=False)
            if format_ is Format.CSV and not chart:
                return
            answers = questions.ask_all(client, _PATH, asked, as_known_at or (), "rows")
        _tell(answers, region, format_)
        if chart:
            questions.draw_to(chart, lambda: _choose(answers[0], region))


def _tell(answers: list[dict[str, Any]], region: str, format_: Format) -> None:
    from services.projections.client.tables import render_moves

    questions.tell(answers, format_, lambda: render_moves(answers, region))


def _choose(answer: dict[str, Any], region: str) -> "Chart":
    from services.projections.client.charts.datum import read_codes
    from services.projections.client.charts.moving import choose_flows

    return choose_flows(answer, region, read_codes(answer["rows"]))
