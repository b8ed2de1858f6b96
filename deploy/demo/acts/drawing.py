"""Pictures of what was counted, drawn as `domicile population`, `flows` and `indicator` draw them with --chart."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from deploy.demo.acts.correcting import AREA, REGION
from deploy.demo.office import Office
from deploy.demo.scene import Scene

if TYPE_CHECKING:
    from services.projections.client.charts.model import Chart

_FIRST, _LAST = 1995, 2015
_FOLDER = "pictures"


def draw_pictures(scene: Scene) -> None:
    """A pyramid, moves, and a series of years with the vintage before the correction; their paths are printed."""
    from services.projections.client.charts.picture import write

    scene.stage.act("Pictures, drawn from the same figures")
    folder = scene.home / "demo" / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in (("pyramid", _draw_pyramid), ("flows", _draw_flows), ("series", _draw_series)):
        path = (folder / f"{name}.png").absolute()
        write(draw(scene), path)
        scene.stage.file(name, path)
    scene.stage.quiet(f"`domicile population {REGION} --at {_LAST}-12-31 --by sex,age --chart FILE` draws the first.")


def _draw_pyramid(scene: Scene) -> "Chart":
    """Of the last year, with the first one as an outline."""
    from services.projections.client.charts.choosing import choose_chart
    from services.projections.client.charts.datum import read_codes, read_population

    ask = Office(scene, REGION, "statistician")
    answers = [
        ask.ask_all("/v1/population", "rows", area=AREA, at=f"{year}-12-31", by="sex,age") for year in (_FIRST, _LAST)
    ]
    codes = read_codes(row for answer in answers for row in answer["rows"])
    return choose_chart(read_population(answers), REGION, codes)


def _draw_flows(scene: Scene) -> "Chart":
    """Into Gotland and out of it, in the last year."""
    from services.projections.client.charts.datum import read_codes
    from services.projections.client.charts.moving import choose_flows

    answer = Office(scene, REGION, "statistician").ask_all("/v1/flows", "rows", area=AREA, **{"from": _LAST})
    return choose_flows(answer, REGION, read_codes(answer["rows"]))


def _draw_series(scene: Scene) -> "Chart":
    """Births of each year, and as they were known before the correction."""
    from services.projections.client.charts.choosing import choose_chart
    from services.projections.client.charts.datum import read_codes, read_indicator

    ask, asked = Office(scene, REGION, "statistician"), {"from": _FIRST, "to": _LAST + 1, "every": "year"}
    vintages: list[Mapping[str, str]] = [{}, {"as_known_at": scene.known_before}] if scene.known_before else [{}]
    answers: list[dict[str, Any]] = [
        ask.ask_all("/v1/indicators/crude-birth-rate", "figures", area=AREA, **asked, **known) for known in vintages
    ]
    codes = read_codes(figure for answer in answers for figure in answer["figures"])
    return choose_chart(read_indicator(answers), REGION, codes)
