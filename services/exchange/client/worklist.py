"""`domicile exchange worklist | escalations | pause | resume | pauses | refused`: what waits for people."""

import json
from typing import Annotated, Any

import typer

from services.exchange.client.door import open_client
from services.exchange.client.pairings import LOCAL_CASE
from services.exchange.client.printing import count_of, print_table, when
from services.kernel.asking import AsJson, CannotGoOn, Region, Token, Url, ask, kindly

PATH = "/exchange/v1/worklist"
PAUSES, REFUSED = "/exchange/v1/pauses", "/exchange/v1/refused-posts"
_DONE = {
    "retry": "It is offered again.",
    "give-up": "It is given up. Record by hand what is missing, then: refused {region} --settle {event} --case CASE",
    "settle": "Settled.",
}
Role = Annotated[str, typer.Option(help="registrar, approver, operator, auditor or supervisor, on the local stack.")]
Partner = Annotated[str | None, typer.Option(help="Only with this region.")]
Case = Annotated[str | None, typer.Option(help=f"The case, in the office's own files. Local stack: {LOCAL_CASE}.")]


def register(group: typer.Typer) -> None:
    """Mount the commands on the group `exchange`."""
    group.command("worklist")(worklist)
    group.command("escalations")(escalations)
    group.command("pause")(pause)
    group.command("resume")(resume)
    group.command("pauses")(pauses)
    group.command("refused")(refused)


