"""`domicile exchange answer | verify | withdraw`: everyday acts in the words of an office."""

from typing import Annotated, Any

import typer

from services.exchange.client.conversations import PATH, Case, Conversation, on_a_case
from services.exchange.client.door import open_client
from services.exchange.client.pairings import Role
from services.exchange.client.printing import tell_actions
from services.kernel.asking import CannotGoOn, Region, Token, Url, ask, kindly

_ITEM = "item=RESULT or item=RESULT:value, for example birth_on=CORRECTED:1975-03-02; may stand several times."


def register(group: typer.Typer) -> None:
    """Mount the commands on the group `exchange`."""
    group.command("answer")(answer)
    group.command("verify")(verify)
    group.command("withdraw")(withdraw)


def answer(
    region: Region,
    conversation: Conversation,
    word: Annotated[
        str | None, typer.Argument(help="What is said: CONFIRMED, B-G, APPLIED, 213, … None: what may be.")
    ] = None,
    items: Annotated[list[str] | None, typer.Option("--item", help=_ITEM)] = None,
    fields: Annotated[
        list[str] | None, typer.Option("--with", help="field=value, for example departed_on=2026-03-02.")
    ] = None,
    method: Annotated[str, typer.Option(help="REGISTER, DOCUMENT, ON_SITE or DECLARATION.")] = "REGISTER",
    in_reply_to: Annotated[str | None, typer.Option(help="Which message it answers, where several wait.")] = None,
    case: Case = None,
    role: Role = "registrar",
    url: Url = None,
    token: Token = None,
) -> None:
    """Answer what waits in a conversation. Without a word: what may be said now, and what the codes mean.

    domicile exchange answer north ID CONFIRMED
    domicile exchange answer north ID B-F --with forward_to_jurisdiction=west
    domicile exchange answer north ID 302 --item 1=CONFIRMED --item birth_on=CORRECTED:1975-03-02
    domicile exchange answer north ID 213 --item birth_on=ADOPTED_ORIGIN
    """
    with kindly(), open_client(region, role, url, token) as client:
        if word is None:
            told = ask(client, "GET", f"{PATH}/{conversation}")
            typer.echo(f"{told['state']}. Now may be done:")
            for line in tell_actions(told["allowed_actions"]) if told["allowed_actions"] else ["  nothing"]:
                typer.echo(line)
            return
        wish: dict[str, Any] = {
            "word": word,
            "items": [_read_item(each) for each in items or ()],
            "fields": dict(_split(each, "--with") for each in fields or ()),
            "method": method.upper(),
        }
        if in_reply_to is not None:
            wish["in_reply_to"] = in_reply_to
        done = ask(client, "POST", f"{PATH}/{conversation}:answer", params=on_a_case(case, token), json=wish)
    typer.echo(f"Said as {done['message_id']}; the conversation is {done['conversation']['state']}.")


def verify(
    region: Region,
    conversation: Annotated[str, typer.Argument(help="A conversation about the person, with the region to ask.")],
    items: Annotated[list[str], typer.Option("--item", help="A field, or field=the value held here; several times.")],
    why: Annotated[str, typer.Option(help="Why it is needed.")] = "exchange",
    case: Case = None,
    role: Role = "registrar",
    url: Url = None,
    token: Token = None,
) -> None:
    """Ask the partner to verify fields of a record (301): birth_on, family_name, address, identifiers.<kind> …"""
    with kindly(), open_client(region, role, url, token) as client:
        asked = [dict(zip(("path", "value"), each.split("=", 1), strict=False)) for each in items]
        wish = {"about": conversation, "items": asked, "why_needed": why}
        done = ask(client, "POST", f"{PATH}:verify", params=on_a_case(case, token), json=wish)
    told = done["conversation"]
    typer.echo(f"Asked {told['partner']} as {told['conversation_id']}.")


def withdraw(
    region: Region,
    conversation: Conversation,
    role: Role = "registrar",
    url: Url = None,
    token: Token = None,
) -> None:
    """How a notice is taken back: by annulling what it tells of. Nothing is sent by this command."""
    with kindly(), open_client(region, role, url, token) as client:
        told = ask(client, "GET", f"{PATH}/{conversation}")
    event = told["registration_id"] if told["role"] == "DESTINATION" else told["departure_event_id"]
    what = "arrival" if told["role"] == "DESTINATION" else "departure"
    if event is None or not any(each["what"] == "annul" for each in told["allowed_actions"]):
        typer.echo("Nothing of ours can be withdrawn in this conversation now.")
        raise typer.Exit(1)
    typer.echo(f"Annul the {what} {event} in the register: one of you drafts it, another approves it.")
    typer.echo(f'  POST /v1/corrections {{"type": "EventAnnulled", "target_event_id": "{event}", "reason": …, …}}')
    typer.echo("The exchange then withdraws the notice (212) by itself, and the partner undoes what it did.")


def _read_item(text: str) -> dict[str, str]:
    item, said = _split(text, "--item", needs_value=False)
    result, _, value = said.partition(":")
    return {"item": item, "result": result} | ({"value": value} if value else {})


def _split(text: str, option: str, *, needs_value: bool = True) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or (needs_value and not equals):
        raise CannotGoOn(f"{option} {text[:40]!r} says nothing of anything: write name=value.")
    return name, value
