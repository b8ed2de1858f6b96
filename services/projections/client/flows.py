"""`domicile flows`: moves by where from and where to, and the ring of them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

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
    wait_for: WaitFor = None,
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
        asked = {"area": area, "level": level, "from": from_, "to": to, "every": every, "by": by, "ages": ages}
        asked |= {"map": map_, "population": population, "wait_for": wait_for}
        if chart and len(as_known_at or ()) > 1:
            raise CannotGoOn("A picture of moves shows one vintage: give --as-known-at once.")
        with open_client(region, role, url, token) as client:
            questions.answer(client, _MOVES, [asked], Output(region, as_known_at or (), format_, chart))


def _render(answers: list[dict[str, Any]], region: str) -> "Iterable[RenderableType]":
    from services.projections.client.tables import render_moves

    return render_moves(answers, region)


def _choose(answers: list[dict[str, Any]], region: str) -> "Chart":
    from services.projections.client.charts.datum import read_codes
    from services.projections.client.charts.moving import choose_flows

    return choose_flows(answers[0], region, read_codes(answers[0]["rows"]))


_MOVES = About("/v1/flows", "rows", _render, _choose)
