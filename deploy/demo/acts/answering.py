"""An office is asked a question and takes its time: a reminder that is answered, an escalation, a late answer."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.demo.acts.moving import HERE, THERE
from deploy.demo.office import Office
from deploy.demo.scene import Scene, must_be

CONVERSATIONS = "/exchange/v1/conversations"
ITEMS = (
    {"item_id": "1", "path": "family_name", "question": "IS_IT_SO"},
    {"item_id": "2", "path": "birth_on", "question": "IS_IT_SO"},
)
_PATIENCE_S = 60.0
_LOOK_EVERY_S = 0.05
_A_LITTLE = timedelta(minutes=5)
Told = dict[str, Any]


def answer_late(scene: Scene) -> None:
    """Gotland asks Jämtland about a mover; nobody answers in time, and the clocks of both go on."""
    scene.stage.act("An office is asked, takes its time, and is reminded")
    desk = Office(scene, HERE, "registrar", sub="clerk-1", purpose="exchange")
    there = Office(scene, THERE, "registrar", sub="clerk-9", purpose="exchange")
    id_ = _ask(scene, desk)
    owed = _wait(there, id_, lambda told: told["state"] == "PAIRED")["obligations"][0]
    due_at = _instant(owed["due_at"])
    scene.stage.say(
        f"{HERE} asks about two items of a mover's record (301); {THERE} owes the answer by {_day(due_at)}."
    )
    _show_worklist(scene, there, "The worklist of its office:")
    _remind(scene, desk, there, id_, due_at)
    _escalate(scene, there, id_, due_at)
    _answer(scene, desk, there, id_)
    scene.clocks.set_right()
    told = _wait(desk, id_, lambda told: told["state"] == "CLOSED")
    scene.stage.say(
        f"It is {_day(scene.clocks.now())}: nobody asked what was meant, the conversation is {told['state']}."
    )


def _ask(scene: Scene, desk: Office) -> str:
    record = desk.person(scene.mover)
    civil = record["particulars"]["civil"]
    known = {name: civil[name] for name in ("given_names", "family_name") if civil.get(name)}
    identifiers = [
        {"kind": each["kind"], "value": each["value"], "id_quality": "FORMAT_OK"} for each in civil["identifiers"]
    ]
    subject = known | {"birth_on": record["current"]["born_on"], "identifiers": identifiers}
    question = {
        "code": "301",
        "partner": THERE,
        "person_id": scene.mover,
        "body": {"items": list(ITEMS), "why_needed": "exchange"},
        "parts": {"subject": {"subject": subject}},
    }
    return str(desk.tell_exchange(CONVERSATIONS, question)["conversation"]["conversation_id"])


def _show_worklist(scene: Scene, office: Office, title: str) -> None:
    """Nobody is named: who opens a case does so in its conversation, and that is recorded."""
    items = office.ask_exchange("/exchange/v1/worklist")["items"]
    must_be(bool(items), "a question to an office is not on its worklist")
    rows = [(f"{each['list']}: {each['says']}", (each["due_at"] or "-")[:10], _may_do(each)) for each in items]
    scene.stage.table((title, "due", "may be done"), rows)


def _may_do(item: Mapping[str, Any]) -> str:
    return ", ".join(dict.fromkeys(each["what"] for each in item["allowed_actions"]))


def _remind(scene: Scene, desk: Office, there: Office, id_: str, due_at: datetime) -> None:
    """What is overdue is reminded of by the creditor's exchange, without anybody's doing."""
    scene.clocks.set_to(due_at + _A_LITTLE)
    told = _wait(there, id_, lambda told: any(each["code"] == "701" for each in told["messages"]))
    reminder = next(each for each in told["messages"] if each["code"] == "701")
    expected = (due_at + timedelta(days=10)).date()
    reply = {
        "code": "702",
        "in_reply_to": reminder["message_id"],
        "body": {"reason_code": "WORKLOAD", "new_expected_at": expected.isoformat()},
    }
    there.tell_exchange(f"{CONVERSATIONS}/{id_}/messages", reply)
    _wait(desk, id_, lambda told: any(each["code"] == "702" for each in told["messages"]))
    scene.stage.say(f"{_day(due_at)} passes: {HERE}'s exchange sends 701 Reminder, and {THERE}'s office replies 702:")
    scene.stage.say(f"too much work, expected on {_day(expected)}. The clock of what is owed goes on all the same.")


def _escalate(scene: Scene, there: Office, id_: str, due_at: datetime) -> None:
    """The supervisors of both regions are told, with metadata only."""
    scene.clocks.set_to(due_at + timedelta(days=9))
    told = _wait(there, id_, lambda told: _levels(told) == 3 and told["obligations"][0]["clock"] == "ESCALATED")
    today = _day(scene.clocks.now())
    scene.stage.say(f"{today}: {_levels(told)} reminders so far, and both supervisors are told (703), without a name.")


def _levels(told: Mapping[str, Any]) -> int:
    return sum(each["code"] == "701" for each in told["messages"])


def _answer(scene: Scene, desk: Office, there: Office, id_: str) -> None:
    asked = next(each for each in _read(there, id_)["messages"] if each["code"] == "301")
    verified_on = scene.clocks.now().date().isoformat()
    seen = {"method": "DOCUMENT", "verified_on": verified_on, "verifier_role": "registrar"}
    items = [{"item_id": each["item_id"], "result": "CONFIRMED"} | seen for each in ITEMS]
    answer = {
        "code": "302",
        "in_reply_to": asked["message_id"],
        "body": {"outcome": "VERIFIED", "items": items},
    }
    there.tell_exchange(f"{CONVERSATIONS}/{id_}/messages", answer)
    owed = _wait(desk, id_, lambda told: told["state"] == "ANSWERED")["obligations"][0]
    must_be(owed["end"] == "FULFILLED", "an answer did not end what was owed")
    scene.stage.say(
        f"Then {THERE}'s office answers 302, item by item: both CONFIRMED. It counts as answered, and as late."
    )


def _wait(office: Office, id_: str, is_there: Callable[[Mapping[str, Any]], bool]) -> Told:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        told = _read(office, id_)
        if told and is_there(told):
            return told
        time.sleep(_LOOK_EVERY_S)
    raise RuntimeError(f"a conversation did not go on: it is {told.get('state')}")


def _read(office: Office, id_: str) -> Told:
    try:
        return office.ask_exchange(f"{CONVERSATIONS}/{id_}")
    except RuntimeError:
        return {}


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def _day(at: datetime | Any) -> str:
    return f"{at:%-d %B}"
