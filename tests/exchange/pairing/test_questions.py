"""Questions of who is meant, over HTTP: listed without names, shown with purpose and case, decided by people."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette

from services.exchange.door.pairings import PairingRoutes
from services.exchange.journal.entry import Entry, Outcome
from services.exchange.ledger.documents import write_conversation
from services.exchange.pairing.cases import PairingCases
from services.exchange.pairing.pairing import Kind, Pairing, Question
from services.exchange.particulars.identification import Identification
from services.exchange.protocol.conversation import begin
from services.exchange.protocol.states import Role, State, Talk
from services.exchange.protocol.stimuli import Denial, Find, Say
from services.kernel.clock import FixedClock, SystemClock
from services.kernel.codec import Decoder
from services.kernel.database import migrate, open_pool, read_migrations
from services.kernel.http.bodies import ByteBudget
from services.kernel.http.door import Door
from services.kernel.identity.jwks import open_keys
from services.kernel.identity.matrix import read_matrix
from services.kernel.identity.tokens import TokenVerifier
from services.kernel.privacy.region_key import RegionKey
from services.kernel.reading.recorder import ReadRecorder
from services.kernel.telemetry.metrics import Metrics
from tests.exchange.pairing.conftest import CATALOG, Audit, Registry
from tests.exchange.pairing.test_pairer import tell
from tests.ingest.offices import new_id
from tests.stacks import ROOT

NOW = datetime(2012, 3, 14, 9, tzinfo=UTC)
LOOK = {"purpose": "exchange", "case": "2012/0980/77"}


class Pages:
    """What is appended, and the answer to it."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.denial: Denial | None = None

    async def append_and_wait(self, entries: Any, timeout_s: float = 10.0) -> list[Outcome | None]:
        self.entries += entries
        return [Outcome(each.conversation_id, denial=self.denial) for each in entries]


class Letters:
    """One letter, opened."""

    async def open_parts(self, message_ids: Any) -> dict[str, Any]:
        return {}


class Questions:
    """A door of the region, and questions put before people."""

    def __init__(self, registry: Registry, pool: asyncpg.Pool, http: httpx.AsyncClient, metrics: Metrics) -> None:
        self.registry = registry
        self.pool = pool
        self.http = http
        self.metrics = metrics
        self.pages = Pages()
        self._cases = PairingCases(pool, FixedClock(NOW))

    async def put(self, pairing: Pairing) -> str:
        """A conversation that waits for people, with this pairing."""
        conversation_id = new_id()
        conversation = replace(
            begin(conversation_id, Talk.MOVE, "north", "east", Role.ORIGIN, NOW),
            state=State.MANUAL_PAIRING,
            arrival=new_id(),
        )
        await self.pool.execute(
            "INSERT INTO exchange.conversation (conversation_id, partner, talk, role, state, link, opened_at, since,"
            " ended, revision, document) VALUES ($1, 'east', 'MOVE', 'ORIGIN', $2, 'NONE', $3, $3, false, 1, $4)",
            UUID(conversation_id),
            State.MANUAL_PAIRING.value,
            NOW,
            write_conversation(conversation),
        )
        await self.open(conversation_id, pairing)
        return conversation_id

    async def open(self, conversation_id: str, pairing: Pairing) -> None:
        await self._cases.open([(Question(conversation_id, Identification(), "east"), pairing)])

    def as_(self, role: str, sub: str = "ada", **more: Any) -> dict[str, str]:
        token = self.registry.region.token(role, more.pop("areas", ("*",)), sub=sub, **more)
        return {"authorization": f"Bearer {token}"}

    async def show(self, conversation_id: str, role: str = "registrar", sub: str = "ada", **more: Any) -> Any:
        path = f"/exchange/v1/pairings/{conversation_id}"
        return await self.http.get(path, params=LOOK | more, headers=self.as_(role, sub))

    async def decide(self, conversation_id: str, sub: str, role: str = "registrar", **choice: Any) -> Any:
        path = f"/exchange/v1/pairings/{conversation_id}:decide"
        return await self.http.post(path, params=LOOK, headers=self.as_(role, sub), json=choice)


