"""`domicile exchange list | show | say | requeue | prove | set-aside`: conversations with other regions."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from services.exchange.client.door import open_client
from services.exchange.client.pairings import LOCAL_CASE, Role
from services.exchange.client.printing import count_of, print_table, tell_actions, tell_document, when
from services.kernel.asking import AsJson, CannotGoOn, Region, Token, Url, ask, kindly

PATH = "/exchange/v1/conversations"


def _id_of(text: str) -> str:
    """An empty one would ask for the list."""
    if not text.strip() or "/" in text or "?" in text:
        raise typer.BadParameter("It is the id of a conversation: `domicile exchange worklist` and `list` show them.")
    return text.strip()


Conversation = Annotated[
    str, typer.Argument(help="Id of the conversation, as `worklist` and `list` show it.", callback=_id_of)
]
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
            given |= on_a_case(case, token)
        page = ask(client, "GET", PATH, params=given)
        items = page["items"]
        while page["more"]:
            page = ask(client, "GET", PATH, params=given | {"after": items[-1]["conversation_id"]})
            items += page["items"]
    if as_json:
        typer.echo(json.dumps(items))
        return
    rows = [
        (each["conversation_id"], each["talk"], each["partner"], each["state"], when(each["since"]), _tell_duty(each))
        for each in items
    ]
    print_table(("CONVERSATION", "ABOUT", "PARTNER", "STATE", "SINCE (UTC)", "NEXT"), rows)
    typer.echo(f"{count_of(len(items), 'conversation')}.")


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
    for line in _tell(told):
        typer.echo(line)


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
    """Say something that `show` lists among what may be done, as the protocol says it. `answer` is easier.

    domicile exchange say north ID 213 --in-reply-to MESSAGE --body '{"outcome": "ALL_SETTLED"}'
    """
    with kindly():
        wish = {"code": code, "body": _read_json(body), "parts": _read_json(parts)}
        if in_reply_to is not None:
            wish["in_reply_to"] = in_reply_to
        with open_client(region, role, url, token) as client:
            asked = on_a_case(case, token)
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
        asked = {"case": on_a_case(case, token)["case"]}
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


def _tell_duty(one: dict[str, Any]) -> str:
    if not one["duty"]:
        return "-"
    return f"{one['duty']}: {one['why']}" if one["why"] else str(one["duty"])


def _tell(told: dict[str, Any]) -> Iterator[str]:
    """A conversation for reading: what was said in words, what is owed, what may be done. Times are UTC."""
    yield f"{told['talk']} with {told['partner']}: {told['state']} since {when(told['since'])}; link {told['link']}"
    if told["duty"]:
        yield f"  next: {_tell_duty(told)}{'. ' + told['says'] if told['says'] else ''}"
    yield "Said:"
    for each in told["messages"]:
        how = _tell_delivery(each) if "delivery" in each else "heard"
        yield (
            f"  {when(each['at'])}  {each['from']}: {each['code']} {each['name']} {each['outcome']}".rstrip()
            + f" ({how})"
        )
        if each["says"]:
            yield f"      {each['says']}"
        yield from tell_document(each.get("body") or {}, 6)
        for role, document in (each.get("parts") or {}).items():
            yield f"      {role}:"
            yield from tell_document(document, 8)
    yield "Owed:"
    for each in told["obligations"]:
        stands = each["end"] or each["clock"]
        reminded = f", reminded {each['reminders']} times" if each["reminders"] else ""
        yield f"  {each['debtor']} owes {each['owed']} by {when(each['due_at'])}: {stands}{reminded}"
        yield f"      [{each['obligation_id']}]"
        for one in each["pauses"]:
            yield f"      stood still from {when(one['since'])} to {when(one['until'])}: {one['reason']}"
    yield "May be done:"
    yield from tell_actions(told["allowed_actions"]) if told["allowed_actions"] else ["  nothing by an office"]


def _tell_delivery(letter: dict[str, Any]) -> str:
    """Where a letter of ours is, how often it was tried, and when it is tried again."""
    told = str(letter["delivery"])
    if letter["received_at"]:
        return f"{told} at {when(letter['received_at'])}"
    if letter["attempt"]:
        told += f", not taken yet, tried {letter['attempt']} times"
    if letter["error_code"]:
        told += f", {letter['error_code']}"
    return f"{told}, again at {when(letter['next_at'])}" if letter["next_at"] else told


def _read_json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise CannotGoOn("Bodies and parts are JSON objects.")
    return value


def on_a_case(case: str | None, token: str | None) -> dict[str, str]:
    if case is None and token is not None:
        raise CannotGoOn("Name the case in the office's own files: --case.")
    return {"purpose": "exchange", "case": case or LOCAL_CASE}