def worklist(
    region: Region,
    lists: Annotated[list[str] | None, typer.Option("--list", help="Only this list; may stand several times.")] = None,
    partner: Partner = None,
    due_before: Annotated[str | None, typer.Option(help="Only what is due before, as 2026-03-02T17:00:00Z.")] = None,
    office: Annotated[str | None, typer.Option(help="Only of this office, or of offices of this area.")] = None,
    role: Role = "registrar",
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """What waits for people, by due time: why, and what may be done. Nobody is named."""
    given = {"list": lists or [], "partner": partner, "due_before": due_before, "office": office}
    asked = {name: value for name, value in given.items() if value}
    with kindly(), open_client(region, role, url, token) as client:
        counted = ask(client, "GET", f"{PATH}:count", params=asked)
        items = _read_all(client, PATH, asked)
        everything = ask(client, "GET", f"{PATH}:count")["all"] if asked and not items else 0
    if as_json:
        typer.echo(json.dumps({"counts": counted["counts"], "items": items}, ensure_ascii=False))
        return
    for name, count in counted["counts"].items():
        if count:
            typer.echo(f"\n{name}: {counted['titles'][name]} ({count})")
            _print_items([each for each in items if each["list"] == name])
    matters = len({each["conversation_id"] or each["event_id"] or each["about"] for each in items})
    total = f"\n{count_of(counted['all'], 'item')}, {count_of(matters, 'matter')}."
    typer.echo(total if counted["all"] else _tell_nothing(region, given, everything))


def escalations(
    region: Region,
    partner: Partner = None,
    role: Role = "supervisor",
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """What the supervisors of both regions were told and is not answered yet."""
    with kindly(), open_client(region, role, url, token) as client:
        items = _read_all(client, "/exchange/v1/escalations", {"partner": partner} if partner else {})
    if as_json:
        typer.echo(json.dumps(items))
        return
    _print_items(items)
    typer.echo(f"{len(items)} escalated." if items else "Nothing is escalated.")


def pause(
    region: Region,
    partner: Annotated[str, typer.Option(help="Whose clocks: the region that owes.")],
    reason: Annotated[str, typer.Option(help="DEBTOR_OUTAGE or FORCE_MAJEURE.")] = "DEBTOR_OUTAGE",
    obligation: Annotated[str | None, typer.Option(help="Only this one.")] = None,
    case: Case = None,
    role: Role = "supervisor",
    url: Url = None,
    token: Token = None,
) -> None:
    """Stop the clocks of what a partner owes: its exchange is out, or force majeure. A supervisor confirms it."""
    wish = {"partner": partner, "reason": reason} | ({"obligation_id": obligation} if obligation else {})
    with kindly(), open_client(region, role, url, token) as client:
        done = ask(client, "POST", PAUSES, params={"case": _case(case, token)}, json=wish)["stopped"]
    typer.echo(
        f"{done} more clocks stand still. What {partner} comes to owe later is not among them: pause again then."
    )


def resume(
    region: Region,
    partner: Annotated[str, typer.Option(help="Whose clocks: the region that owes.")],
    obligation: Annotated[str | None, typer.Option(help="Only this one.")] = None,
    role: Role = "supervisor",
    url: Url = None,
    token: Token = None,
) -> None:
    """Let the clocks of what a partner owes run again; the pause is made good."""
    wish = {"partner": partner} | ({"obligation_id": obligation} if obligation else {})
    with kindly(), open_client(region, role, url, token) as client:
        done = ask(client, "POST", f"{PAUSES}:end", json=wish)["started"]
    typer.echo(f"{done} clocks run again. What waits for a clarification (304) goes on waiting for it.")


def pauses(
    region: Region,
    partner: Partner = None,
    role: Role = "supervisor",
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Every clock that stands still or ever did, and why."""
    with kindly(), open_client(region, role, url, token) as client:
        items = ask(client, "GET", PAUSES, params={"partner": partner} if partner else {})["items"]
    if as_json:
        typer.echo(json.dumps(items))
        return
    rows = [
        (when(e["since"]), when(e["until"]), e["reason"], e["debtor"], e["kind"], e["obligation_id"]) for e in items
    ]
    print_table(("SINCE", "UNTIL", "REASON", "OWED BY", "WHAT", "OBLIGATION"), rows)
    typer.echo(f"{len(items)} pauses." if items else "No clock ever stood still.")


def refused(
    region: Region,
    retry: Annotated[str | None, typer.Option(help="Offer this event to the register again, by its id.")] = None,
    give_up: Annotated[str | None, typer.Option(help="Give this event up, on a case; by an approver.")] = None,
    settle: Annotated[str | None, typer.Option(help="What was given up has been recorded by hand, on a case.")] = None,
    case: Case = None,
    role: Role = "approver",
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Events that two regions agreed on and our own register refused: list them, offer one again, or give it up."""
    acts = {"retry": retry, "give-up": give_up, "settle": settle}
    given = [(name, event_id) for name, event_id in acts.items() if event_id]
    with kindly(), open_client(region, role, url, token) as client:
        if len(given) > 1:
            raise CannotGoOn("One at a time: --retry, --give-up or --settle.")
        for name, event_id in given:
            on = {} if name == "retry" else {"case": _case(case, token)}
            ask(client, "POST", f"{REFUSED}/{event_id}:{name}", params=on)
            typer.echo(_DONE[name].format(region=region, event=event_id))
            return
        told = ask(client, "GET", REFUSED)
    if as_json:
        typer.echo(json.dumps(told))
        return
    rows = [(e["event_id"], e["type"], when(e["refused_at"]), e["problem"]) for e in told["refused"]]
    rows += [(e["event_id"], e["type"], _tell_given_up(e), e["problem"]) for e in told["given_up"]]
    print_table(("EVENT", "TYPE", "SINCE", "WHY"), rows)
    typer.echo(f"{len(told['refused'])} wait, {len([e for e in told['given_up'] if not e['settled_at']])} given up.")


def _tell_nothing(region: str, given: dict[str, Any], everything: int) -> str:
    """A filter that finds nothing may be a typing error: what there is without it is said."""
    filters = ", ".join(f"{name} {value}" for name, value in given.items() if value)
    if not filters or not everything:
        return "Nothing waits for people."
    return f"Nothing waits with {filters}; without that, {count_of(everything, 'item')} in {region}."


def _tell_given_up(one: dict[str, Any]) -> str:
    return f"settled {when(one['settled_at'])}" if one["settled_at"] else f"given up {when(one['given_up_at'])}"


def _read_all(client: Any, path: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    page = ask(client, "GET", path, params=asked)
    items: list[dict[str, Any]] = page["items"]
    while page["next"]:
        page = ask(client, "GET", path, params=asked | {"after": page["next"]})
        items += page["items"]
    return items


def _print_items(items: list[dict[str, Any]]) -> None:
    rows = [
        (
            when(each["due_at"]),
            _tell_id(each),
            each["partner"],
            each["why"],
            _tell_about(each),
            _tell_reminders(each),
            ", ".join(dict.fromkeys(one["what"] for one in each["allowed_actions"])) or "-",
        )
        for each in items
    ]
    print_table(("DUE (UTC)", "CONVERSATION", "PARTNER", "WHY", "ABOUT", "REMINDED", "MAY BE DONE"), rows)
    for why, says in {each["why"]: each["says"] for each in items}.items():
        typer.echo(f"  {why}: {says}")


def _tell_about(item: dict[str, Any]) -> str:
    if item.get("paused_because"):
        return f"{item['about']}, {item['paused_because']} since {when(item['since'])}"
    if item["list"] == "ESCALATED":
        return f"{item['about']}, since {when(item['since'])}"
    return item["about"] or "-"


def _tell_id(item: dict[str, Any]) -> str:
    return str(item["conversation_id"] or (f"event {item['event_id']}" if item["event_id"] else "-"))


def _tell_reminders(item: dict[str, Any]) -> str:
    if not item["reminders"]:
        return "-"
    reply = f", 702 by {when(item['reply_due_at'])}" if item["reply_due_at"] else ""
    return f"{item['reminders']} times{reply}"


def _case(case: str | None, token: str | None) -> str:
    if case is None and token is not None:
        raise CannotGoOn("Name the case in the office's own files: --case.")
    return case or LOCAL_CASE
