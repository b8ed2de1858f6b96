"""Two regions are compared link by link without a list of people, and assessed on what each owed the other."""

import time
from pathlib import Path
from typing import Any

from deploy.demo.acts.moving import HERE, THERE
from deploy.demo.office import Office
from deploy.demo.scene import Scene, must_be

RECONCILIATIONS, SCORECARDS = "/exchange/v1/reconciliations", "/exchange/v1/scorecards"
_SHOWN = ("X2", "X3", "X4", "X5", "X7", "X9", "X15", "X15e")
_PATIENCE_S = 60.0
_LOOK_EVERY_S = 0.1


def assess_each_other(scene: Scene) -> None:
    """The one-sided list, the scorecard of both directions with its drill-down, and a picture of it."""
    scene.stage.act("Are both registers whole, and did both offices keep their word?")
    _reconcile(scene)
    desk = Office(scene, HERE, "registrar", sub="clerk-1", purpose="exchange")
    card = desk.ask_exchange(SCORECARDS, corridor=THERE)
    scene.stage.say(f"What was due from {card['from']} to {card['to']}, seen as of {card['as_of']}:")
    for direction in card["directions"]:
        _show(scene, direction)
    _drill_down(scene, desk)
    _draw(scene, card)


def _reconcile(scene: Scene) -> None:
    """Keyed digests of all links; only of buckets that differ are links told."""
    desk = Office(scene, HERE, "operator", purpose="exchange")
    (begun,) = desk.tell_exchange(RECONCILIATIONS, {"partner": THERE}, case=None)["runs"]
    until = time.monotonic() + _PATIENCE_S
    while (run := desk.ask_exchange(RECONCILIATIONS, run_id=begun["run_id"])["runs"][0])["outcome"] is None:
        must_be(time.monotonic() < until, "two registers were not compared in time")
        time.sleep(_LOOK_EVERY_S)
    findings = desk.ask_exchange(RECONCILIATIONS, partner=THERE)["findings"]
    scene.stage.say(
        f"Reconciliation: {run['links']} links here, {run['partner_links']} there, {run['buckets_differing']} buckets"
        f" differ; {run['bytes_sent']:,} bytes of keyed digests sent,"
    )
    scene.stage.say(f"nobody's name, day or number. In one register only, or different: {len(findings)}.")
    must_be(run["outcome"] == "DONE" and not findings, "a link is in one register only")


def _show(scene: Scene, direction: dict[str, Any]) -> None:
    rows = [_row(each) for each in direction["figures"] if each["indicator"] in _SHOWN]
    scene.stage.table((f"what {direction['debtor']} owed {direction['creditor']}", "of", "share", "95 %"), rows)


def _row(figure: dict[str, Any]) -> tuple[str, ...]:
    name = f"{figure['indicator']} {figure['name']}"
    if figure["value"] is None:
        return name, "-", "-", str(figure["why_not"])
    low, high = figure["interval"]
    return name, f"{figure['numerator']}/{figure['denominator']}", f"{figure['value']:.1%}", f"{low:.0%} to {high:.0%}"


def _drill_down(scene: Scene, desk: Office) -> None:
    """From a share to the obligation that was late."""
    asked = {"corridor": THERE, "debtor": THERE, "indicator": "X4"}
    late = desk.ask_exchange(f"{SCORECARDS}/obligations", **asked)["items"]
    must_be(len(late) >= 1, "a late answer is not among what was late")
    scene.stage.say(f"Behind X4 of {THERE}, what was not answered in time:")
    for each in late:
        scene.stage.say(f"  {each['kind']} due {each['due_at'][:10]}, answered {(each['answered_at'] or '-')[:10]}: "
                        f"conversation {each['conversation_id']}")  # fmt: skip
    scene.stage.quiet(f"`domicile exchange scorecard {HERE} --partner {THERE}` tells all of it.")


def _draw(scene: Scene, card: dict[str, Any]) -> None:
    from services.exchange.client.scorecard_picture import write_picture

    folder: Path = scene.home / "demo" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    path = (folder / "scorecard.png").absolute()
    write_picture(card, path)
    scene.stage.file("scorecard", path)
