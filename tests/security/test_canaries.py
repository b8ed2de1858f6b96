"""Names, identifiers, addresses and free text of people are looked for wherever a system leaks them.

Canaries are posted through every road (single, batch, dry run, refused, correction, service); then every byte that
can be read outside the sealed blocks is searched: the log (keys, headers, values, topic names, the broker's own
files), tables, log lines, metrics and answers to errors.
"""

import json
import re
from uuid import uuid4

import asyncpg
import httpx
import pytest

from deploy.local.layout import Layout
from deploy.local.stack import Running
from services.kernel.privacy.region_key import RegionKey
from tests.office import Office, Post, uuid7
from tests.on_the_log import Logged, read_log

CANARY = f"Kanarienvogel{uuid4().hex[:12]}"
NUMBER = f"CN{uuid4().int % 10**16:016}"

SPELLINGS = [
    (canary, spelling.lower())
    for canary in (CANARY, NUMBER)
    for spelling in (canary.encode(), canary.encode("utf-16-le"))
]
_HEXADECIMAL = re.compile(rb"\\x((?:[0-9a-f]{2})+)")


def civil() -> dict[str, object]:
    return {
        "given_names": CANARY,
        "family_name": f"{CANARY}sson",
        "identifiers": [{"kind": "local", "value": NUMBER}, {"kind": "passport", "value": NUMBER + "P"}],
    }


def contact() -> dict[str, object]:
    return {"telephones": [NUMBER], "emails": [f"{CANARY}@example.org"]}


@pytest.fixture(scope="module")
def office(stack: Running) -> Office:
    return Office.open(stack.regions["north"])


@pytest.fixture(scope="module")
def answers(office: Office) -> list[httpx.Response]:
    """Canaries through every road, good and bad."""
    birth = office.birth(subjects=[{"role": "child", "civil": civil(), "contact": contact()}])
    bad_word = birth | {"event_id": uuid7(), "sex": CANARY}
    unknown_field = birth | {"event_id": uuid7(), CANARY: CANARY}
    bad_number = office.birth(civil={"identifiers": [{"kind": "cn.ric", "value": CANARY}]})
    correction: Post = {
        "type": "EventCorrected",
        "event_id": uuid7(),
        "occurred_on": "2003-06-01",
        "registered_at": "2003-06-01T09:30:00Z",
        "office": office.code,
        "residence_area": office.area,
        "target_event_id": birth["event_id"],
        "reason": "wrong-date",
        "replacement": {name: value for name, value in birth.items() if name != "sex"} | {"sex": "male"},
    }
    return [
        office.post(birth),
        office.post(birth, "?dry_run=true"),
        office.post(birth | {"sex": "male"}),
        office.post_many([office.birth(civil=civil()), bad_word, office.birth(civil=civil())]),
        office.post(bad_word),
        office.post(unknown_field),
        office.post(bad_number),
        office.post(json.dumps(birth).encode()[:-5]),
        office.post(json.dumps(birth).replace(CANARY, "\\ud800" + CANARY, 1).encode()),
        office.post(birth | {"event_id": CANARY}),
        office.post(birth, f"?{CANARY}={NUMBER}"),
        office.send(f"/v1/{CANARY}", birth),
        office.send("/v1/corrections", correction),
        office.post(birth, authorization=f"Bearer {CANARY}"),
        office.post(birth, traceparent=CANARY, user_agent=NUMBER),
    ]


@pytest.fixture(scope="module")
def logged(stack: Running, answers: list[httpx.Response]) -> list[Logged]:
    return read_log(stack.kafka, "north")


def leaks(data: bytes) -> list[str]:
    """The canaries in these bytes, in any letter case, plain or as UTF-16."""
    lowered = data.lower()
    return [canary for canary, spelling in SPELLINGS if spelling in lowered]


def test_the_canaries_are_really_on_their_way(office: Office, answers: list[httpx.Response]) -> None:
    statuses = [answer.status_code for answer in answers]
    assert statuses[:4] == [201, 200, 409, 200]
    assert set(statuses[4:]) <= {200, 201, 400, 401, 404, 405, 422}
    assert answers[3].json()["recorded"] == 2
    assert answers[12].status_code == 201, answers[12].text


def test_no_answer_quotes_what_was_posted(answers: list[httpx.Response]) -> None:
    """Not even to the office that posted it: answers are logged on their way. A name of a field may be told back."""
    for number, answer in enumerate(answers):
        if number not in (5, 12):
            assert leaks(answer.content) == [], answer.text


def test_nothing_on_the_log_shows_a_person(logged: list[Logged]) -> None:
    assert any(CANARY[:4] != "" and each.type == "BirthRegistered" for each in logged)
    for each in logged:
        parts = (each.key, each.value, each.topic.encode(), *each.headers.values(), *map(str.encode, each.headers))
        assert leaks(b"\0\0".join(parts)) == []


def test_no_blind_index_leaves_the_database(
    stack: Running, logged: list[Logged], answers: list[httpx.Response]
) -> None:
    region = stack.regions["north"]
    key = RegionKey.read(Layout(stack.home).region("north") / "region.key")
    indexes = [key.blind_index("local", NUMBER), key.blind_index("passport", NUMBER + "P")]
    outside = [part for each in logged for part in (each.key, each.value, *each.headers.values())]
    outside += [answer.content for answer in answers] + [lines(stack), metrics(region.ingest or "")]
    for index in indexes:
        for spelling in (index, index.hex().encode()):
            assert not any(spelling in part for part in outside)


def test_the_broker_s_own_files_show_nothing(stack: Running, logged: list[Logged]) -> None:
    files = [path for path in Layout(stack.home).kafka.rglob("*") if path.is_file()]
    assert any(path.suffix == ".log" for path in files)
    for path in files:
        assert leaks(path.read_bytes()) == [], path


async def test_no_table_shows_a_person(stack: Running, answers: list[httpx.Response]) -> None:
    connection = await asyncpg.connect(stack.regions["north"].database)
    try:
        tables = await connection.fetch(
            "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        assert {"privacy.identifier", "ingest.claim", "ingest.correction_draft"} <= {row["name"] for row in tables}
        for table in tables:
            assert await leaks_of(connection, table["name"]) == [], table["name"]
    finally:
        await connection.close()


def test_no_log_line_shows_a_person(stack: Running, answers: list[httpx.Response]) -> None:
    assert leaks(lines(stack)) == []


def test_no_metric_shows_a_person(office: Office, answers: list[httpx.Response]) -> None:
    assert leaks(metrics(office.url)) == []


def lines(stack: Running) -> bytes:
    """What all processes wrote."""
    return b"".join(path.read_bytes() for path in Layout(stack.home).log("x").parent.glob("*.log"))


def metrics(url: str) -> bytes:
    return httpx.get(url + "/metrics").content


async def leaks_of(connection: asyncpg.Connection, table: str) -> list[str]:
    """The canaries in any row of a table, in what is text and in what is bytes."""
    found: list[str] = []
    rest = b""

    async def look(rows: bytes) -> None:
        nonlocal rest
        whole, _, rest = (rest + rows).rpartition(b"\n")
        found.extend(leaks(whole))
        found.extend(leaks(b"\0\0".join(bytes.fromhex(each.decode()) for each in _HEXADECIMAL.findall(whole))))

    await connection.copy_from_query(f"SELECT * FROM {table}", output=look)
    assert not rest
    return found
