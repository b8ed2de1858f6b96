"""Offices of two regions speak through their own exchanges: over HTTP, the log, Faust, and each other's doors."""

import time
from collections.abc import Callable
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.local.stack import Running

PATH = "/exchange/v1/conversations"
CASE = {"purpose": "exchange", "case": "2026/77"}
PERSON = {
    "subject": {
        "subject": {
            "family_name": "Prövande",
            "given_names": "Ex",
            "birth_on": "1975-03-02",
        }
    }
}
ITEM = {"item_id": "1", "path": "family_name", "question": "IS_IT_SO"}
QUESTION = {
    "code": "301",
    "body": {
        "items": [{"item_id": "1", "path": "family_name", "question": "IS_IT_SO"}],
        "why_needed": "exchange",
    },
    "parts": PERSON,
}


class Clerk:
    """Somebody in an office or at the controls of one region."""

    def __init__(self, stack: Running, region: str, role: str) -> None:
        own = stack.regions[region]
        headers = {"authorization": f"Bearer {own.token(role)}"}
        self.http = httpx.Client(base_url=own.exchange or "", headers=headers, timeout=60)

    def get(self, path: str = "", **asked: Any) -> Any:
        answer = self.http.get(PATH + path, params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, wish: Any, status: int = 201, **asked: Any) -> Any:
        answer = self.http.post(PATH + path, json=wish, params=asked)
        assert answer.status_code == status, answer.text
        return answer.json()

    def until(self, id_: str, true: Callable[[Any], bool]) -> Any:
        for _ in range(600):
            answer = self.http.get(f"{PATH}/{id_}")
            if answer.status_code == 200 and true(answer.json()):
                return answer.json()
            time.sleep(0.05)
        raise AssertionError(answer.text)


@pytest.fixture(scope="module")
def north(stack: Running) -> Clerk:
    return Clerk(stack, "north", "registrar")


@pytest.fixture(scope="module")
def south(stack: Running) -> Clerk:
    return Clerk(stack, "south", "registrar")


@pytest.fixture(scope="module")
def asked(north: Clerk) -> dict[str, Any]:
    """A question of north's, as its exchange answers it."""
    told: dict[str, Any] = north.post("", QUESTION | {"partner": "south"}, **CASE)
    return told


def test_a_question_to_another_region_is_heard_there_and_receipted(
    asked: dict[str, Any], north: Clerk, south: Clerk
) -> None:
    id_, message = asked["conversation"]["conversation_id"], asked["message_id"]
    told = north.until(id_, lambda told: told["messages"][0]["delivery"] == "RECEIPTED")
    assert (told["talk"], told["role"], told["messages"][0]["message_id"]) == ("VERIFY", "ASKER", message)
    # An answer within the same second opens a window of its own beside it.
    assert told["obligations"][0]["kind"] == "VERIFICATION"
    heard = south.until(id_, lambda told: bool(told["messages"]))
    assert (heard["role"], heard["messages"][0]["message_id"]) == ("ANSWERER", message)
    assert heard["obligations"][0]["due_at"] == told["obligations"][0]["due_at"]


def test_what_is_said_of_the_person_is_shown_on_a_case_only_and_then_it_is_opened(
    asked: dict[str, Any], north: Clerk, south: Clerk
) -> None:
    id_ = asked["conversation"]["conversation_id"]
    south.until(id_, lambda told: bool(told["messages"]))
    for office in (north, south):
        plain = office.get(f"/{id_}")
        assert "Prövande" not in str(plain)
        assert "parts" not in plain["messages"][0]
        assert "Prövande" in str(office.get(f"/{id_}", **CASE)["messages"][0]["parts"])
    refused = north.http.get(f"{PATH}/{id_}", params={"case": "2026/77"})
    assert (refused.status_code, refused.json()["code"]) == (400, "purpose-required")


