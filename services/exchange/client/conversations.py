"""`domicile exchange list | show | say | requeue | prove | set-aside`: conversations with other regions."""

import json
from typing import Annotated, Any

import typer

from services.exchange.client.door import open_client
from services.exchange.client.pairings import LOCAL_CASE, Role
from services.kernel.asking import AsJson, CannotGoOn, Region, Token, Url, ask, kindly

PATH = "/exchange/v1/conversations"
Conversation = Annotated[str, typer.Argument(help="Id of the conversation, as `list` shows it.")]
Message = Annotated[str, typer.Argument(help="Id of the dead letter, as `show` tells it.")]
Case = Annotated[str | None, typer.Option(help=f"The case, in the office's own files. Local stack: {LOCAL_CASE}.")]


def register(group: typer.Typer) -> None:
    """Mount the commands on the group `exchange`."""
    group.command("list")(list_conversations)
    group.command("show")(show)
    group.command("say")(say)
    group.command("requeue")(requeue)
    group.command("prove")(prove)
    group.command("set-aside")(set_aside)


def list_conversations(
    region: Region,
    state: Annotated[str | None, typer.Option(help="Only those in this state.")] = None,
    duty: Annotated[str | None, typer.Option(help="Only those in which this is to be done; PEOPLE: by people.")] = None,
    partner: Annotated[str | None, typer.Option(help="Only those with this region.")] = None,
    event: Annotated[str | None, typer.Option(help="Only that of this arrival or departure, by its id.")] = None,
    person: Annotated[str | None, typer.Option(help="Only those of this person, by id; a look, on a case.")] = None,
    case: Case = None,
    role: Role = "registrar",
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Conversations, oldest first. Nobody is named."""
    asked = {"state": state, "duty": duty, "partner": partner, "event": event, "person": person}
    given = {name: value for name, value in asked.items() if value is not None}
    with kindly(), open_client(region, role, url, token) as client:
        if person is not None:
            given |= _on_a_case(case, token)
        page = ask(client, "GET", PATH, params=given)
        items = page["items"]
        while page["more"]:
            page = ask(client, "GET", PATH, params=given | {"after": items[-1]["conversation_id"]})
            items += page["items"]
    if as_json:
        typer.echo(json.dumps(items))
        return
    for each in items:
        next_ = f"{each['duty']}{': ' + each['why'] if each['why'] else ''}" if each["duty"] else "-"
        typer.echo(f"{each['conversation_id']}  {each['talk']:<11} {each['partner']:<12} {each['state']:<15} {next_}")
    typer.echo(f"{len(items)} conversations.")


def show(
    region: Region,
    conversation: Conversation,
    case: Case = None,
    role: Role = "registrar",
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """One conversation: what was said, what is owed, what may be done. With a case also what was said of the person."""
    asked = {} if case is None else {"purpose": "exchange", "case": case}
    with kindly(), open_client(region, role, url, token) as client:
        told = ask(client, "GET", f"{PATH}/{conversation}", params=asked)
    if as_json:
        typer.echo(json.dumps(told))
        return
    typer.echo(f"{told['talk']} with {told['partner']}: {told['state']} since {told['since']}; link {told['link']}")
    for each in told["messages"]:
        how = _tell_delivery(each) if "delivery" in each else "heard"
        typer.echo(f"  {each['at']}  {each['code']} {each['outcome']:<24} from {each['from']:<12} {how}")
        if each.get("parts"):
            typer.echo(f"    {json.dumps(each['parts'], ensure_ascii=False)}")
    for each in told["obligations"]:
        typer.echo(f"  {each['debtor']} owes {each['kind']} by {each['due_at']}: {each['end'] or each['clock']}")
    for each in told["allowed_actions"]:
        outcomes = f" ({', '.join(each['outcomes'])})" if each["outcomes"] else ""
        typer.echo(f"  may be done: {each['what']} {each['name']}{outcomes}")


def say(
    region: Region,
    conversation: Conversation,
    code: Annotated[str, typer.Argument(help="Code of the message, for example 213.")],
    body: Annotated[str, typer.Option(help="Its body, JSON.")] = "{}",
    parts: Annotated[str, typer.Option(help="Particulars by role, JSON.")] = "{}",
    in_reply_to: Annotated[str | None, typer.Option(help="Which message it answers.")] = None,
    case: Case = None,
    role: Role = "registrar",
    url: Url = None,
    token: Token = None,
) -> None:
    """Say something that `show` lists among what may be done."""
    with kindly():
        wish = {"code": code, "body": _read_json(body), "parts": _read_json(parts)}
        if in_reply_to is not None:
            wish["in_reply_to"] = in_reply_to
        with open_client(region, role, url, token) as client:
            asked = _on_a_case(case, token)
            told = ask(client, "POST", f"{PATH}/{conversation}/messages", params=asked, json=wish)
    typer.echo(f"Said as {told['message_id']}; the conversation is {told['conversation']['state']}.")


def requeue(region: Region, conversation: Conversation, message: Message, url: Url = None, token: Token = None) -> None:
    """Send a dead letter again."""
    with kindly(), open_client(region, "operator", url, token) as client:
        ask(client, "POST", f"{PATH}/{conversation}:requeue", json={"message_id": message})
    typer.echo("It is sent again.")


def prove(
    region: Region,
    conversation: Conversation,
    message: Message,
    received_at: Annotated[str, typer.Option(help="When the partner had it, for example 2026-03-02T09:30:00+01:00.")],
    case: Case = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Say that a dead letter was brought to the partner in another way; the case says where the proof lies."""
    wish = {"message_id": message, "received_at": received_at}
    with kindly(), open_client(region, "operator", url, token) as client:
        asked = {"case": _on_a_case(case, token)["case"]}
        ask(client, "POST", f"{PATH}/{conversation}:prove", params=asked, json=wish)
    typer.echo("It counts as delivered.")


def set_aside(
    region: Region,
    retry: Annotated[str | None, typer.Option(help="Try this one again: topic/partition/offset.")] = None,
    skip: Annotated[str | None, typer.Option(help="Give this one up: topic/partition/offset.")] = None,
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Entries that could not be applied: list them, try one again, or give it up."""
    path = "/exchange/v1/set-aside"
    with kindly(), open_client(region, "operator", url, token) as client:
        if retry is not None:
            done = ask(client, "POST", f"{path}/{retry}:retry")["applied"]
            typer.echo("It is applied." if done else "It cannot be applied yet.")
            return
        if skip is not None:
            ask(client, "POST", f"{path}/{skip}:skip")
            typer.echo("It is given up.")
            return
        items = ask(client, "GET", path)["set_aside"]
    if as_json:
        typer.echo(json.dumps(items))
        return
    for each in items:
        skipped = f", given up by {each['skipped_by']}" if each["skipped_at"] else ""
        typer.echo(
            f"{each['topic']}/{each['partition']}/{each['offset']}  {each['reason']} {each['error'] or ''}{skipped}"
        )
    typer.echo(f"{len(items)} set aside." if items else "Nothing was set aside.")


def _tell_delivery(letter: dict[str, Any]) -> str:
    """Where a letter of ours is, how often it was tried, and when it is tried again."""
    told = str(letter["delivery"])
    if letter["received_at"]:
        return f"{told} at {letter['received_at']}"
    if letter["attempt"]:
        told += f", tried {letter['attempt']} times"
    if letter["error_code"]:
        told += f", {letter['error_code']}"
    return f"{told}, again at {letter['next_at']}" if letter["next_at"] else told


def _read_json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise CannotGoOn("Bodies and parts are JSON objects.")
    return value


def _on_a_case(case: str | None, token: str | None) -> dict[str, str]:
    if case is None and token is not None:
        raise CannotGoOn("Name the case in the office's own files: --case.")
    return {"purpose": "exchange", "case": case or LOCAL_CASE}