@pytest.fixture
async def questions(registry: Registry, audit: Audit) -> AsyncIterator[Questions]:
    settings = registry.region.get_settings("projections")
    role = httpx.URL(settings["DOMICILE_DATABASE_URL"]).userinfo.decode().partition(":")[0]
    await migrate(
        registry.region.database,
        read_migrations("exchange", ROOT / "services" / "exchange" / "migrations"),
        {"service_role": role, "reading_role": role},
    )
    pool = await open_pool(registry.region.database, name="pairing test owner", size_max=3)
    metrics, clock = Metrics(), SystemClock()
    recorder = ReadRecorder(audit, CATALOG, _region_key(settings), "north", "exchange", clock)
    keys = open_keys(settings["DOMICILE_JWKS"])
    verifier = TokenVerifier(
        keys,
        issuer=settings["DOMICILE_TOKEN_ISSUER"],
        audience=settings["DOMICILE_TOKEN_AUDIENCE"],
        region="north",
        clock=clock,
    )
    door = Door(verifier, read_matrix("exchange"), metrics, 50)
    app = Starlette()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://exchange") as http:
        questions = Questions(registry, pool, http, metrics)
        routes = PairingRoutes(
            pool,
            registry.pool,
            registry.pairer.records,
            Letters(),
            questions.pages,
            recorder,
            clock,
            ByteBudget(1 << 20, metrics),
            metrics,
            "north",
        )
        app.router.routes.extend(routes.routes(door))
        yield questions
    await pool.close()


def _region_key(settings: Any) -> RegionKey:
    return RegionKey.read(Path(settings["DOMICILE_REGION_KEY_FILE"]))


async def _ask_about_two(questions: Questions, civil: Any) -> tuple[str, list[str], Pairing]:
    """Two records of one name and birth date."""
    anna = civil(identifiers=[])
    ids = [str(questions.registry.enumerate(anna)) for _ in range(2)]
    pairing = await questions.registry.ask(tell(anna))
    assert pairing.kind is Kind.NOT_UNIQUE
    return await questions.put(pairing), ids, pairing


async def test_a_question_is_listed_without_names_and_shown_with_them_for_a_purpose_and_a_case(
    questions: Questions,
    audit: Audit,
    civil: Any,
) -> None:
    conversation_id, ids, _ = await _ask_about_two(questions, civil)
    listed = await questions.http.get("/exchange/v1/pairings", headers=questions.as_("registrar"))
    (line,) = [each for each in listed.json()["items"] if each["conversation_id"] == conversation_id]
    assert (line["kind"], line["candidates"], line["waits_for"]) == ("NOT_UNIQUE", 2, "decision")
    assert not any(person_id in listed.text for person_id in ids)
    before = len(audit.records)
    for missing in ({"case": None}, {"purpose": None}, {"purpose": "civil-registration"}):
        answer = await questions.show(conversation_id, **missing)
        assert answer.status_code in (400, 403, 422), answer.text
    assert len(audit.records) == before
    shown = (await questions.show(conversation_id)).json()
    assert {each["person_id"] for each in shown["found"]} == set(ids)
    assert shown["found"][0]["held"]["birth_on"] == "1975-03-02"
    assert {"field": "name", "verdict": "same"}.items() <= shown["found"][0]["explanation"][0].items()
    read = Decoder(CATALOG).decode(audit.records[-1].value).record
    assert {str(UUID(bytes=each["person_id"])) for each in read["subjects"]} == set(ids)
    assert (read["actor"], read["purpose"], read["case_reference"]) == ("ada", "exchange", LOOK["case"])


async def test_who_may_not_decide_is_told_nothing(questions: Questions, civil: Any) -> None:
    conversation_id, *_ = await _ask_about_two(questions, civil)
    for role in ("auditor", "operator", "service-worker"):
        assert (await questions.show(conversation_id, role)).status_code == 403
    path = f"/exchange/v1/pairings/{conversation_id}"
    answer = await questions.http.get(path, params=LOOK, headers=questions.as_("registrar", areas=("0980",)))
    assert answer.json()["code"] == "area-not-yours"
    assert (await questions.show(new_id())).json()["code"] == "unknown-pairing"
    assert (await questions.show("nonsense")).json()["code"] == "bad-uuid"


