"""`domicile exchange scorecard`: how two regions keep their word to each other, as tables, CSV, JSON or a picture."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from services.exchange.client.door import open_client
from services.exchange.client.pairings import Role
from services.kernel.asking import AsJson, CannotGoOn, Region, Token, Url, ask, kindly

PATH = "/exchange/v1/scorecards"
_WHY = {
    "too-few-people": "fewer than five",
    "nothing-due": "nothing due",
    "only-in-its-own-book": "ask the partner",
    "not-computed": "not computed",
}
_WHY_NO_SCORE = "no score: too little was owed"
Partner = Annotated[str, typer.Option(help="The other region of the corridor.")]
First = Annotated[str | None, typer.Option("--from", help="First day, of UTC. Default: 90 days before the last.")]
Last = Annotated[str | None, typer.Option("--to", help="Last day. Default: the day of --as-of.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="What was known at the end of this day. Default: now.")]
Why = Annotated[str | None, typer.Option(help="List the obligations behind this figure, for example X4.")]


def register(group: typer.Typer) -> None:
    """Mount the commands on the group `exchange`."""
    group.command("scorecard")(scorecard)


def scorecard(
    region: Region,
    partner: Partner,
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    why: Why = None,
    debtor: Annotated[str | None, typer.Option(help="With --why: whose. Default: the partner's.")] = None,
    counted: Annotated[str, typer.Option(help="With --why: numerator, others, or voided.")] = "others",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    chart: Annotated[Path | None, typer.Option(help="Write a picture to this file, .png or .svg.")] = None,
    role: Role = "registrar",
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """What each of two regions owed the other, and what became of it. Nobody is named."""
    given = {"corridor": partner, "from": first, "to": last, "as_of": as_of}
    asked = {name: value for name, value in given.items() if value is not None}
    with kindly(), open_client(region, role, url, token) as client:
        if why is not None:
            _list_obligations(client, asked | {"indicator": why, "counted": counted}, debtor, as_json)
            return
        told = ask(client, "GET", PATH, params=asked)
        table = client.get(PATH, params=asked | {"format": "csv"}).text if as_csv else ""
    if chart is not None:
        _draw(told, chart)
    if as_json or as_csv:
        typer.echo(json.dumps(told) if as_json else table, nl=as_json)
        return
    for line in tell(told):
        typer.echo(line)
    if chart is not None:
        typer.echo(f"Picture: {chart}")


def tell(told: dict[str, Any]) -> list[str]:
    """The tables, line by line."""
    lines = [f"{told['region']} and {told['corridor']}, due from {told['from']} to {told['to']}, as of {told['as_of']}"]
    if told["provisional"]:
        lines.append("Provisional: answers may still be overturned until 90 days after the period.")
    for each in told["directions"]:
        lines += ["", f"What {each['debtor']} owed {each['creditor']}", _HEADING]
        lines += [_line(figure) for figure in each["figures"]]
        lines += _beside(each)
        lines.append(_tell_score(each["score"]))
    lines += ["", "Of both together", _HEADING, *(_line(figure) for figure in told["shared"])]
    lines += ["", f"Weights: version {told['weights']['version']}. {told['objection']}"]
    return lines


_HEADING = f"  {'':<5} {'':<32} {'of':>17} {'share':>7}  {'95 % interval':<15} {'voided':>6}  days (half, nine in ten)"


def _line(figure: dict[str, Any]) -> str:
    head = f"  {figure['indicator']:<5} {figure['name'][:32]:<32}"
    if figure["value"] is None:
        return f"{head} {'-':>17} {'-':>7}  {_WHY.get(figure['why_not'], figure['why_not'])}"
    low, high = figure["interval"]
    of = f"{figure['numerator']}/{figure['denominator']}"
    days = "" if figure["days"] is None else f"{figure['days']['median']}, {figure['days']['p90']}"
    voided = "<5" if figure["voided"] is None else figure["voided"]
    interval = f"{low:.1%} to {high:.1%}"
    return f"{head} {of:>17} {figure['value']:>7.1%}  {interval:<15} {voided:>6}  {days}".rstrip()


def _beside(card: dict[str, Any]) -> list[str]:
    """By outcome, and by field."""
    lines = []
    for figure in card["figures"]:
        parts = {name: n for name, n in (figure["parts"] or {}).items() if n != 0}
        if parts:
            told = ", ".join(f"{name} {'<5' if n is None else n}" for name, n in parts.items())
            lines.append(f"        {figure['indicator']}: {told}")
    if card["different_paths"]:
        lines.append("        X9: " + ", ".join(f"{path} {n}" for path, n in card["different_paths"].items()))
    return lines


def _tell_score(score: dict[str, Any]) -> str:
    if score["value"] is None:
        return f"  S     {_WHY_NO_SCORE}"
    made = " + ".join(f"{each['weight']:.3f} x {each['quality']:.3f} ({each['indicator']})" for each in score["parts"])
    missing = f"; missing: {', '.join(score['missing'])}" if score["missing"] else ""
    ranks = "" if score["can_rank"] else "; not to be ranked"
    return f"  S     {score['value']:.3f} = {made}{missing}{ranks}"


def _list_obligations(client: Any, asked: dict[str, Any], debtor: str | None, as_json: bool) -> None:
    if debtor is not None:
        asked["debtor"] = debtor
    page = ask(client, "GET", f"{PATH}/obligations", params=asked)
    items = page["items"]
    while page["next"] is not None:
        page = ask(client, "GET", f"{PATH}/obligations", params=asked | {"after": page["next"]})
        items += page["items"]
    if as_json:
        typer.echo(json.dumps(items))
        return
    typer.echo(f"  {'conversation':<36}  {'kind':<20} {'due':<25} {'answered':<25} outcome")
    for each in items:
        answered = each["answered_at"] or ("voided" if each["voided_day"] else "-")
        due, outcome = each["due_at"], each["outcome"] or "-"
        typer.echo(f"  {each['conversation_id']:<36}  {each['kind']:<20} {due:<25} {answered:<25} {outcome}")
    typer.echo(f"{len(items)} obligations; `domicile exchange show` tells a conversation.")


def _draw(told: dict[str, Any], path: Path) -> None:
    from services.exchange.client.scorecard_picture import SUFFIXES, write_picture

    if path.suffix.lower() not in SUFFIXES:
        raise CannotGoOn(f"A picture is written as {' or '.join(SUFFIXES)}, not as {path.name}.")
    write_picture(told, path)
