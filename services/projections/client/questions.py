"""What the commands about figures have in common: the question, its pages, and the files that pictures go to."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.kernel.asking import CannotGoOn, ask, ask_text
from services.projections.client.looking import print_parts

if TYPE_CHECKING:
    import httpx
    from rich.console import RenderableType

    from services.projections.client.charts.model import Chart

Area = Annotated[
    list[str] | None, typer.Option("--area", help="Code of an area; may be repeated. Default: the whole region.")
]
Level = Annotated[int | None, typer.Option(help="Every area of this level of the map; 1 is the highest.")]
From = Annotated[str | None, typer.Option("--from", help="First year, month or day: 2015, 2015-03 or 2015-03-01.")]
To = Annotated[str | None, typer.Option("--to", help="First one after it, not part of it. Default: as long as --from.")]
Every = Annotated[str | None, typer.Option(help="Cut the period: year or month. A figure for each.")]
By = Annotated[str | None, typer.Option(help="Break it down, for example sex,age.")]
Ages = Annotated[str | None, typer.Option(help="single, five, or where groups begin: 0,15,65.")]
Map = Annotated[str | None, typer.Option("--map", help="event (areas as they were then), or a day: areas of that day.")]
AsKnownAt = Annotated[
    list[str] | None,
    typer.Option(help="Only what was known then: a day, or a time with an offset. Repeat it to compare; `now` too."),
]
Population = Annotated[str | None, typer.Option(help="usual, registered, temporary, inflow or outflow.")]
ChartFile = Annotated[
    Path | None, typer.Option("--chart", help="Draw a picture too: a file that ends in .png or .svg.", dir_okay=False)
]
Role = Annotated[str, typer.Option(help="In which role, on the local stack: statistician (exact) or analyst.")]
NOW = "now"
_PAGE = 5000


class Format(StrEnum):
    """How figures are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


Formats = Annotated[Format, typer.Option("--format", help="For people, for programs, for spreadsheets.")]


@dataclass(frozen=True)
class About:
    """What figures are about: where they are asked, what the pages there hold, how answers become a table or a picture.

    `render` and `choose` take the answers and the region's name.
    """

    path: str
    rows: str
    render: Callable[[list[dict[str, Any]], str], Iterable["RenderableType"]]
    choose: Callable[[list[dict[str, Any]], str], "Chart"]


@dataclass(frozen=True)
class Output:
    """What is wished for: answers as known at each of `vintages` (none: now), and how they are shown."""

    region: str
    vintages: Sequence[str]
    format_: Format
    chart: Path | None


def require_picture_file(path: Path | None) -> None:
    """Return if a picture can be written there. CannotGoOn says why not, before anything is asked."""
    if path is None:
        return
    from services.projections.client.charts.picture import SUFFIXES

    if path.suffix.lower() not in SUFFIXES:
        raise CannotGoOn(f"A picture is a file that ends in {' or '.join(SUFFIXES)}, not {path.name!r}.")
    if not path.absolute().parent.is_dir():
        raise CannotGoOn(f"There is no folder {str(path.absolute().parent)!r} for the picture.")


def answer(client: "httpx.Client", about: About, asked: Sequence[Mapping[str, Any]], output: Output) -> None:
    """Ask each of `asked` as known at each vintage; print what comes; draw a picture of it if one is wished for."""
    require_picture_file(output.chart)
    each = [{**parameters, **known} for parameters in asked for known in _each(output.vintages)]
    if output.format_ is Format.CSV:
        typer.echo(_ask_csv(client, about.path, each), nl=False)
        if not output.chart:
            return
    answers = [_ask_pages(client, about.path, parameters, about.rows) for parameters in each]
    tell(answers, output.format_, lambda: about.render(answers, output.region))
    if output.chart:
        draw_to(output.chart, lambda: about.choose(answers, output.region))


def tell(answers: Sequence[Any], format_: Format, render: Callable[[], Iterable["RenderableType"]]) -> None:
    """Print answers as JSON, or as `render` makes a table of them. CSV was printed as it came."""
    if format_ is Format.JSON:
        typer.echo(json.dumps(answers[0] if len(answers) == 1 else answers, ensure_ascii=False))
    elif format_ is Format.TABLE:
        print_parts(render())


def draw_to(path: Path, choose: "Callable[[], Chart]") -> None:
    """Write the picture, and say where it is: on stderr, for what is printed may go on to a program."""
    from services.projections.client.charts.choosing import NoPictureError
    from services.projections.client.charts.picture import write

    try:
        write(choose(), path)
    except NoPictureError as wrong:
        raise CannotGoOn(str(wrong)) from None
    except OSError as wrong:
        raise CannotGoOn(f"The picture cannot be written: {wrong.strerror}, {str(path)!r}.") from None
    typer.echo(f"Picture: {path.absolute()}", err=True)


def _each(vintages: Sequence[str]) -> list[dict[str, str]]:
    return [{} if each == NOW else {"as_known_at": each} for each in dict.fromkeys(vintages or (NOW,))]


def _ask_csv(client: "httpx.Client", path: str, asked: Sequence[Mapping[str, Any]]) -> str:
    """One table with one line of names; each row says its day or period, and its vintage."""
    tables = [ask_text(client, path, params=_plain({**parameters, "format": "csv"})) for parameters in asked]
    rests = (table.partition("\n")[2] for table in tables[1:])
    return "".join((tables[0], *rests))


def _ask_pages(client: "httpx.Client", path: str, parameters: Mapping[str, Any], rows: str) -> dict[str, Any]:
    asked = _plain({**parameters, "limit": _PAGE})
    told: dict[str, Any] = ask(client, "GET", path, params=asked)
    page = told
    while page.get("next"):
        page = ask(client, "GET", path, params={**asked, "cursor": page["next"]})
        told[rows] += page[rows]
        # Figures are of one state: a page that was counted later has a later time.
        told["answered_at"] = page.get("answered_at")
    return told


def _plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value not in (None, [], ())}
