"""`domicile indicator`: a figure with everything that it is made of, as a table and as a picture."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from services.kernel.asking import CannotGoOn, Region, Token, Url, ask, kindly
from services.projections.client import questions
from services.projections.client.door import WaitFor, open_client
from services.projections.client.questions import About, Format, Output

if TYPE_CHECKING:
    from rich.console import RenderableType

    from services.projections.client.charts.model import Chart

Convention = Annotated[
    list[str] | None,
    typer.Option(
        "--convention",
        help="How it is counted, NAME=VALUE; may be repeated. basis=mid-year-population, age-at=year-end,"
        " women-until=44, edge-ages=folded, unstated-ages=pro-rated, legal-days=14.",
    ),
]


def register(app: typer.Typer) -> None:
    """Mount the command on the program's app."""
    app.command("indicator")(indicator)


def indicator(
    region: Region,
    name: Annotated[str | None, typer.Argument(help="Which. Without a name: the list of all of them.")] = None,
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
    convention: Convention = None,
    wait_for: WaitFor = None,
    chart: questions.ChartFile = None,
    format_: questions.Formats = Format.TABLE,
    role: questions.Role = "statistician",
    url: Url = None,
    token: Token = None,
) -> None:
    """Figures with numerator, denominator, period, map, vintage and rule; a picture of them with --chart.

    domicile indicator north crude-birth-rate --area 0980 --from 2005 --to 2016 --every year --chart births.png
    """
    with kindly():
        if name is None:
            _list(region, format_, role, url, token)
            return
        asked = {"area": area, "level": level, "from": from_, "to": to, "every": every, "by": by, "ages": ages}
        asked |= {"map": map_, "population": population, "wait_for": wait_for, **_read_conventions(convention or ())}
        about = About(f"/v1/indicators/{quote(name, safe='')}", "figures", _render, _choose)
        with open_client(region, role, url, token) as client:
            questions.answer(client, about, [asked], Output(region, as_known_at or (), format_, chart))


def _render(answers: list[dict[str, Any]], region: str) -> "Iterable[RenderableType]":
    from services.projections.client.tables import render_figures

    return render_figures(answers, region)


def _choose(answers: list[dict[str, Any]], region: str) -> "Chart":
    from services.projections.client.charts.choosing import choose_chart
    from services.projections.client.charts.datum import read_codes, read_indicator

    codes = read_codes(figure for answer in answers for figure in answer["figures"])
    return choose_chart(read_indicator(answers), region, codes)


def _list(region: str, format_: Format, role: str, url: str | None, token: str | None) -> None:
    if format_ is Format.CSV:
        raise CannotGoOn("The list of indicators is a table or JSON.")
    with open_client(region, role, url, token) as client:
        catalogue = ask(client, "GET", "/v1/indicators")
    from services.projections.client.tables import render_catalogue

    families = groupby(catalogue["indicators"], lambda each: str(each["family"]))
    questions.tell([catalogue], format_, lambda: render_catalogue([(name, list(each)) for name, each in families]))


def _read_conventions(given: Iterable[str]) -> Mapping[str, str]:
    found = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not (name and equals and value):
            raise CannotGoOn(f"--convention takes NAME=VALUE, for example basis=mid-year-population, not {each!r}.")
        found[name.strip().replace("-", "_")] = value.strip()
    return found