async def test_one_person_decides_and_it_becomes_an_entry(questions: Questions, civil: Any) -> None:
    conversation_id, ids, _ = await _ask_about_two(questions, civil)
    choice = {"outcome": "PERSON", "person_id": ids[1]}
    changed = await questions.decide(conversation_id, "ada", revision=9, **choice)
    assert (changed.status_code, changed.json()["code"]) == (409, "pairing-changed")
    decided = await questions.decide(conversation_id, "ada", revision=1, **choice)
    assert (decided.status_code, decided.json()["step"]) == (200, "decided"), decided.text
    (entry,) = questions.pages.entries
    assert isinstance(entry.stimulus, Find)
    assert entry.person is not None
    assert (str(entry.person.person_id), entry.person.rule, entry.person.decided_by) == (ids[1], "people", ("ada",))
    again = await questions.decide(conversation_id, "ada", revision=1, **choice)
    assert (again.status_code, again.json()["code"]) == (409, "pairing-settled")
    row = await questions.pool.fetchrow(
        "SELECT * FROM exchange.pairing_decision WHERE conversation_id = $1", UUID(conversation_id)
    )
    assert (row["actor"], row["step"], row["case_reference"]) == ("ada", "decided", LOOK["case"])
    assert ids[0] in bytes(row["seen"]).decode()
    assert b"domicile_exchange_pairing_decisions_total" in questions.metrics.render()


async def test_a_contradiction_takes_two_people_and_a_refusal_opens_it_again(
    questions: Questions,
    civil: Any,
) -> None:
    anna = civil()
    person_id = str(questions.registry.enumerate(anna))
    pairing = await questions.registry.ask(tell(anna, birth_on="1975-03-03"))
    assert pairing.kind is Kind.CONFLICT
    conversation_id = await questions.put(pairing)
    choice = {"outcome": "PERSON", "person_id": person_id}
    assert (await questions.decide(conversation_id, "ada", revision=1, **choice)).json()["step"] == "proposed"
    assert questions.pages.entries == []
    alone = await questions.decide(conversation_id, "ada", revision=2, agrees=True)
    assert (alone.status_code, alone.json()["code"]) == (403, "same-person-decides")
    assert (await questions.show(conversation_id, sub="bea")).json()["person_id"] == person_id
    assert (await questions.decide(conversation_id, "bea", revision=2, agrees=False)).json()["step"] == "refused"
    assert (await questions.decide(conversation_id, "bea", revision=3, outcome="CONFLICT")).json()["step"] == "proposed"
    assert (await questions.decide(conversation_id, "ada", revision=4, agrees=True)).json()["step"] == "confirmed"
    (entry,) = questions.pages.entries
    assert isinstance(entry.stimulus, Say)
    assert (entry.stimulus.body, entry.person) == ({"reason_code": "B-C"}, None)


async def test_what_was_not_applied_is_not_decided(questions: Questions, civil: Any) -> None:
    conversation_id, ids, _ = await _ask_about_two(questions, civil)
    questions.pages.denial = Denial("not-now")
    choice = {"outcome": "PERSON", "person_id": ids[0]}
    denied = await questions.decide(conversation_id, "ada", revision=1, **choice)
    assert (denied.status_code, denied.json()["code"]) == (409, "pairing-settled")
    questions.pages.denial = None
    assert (await questions.decide(conversation_id, "ada", revision=1, **choice)).status_code == 200
    assert len({entry.event_id for entry in questions.pages.entries}) == 1


async def test_a_question_about_somebody_protected_is_for_approvers_only(
    questions: Questions,
    civil: Any,
) -> None:
    conversation_id, ids, _ = await _ask_about_two(questions, civil)
    questions.registry.say(UUID(ids[0]), "ProtectionMarkerSet", "person", marker_id=new_id(), withheld=["existence"])
    late, unknown = await questions.show(conversation_id), await questions.show(new_id())
    assert (late.status_code, late.json()) == (unknown.status_code, unknown.json())
    assert (await questions.show(conversation_id, "approver")).status_code == 200


async def test_the_same_result_again_changes_nothing_and_another_opens_it_anew(
    questions: Questions,
    civil: Any,
) -> None:
    conversation_id, _, pairing = await _ask_about_two(questions, civil)
    await questions.open(conversation_id, pairing)
    assert (await questions.show(conversation_id)).json()["revision"] == 1
    await questions.open(conversation_id, pairing._replace(kind=Kind.CANDIDATES, found=pairing.found[:1]))
    shown = (await questions.show(conversation_id)).json()
    assert (shown["revision"], shown["kind"], len(shown["found"])) == (2, "CANDIDATES", 1)