def test_the_list_names_nobody_and_is_read_by_duty_and_state(asked: dict[str, Any], north: Clerk) -> None:
    id_ = asked["conversation"]["conversation_id"]
    page = north.get(partner="south", talk="VERIFY")
    line = next(each for each in page["items"] if each["conversation_id"] == id_)
    assert not {"person_id", "messages", "ids"} & set(line)
    assert id_ not in str(north.get(duty="COMPENSATE"))
    refused = north.http.get(PATH, params={"state": "ASLEEP"})
    assert (refused.status_code, refused.json()["code"]) == (400, "wrong-parameter")


def test_the_conversations_of_a_person_are_a_look_at_the_person_on_a_case(north: Clerk) -> None:
    nobody = "0190a1b2-c3d4-7e5f-8a6b-9c7d8e9f0a1b"
    assert north.get(person=nobody, **CASE) == {"items": [], "more": False}
    assert north.get(event=nobody) == {"items": [], "more": False}
    for asked, code in (({}, "purpose-required"), ({"purpose": "exchange"}, "case-required")):
        refused = north.http.get(PATH, params={"person": nobody, **asked})
        assert refused.json()["code"] == code


def test_a_body_that_does_not_fit_is_refused_with_what_the_catalogue_says(north: Clerk) -> None:
    for body, path, said in (
        ({"why_needed": "exchange"}, "/body/items", "Missing"),
        (QUESTION["body"] | {"mood": "good"}, "/body/unknown-field", "why_needed"),
    ):
        refused = north.http.post(PATH, json=QUESTION | {"partner": "south", "body": body}, params=CASE).json()
        assert (refused["code"], refused["path"]) == ("incomplete-message", path)
        assert said in refused["rule"]
        assert "verify" in refused["remedy"] or "answer" in refused["remedy"]
        assert "good" not in str(refused)


def test_what_cannot_be_said_now_is_refused_with_what_the_conversation_says(
    asked: dict[str, Any], north: Clerk
) -> None:
    id_ = asked["conversation"]["conversation_id"]
    wish = {"code": "213", "body": {"outcome": "ALL_SETTLED"}}
    refused = north.http.post(f"{PATH}/{id_}/messages", json=wish, params=CASE)
    assert (refused.status_code, refused.json()["code"]) == (409, "not-now")
    secret = QUESTION | {"partner": "south", "parts": {"subject": {"religion": "none"}}}
    refused = north.http.post(PATH, json=secret, params=CASE)
    assert (refused.status_code, refused.json()["code"]) == (422, "wrong-particulars")
    assert "none" not in refused.text
    without = north.http.post(f"{PATH}/{id_}/messages", json=wish, params={"purpose": "exchange"})
    assert without.json()["code"] == "case-required"
    nowhere = north.http.post(PATH, json=QUESTION | {"partner": "atlantis"}, params=CASE)
    assert (nowhere.status_code, nowhere.json()["path"]) == (400, "/partner")


def test_no_office_takes_a_notice_back_while_what_it_tells_of_stands(asked: dict[str, Any], north: Clerk) -> None:
    wish = {"code": "212", "body": {"notice": "ARRIVAL", "reason": "ERROR"}}
    refused = north.http.post(f"{PATH}/{asked['conversation']['conversation_id']}/messages", json=wish, params=CASE)
    assert (refused.status_code, refused.json()["code"]) == (409, "not-now")
    assert "/v1/corrections" in refused.json()["rule"]


def test_the_same_message_sent_again_is_said_once(north: Clerk) -> None:
    first = north.post("", QUESTION | {"partner": "south"}, **CASE)
    id_ = first["conversation"]["conversation_id"]
    again = north.post(f"/{id_}/messages", QUESTION | {"message_id": first["message_id"]}, **CASE)
    assert again["message_id"] == first["message_id"]
    assert len(north.get(f"/{id_}")["messages"]) == 1


def test_an_operator_s_act_says_why_it_cannot_be(stack: Running, asked: dict[str, Any]) -> None:
    operator = Clerk(stack, "north", "operator")
    id_ = asked["conversation"]["conversation_id"]
    none = operator.http.post(f"{PATH}/{id_}:requeue", json={"message_id": id_})
    assert (none.status_code, none.json()["code"]) == (409, "not-now")


