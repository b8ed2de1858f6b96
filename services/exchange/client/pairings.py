"""`domicile exchange pairings | pairing | decide`: who is meant, where no machine may say."""

import json
import os
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

import typer

from services.exchange.client.door import open_client
from services.kernel.asking import AsJson, CannotGoOn, Region, Token, Url, ask, kindly

PATH = "/exchange/v1/pairings"
# For trying it out on one's own machine; elsewhere a look is on a case of the office.
LOCAL_CASE = "local/try-out"
Conversation = Annotated[str, typer.Argument(help="Id of the conversation, as `pairings` shows it.")]
Case = Annotated[str | None, typer.Option(help=f"The case, in the office's own files. Local stack: {LOCAL_CASE}.")]
Role = Annotated[str, typer.Option(help="registrar or approver, on the local stack.")]
Sub = Annotated[str | None, typer.Option("--as", help="Who it is that asks, on the local stack.")]

_FOLLOWS = "The exchange compares and answers the partner by itself; `show` tells what it said."


class Outcome(StrEnum):
    """What can be chosen without naming somebody."""

    NOBODY = "nobody"
    NOT_UNIQUE = "not-unique"
    CONFLICT = "conflict"


def register(group: typer.Typer) -> None:
    """Mount the commands on the group `exchange`."""
    group.command("pairings")(pairings)
    group.command("pairing")(pairing)
    group.command("decide")(decide)


def pairings(
    region: Region, role: Role = "registrar", as_json: AsJson = False, url: Url = None, token: Token = None
) -> None:
    """What waits for people, oldest first. Nobody is named."""
    with kindly(), open_client(region, role, url, token) as client:
        page = ask(client, "GET", PATH)
        items = page["items"]
        while page["more"]:
            page = ask(client, "GET", PATH, params={"after": items[-1]["conversation_id"]})
            items += page["items"]
    if as_json:
        typer.echo(json.dumps(items))
        return
    for each in items:
        people = f"{each['candidates']} candidates, the likeliest at {each['best_score']} %"
        waits = "waits for a second person" if each["waits_for"] == "second-person" else "waits"
        typer.echo(f"{each['conversation_id']}  {each['kind']:<10}  {each['partner']}  {people}; {waits}")
    typer.echo(f"{len(items)} wait for people." if items else "Nothing waits for people.")


def pairing(
    region: Region,
    conversation: Conversation,
    case: Case = None,
    role: Role = "registrar",
    sub: Sub = None,
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """One question: what the partner said, and who may be meant. Everybody whom it shows is recorded as read."""
    with kindly(), open_client(region, role, url, token, sub) as client:
        told = ask(client, "GET", f"{PATH}/{conversation}", params=_look(case, url, token))
    for line in [json.dumps(told, ensure_ascii=False)] if as_json else _tell(told):
        typer.echo(line)


def decide(
    region: Region,
    conversation: Conversation,
    revision: Annotated[int, typer.Option(help="What was decided on, as `pairing` shows it.")],
    person: Annotated[str | None, typer.Option(help="It is this one of those found: the person's id.")] = None,
    outcome: Annotated[Outcome | None, typer.Option(help="It is none of them, or cannot be told.")] = None,
    agree: Annotated[
        bool | None, typer.Option("--agree/--refuse", help="To what a colleague proposed, where two must decide.")
    ] = None,
    case: Case = None,
    role: Role = "registrar",
    sub: Sub = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Say who is meant. Where identifier and person contradict each other, somebody else must agree."""
    with kindly():
        choice = _choose(revision, person, outcome, agree)
        with open_client(region, role, url, token, sub) as client:
            told = ask(client, "POST", f"{PATH}/{conversation}:decide", params=_look(case, url, token), json=choice)
    said = {
        "decided": f"Decided. {_FOLLOWS}",
        "confirmed": f"Decided by two people. {_FOLLOWS}",
        "proposed": f"Proposed. A colleague must agree: --revision {told['revision']} --agree or --refuse.",
        "refused": "Refused: everything can be chosen again.",
    }
    typer.echo(said[told["step"]])


def _choose(revision: int, person: str | None, outcome: Outcome | None, agree: bool | None) -> dict[str, Any]:
    if sum(each is not None for each in (person, outcome, agree)) != 1:
        raise CannotGoOn("Say one thing: --person, --outcome, --agree or --refuse.")
    if agree is not None:
        return {"revision": revision, "agrees": agree}
    if person is not None:
        return {"revision": revision, "outcome": "PERSON", "person_id": person}
    assert outcome is not None
    return {"revision": revision, "outcome": outcome.name}


def _look(case: str | None, url: str | None, token: str | None) -> dict[str, str]:
    if not case and (url or token or os.environ.get("DOMICILE_TOKEN")):
        raise CannotGoOn("A look at a person is on a case: name it with --case.")
    return {"purpose": "exchange", "case": case or LOCAL_CASE}


def _tell(told: dict[str, Any]) -> Iterator[str]:
    yield f"{told['kind']}: {told['partner']} asks. Revision {told['revision']}, waits for {told['waits_for']}."
    yield "They say:"
    yield from _tell_person(told["asked"] or {"nothing": "can be read any more"})
    for each in told["found"]:
        against = ""
        if each["refusal"]:  # whoever is chosen so is answered by a refusal
            against = f"; chosen, the notice would be refused: {each['refusal']}, {each['refusal_says']}"
        yield f"{each['person_id']}  {each['score']} %{against}"
        yield "    " + ", ".join(f"{one['field']} {one['verdict']} ({one['weight']:+g})" for one in each["explanation"])
        yield from _tell_person(each.get("held") or {})
    if told["outcome"]:
        yield f"Proposed: {told['outcome']} {told['person_id'] or ''}".rstrip()


def _tell_person(said: dict[str, Any]) -> Iterator[str]:
    for name, value in said.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield f"    {name}: {text}"
