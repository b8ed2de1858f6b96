"""`domicile exchange reconcile | reconciliations`: whether two registers hold the same links."""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from services.exchange.client.door import open_client
from services.kernel.asking import AsJson, Region, Token, Url, ask, kindly

PATH = "/exchange/v1/reconciliations"
FAILED = 3
Partner = Annotated[str | None, typer.Option(help="Only with this region; left out: with all.")]
Patience = Annotated[float, typer.Option("--wait", help="Seconds to wait for the end.")]
_LOOK_AGAIN_S = 0.3
_STEPS = {
    "open": "counting links",
    "narrow": "dividing buckets that differ",
    "items": "telling links of what differs",
    "marks": "looking what is under way",
}
_LEGEND = (
    "links, theirs: living links on both sides; differ: of 4,096 buckets; told: links told of what differs;",
    "found: links that differ; explained: by something under way; ended: findings of before that are no more;",
    "sent, received: bytes.",
)
_PROBLEMS = {
    "status-404": "{partner} has forgotten the run: begin another one.",
    "status-429": "{partner} is busy or was asked too often: try again in an hour.",
    "E-TEC-07/at": "The clocks of the two regions are more than five minutes apart.",
    "unknown-member": "There is no corridor with {partner} any more, or no key of it that may be used.",
    "not-encrypted": "The directory names no encrypted address of {partner}.",
}
_UNHEARD = "{partner} told links of which no notice ever passed: they are no finding; ask its operator what they are."
_AWAY = "{partner} does not answer ({problem}); it is tried again in the night."
_REFUSED = "What {partner} answered, or how it refused, is not understood ({problem}): its operator must look."


def register(group: typer.Typer) -> None:
    """Mount the commands on the group `exchange`."""
    group.command("reconcile")(reconcile)
    group.command("reconciliations")(reconciliations)


def reconcile(
    region: Region,
    partner: Partner = None,
    wait_s: Patience = 900.0,
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Compare the links that this register holds with those of a partner, now. Nobody's name or id travels."""
    with kindly(), open_client(region, "operator", url, token) as client:
        begun = ask(client, "POST", PATH, json={} if partner is None else {"partner": partner})["runs"]
        shown = [_follow(client, run["run_id"], run["partner"], wait_s, quiet=as_json) for run in begun]
        findings = ask(client, "GET", PATH, params={} if partner is None else {"partner": partner})["findings"]
    if as_json:
        typer.echo(json.dumps({"runs": shown, "findings": findings}))
    else:
        _print_runs(shown)
        _print_findings(findings)
    if any(run["outcome"] != "DONE" for run in shown):
        raise typer.Exit(FAILED)


def reconciliations(
    region: Region, partner: Partner = None, as_json: AsJson = False, url: Url = None, token: Token = None
) -> None:
    """Runs of reconciliation, newest first, and what they found that is not settled."""
    with kindly(), open_client(region, "operator", url, token) as client:
        told = ask(client, "GET", PATH, params={} if partner is None else {"partner": partner})
    if as_json:
        typer.echo(json.dumps(told))
        return
    _print_runs(told["runs"])
    _print_findings(told["findings"])


def _follow(client: Any, run_id: str, partner: str, wait_s: float, *, quiet: bool) -> Mapping[str, Any]:
    """The run when it has ended, or as it stands when nobody waits any longer."""
    give_up_at, said = time.monotonic() + wait_s, ""
    while True:
        (run,) = ask(client, "GET", PATH, params={"run_id": run_id})["runs"]
        if run["outcome"] is not None or time.monotonic() > give_up_at:
            return dict(run)
        if run["step"] != said and not quiet:
            said = run["step"]
            typer.echo(f"{partner}: {_STEPS.get(said, said)} …", err=True)
        time.sleep(_LOOK_AGAIN_S)


def _print_runs(runs: Sequence[Mapping[str, Any]]) -> None:
    if not runs:
        typer.echo("There was no run yet.")
        return
    heading = ("partner", "begun", "by", "links", "theirs", "differ", "told", "found", "explained", "ended", "sent",
               "received")  # fmt: skip
    typer.echo("{:<12} {:<16} {:<8} {:>9} {:>9} {:>6} {:>6} {:>6} {:>9} {:>6} {:>10} {:>10}".format(*heading))
    for run in runs:
        figures = [run[name] if run[name] is not None else "-" for name in (
            "links", "partner_links", "buckets_differing", "links_told", "found", "explained", "closed", "bytes_sent",
            "bytes_received")]  # fmt: skip
        line = "{:<12} {:<16} {:<8} {:>9} {:>9} {:>6} {:>6} {:>6} {:>9} {:>6} {:>10} {:>10}"
        typer.echo(line.format(run["partner"], run["began_at"][:16], run["begun_by"], *figures))
        said = _explain(run)
        if said:
            typer.echo(f"  {said}")
    for line in _LEGEND:
        typer.echo(line)


def _explain(run: Mapping[str, Any]) -> str:
    """What has become of a run, where it did not come to its end."""
    outcome, problem = run["outcome"], run["problem"] or ""
    if outcome is None:
        return "It has not ended."
    if outcome == "DONE":
        return _UNHEARD.format(partner=run["partner"]) if problem else ""
    if outcome == "TOO_DIFFERENT":
        return "The registers are too different to be told link by link: people must look."
    refused = problem.startswith(("status-4", "E-TEC"))
    return _PROBLEMS.get(problem, _REFUSED if refused else _AWAY).format(partner=run["partner"], problem=problem)


def _print_findings(findings: Sequence[Mapping[str, Any]]) -> None:
    if not findings:
        typer.echo("No finding is open here.")
        return
    typer.echo(f"\n{'kind':<16} {'partner':<12} {'since':<16} {'link':<36} asked in")
    for each in findings:
        typer.echo(
            f"{each['kind']:<16} {each['partner']:<12} {each['found_at'][:16]} {each['link_id']} "
            f"{each['conversation_id'] or '-'}"
        )