def test_a_supervisor_stops_the_clock_of_what_a_partner_owes_and_nobody_their_own(stack: Running, north: Clerk) -> None:
    supervisor, pauses = Clerk(stack, "north", "supervisor"), "/exchange/v1/pauses"
    wish, case = {"partner": "south", "reason": "DEBTOR_OUTAGE"}, {"case": "outage/4"}
    for who, asked_of, said, status, code in (
        (north, case, wish, 403, "role-may-not"),
        (supervisor, {}, wish, 400, "case-required"),
        (supervisor, case, wish | {"partner": "north"}, 400, "wrong-parameter"),
        (supervisor, case, wish | {"partner": "suoth"}, 400, "wrong-parameter"),
        (supervisor, case, wish | {"reason": "HOLIDAYS"}, 422, "unknown-word"),
        (supervisor, case, wish | {"obligation_id": "nothing/FEEDBACK"}, 400, "wrong-parameter"),
        (supervisor, case, wish | {"partner": "so\0uth"}, 422, "wrong-type"),
    ):
        refused = who.http.post(pauses, json=said, params=asked_of)
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    assert supervisor.http.post(pauses, json=wish, params=case).json()["stopped"] >= 0
    assert supervisor.http.post(pauses, json=wish, params=case).json() == {"stopped": 0}
    assert supervisor.http.post(f"{pauses}:end", json={"partner": "south"}).json()["started"] >= 0


def test_a_worklist_shows_each_role_its_lists_and_says_what_is_wrong_with_a_question(
    stack: Running, north: Clerk
) -> None:
    path = "/exchange/v1/worklist"
    for role in ("registrar", "approver", "operator", "auditor", "supervisor"):
        clerk = Clerk(stack, "north", role)
        told = clerk.http.get(f"{path}:count").json()
        assert ("ESCALATED" in told["counts"]) is (role in ("auditor", "supervisor"))
        assert clerk.http.get(path).status_code == 200
    for asked_of, words in (
        ({"list": "OVERDU"}, "Did you mean OVERDUE?"),
        ({"partner": "suoth"}, "Did you mean south?"),
        ({"limit": "0"}, "500"),
        ({"after": "nowhere"}, "next"),
        ({"lists": "OVERDUE"}, "Did you mean list?"),
    ):
        refused = north.http.get(path, params=asked_of)
        assert refused.status_code == 400
        assert words in refused.json()["rule"]
    others = north.http.get(path, params={"list": "ESCALATED"})
    assert (others.status_code, others.json()["code"]) == (403, "role-may-not")
    assert "supervisor" in others.json()["rule"]
    assert north.http.get("/exchange/v1/escalations").status_code == 403


async def test_who_decided_what_on_which_case_stands_on_the_log_and_nothing_of_the_person(
    stack: Running, asked: dict[str, Any]
) -> None:
    from services.exchange.journal.records import EntryCoder
    from services.kernel.contract.catalog import Catalog
    from services.kernel.log.reader import LogReader, Range
    from services.kernel.privacy.region_key import RegionKey

    reader = LogReader(stack.kafka)
    ranges = reader.ranges(reader.partitions(["north.exchange"]))
    coder = EntryCoder("north", Catalog.load(), RegionKey.derive(bytes(32)))
    spans = {place: Range(0, span.next_offset) for place, span in ranges.items()}
    values = [each.value() or b"" for batch in reader.read_range(spans) for each in batch]
    reader.close()
    entries = [coder.decode(value) for value in values]
    said = next(each for each in entries if getattr(each.stimulus, "message_id", "") == asked["message_id"])
    assert (said.case_reference, said.actor != "exchange") == ("2026/77", True)
    assert not any("Prövande".encode() in value for value in values)
    connection = await asyncpg.connect(stack.regions["north"].database)
    aside = await connection.fetchval("SELECT count(*) FROM exchange.set_aside")
    await connection.close()
    assert aside == 0
