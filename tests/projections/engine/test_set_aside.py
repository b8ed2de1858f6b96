"""What cannot be applied is set aside alone, by its place; people look at it, mend it or give it up."""

import asyncio
import json
from collections import Counter

from typer.testing import CliRunner

from deploy.domicile import make_app
from tests.ingest.offices import refusal
from tests.ingest_process import IngestProcess
from tests.projections.engine.lab import Lab


def place(entry: dict[str, object]) -> str:
    return f"/v1/set-aside/{entry['projection']}/{entry['topic']}/{entry['partition']}/{entry['offset']}"


def name(entry: dict[str, object]) -> str:
    return f"{entry['projection']}:{entry['topic']}:{entry['partition']}:{entry['offset']}"


def command(lab: Lab, service: IngestProcess, *words: str) -> tuple[int, str]:
    """Exit code and output of `domicile set-aside`."""
    given = ["set-aside", words[0], lab.region, *words[1:], "--url", service.url, "--token", lab.token("operator")]
    ran = CliRunner().invoke(make_app(), given)
    return ran.exit_code, ran.output


async def outcomes(lab: Lab, entry: dict[str, object]) -> list[tuple[str, str, str | None]]:
    rows = await lab.database.fetch(
        "SELECT action, outcome, why FROM projection.set_aside_action"
        ' WHERE projection = $1 AND partition = $2 AND "offset" = $3 ORDER BY number',
        entry["projection"],
        entry["partition"],
        entry["offset"],
    )
    return [tuple(row) for row in rows]


async def test_a_record_that_cannot_be_applied_is_set_aside_alone_and_applied_once_after_a_fix(lab: Lab) -> None:
    lab.append([*["good"] * 150, "bug", *["good"] * 99, "poison", *["good"] * 149])
    service = await asyncio.to_thread(lab.start)
    await lab.until_applied(400)
    assert await lab.rows() == await lab.counts() == Counter(good=398)
    operator = lab.client(service)
    listed = operator.get("/v1/set-aside", params={"projection": lab.names[0], "state": "waiting"}).json()["set_aside"]
    poison, bug = sorted(listed, key=lambda entry: entry["reason"], reverse=True)
    assert (poison["reason"], poison["subjects"]) == ("not-a-word", ["key-poison"])
    assert (bug["reason"], bug["error"], bug["subjects"]) == ("handler-raised", "ValueError", ["key-bug"])
    assert command(lab, service, "list")[1].endswith("2 set aside\n")
    assert '"reason": "handler-raised"' in command(lab, service, "show", name(bug))[1]
    assert "nobody may see" not in operator.get("/v1/set-aside").text + lab.logs()

    shown = operator.get(place(bug)).json()
    assert (shown["record"]["key"], shown["record"]["bytes"], shown["actions"]) == ("key-bug", 3, [])
    assert operator.post(f"{place(bug)}:retry").json() == {"outcome": "still-set-aside"}
    (lab.folder / "fixed").touch()
    assert command(lab, service, "retry", "all", "--why", "fixed") == (
        1,
        f"{name(bug)}  applied\n{name(poison)}  still-set-aside\n",
    )
    assert operator.post(f"{place(bug)}:retry").json() == {"outcome": "nothing-to-do"}
    assert await lab.rows() == await lab.counts() == Counter(good=398, bug=1)
    assert await outcomes(lab, bug) == [
        ("retry", "still-set-aside", None),
        ("retry", "applied", "fixed"),
        ("retry", "nothing-to-do", None),
    ]
    assert refusal(operator.get(place(bug)))[:2] == (404, "unknown-set-aside")

    assert refusal(operator.post(f"{place(poison)}:skip"))[:2] == (422, "missing-field")
    # Of several places a wrong one is told before any is skipped.
    wrong = name(poison | {"offset": 10**9})
    assert "unknown-set-aside" in command(lab, service, "skip", name(poison), wrong, "--why", "x")[1]
    assert command(lab, service, "skip", *[name(poison)] * 2, "--why", "never was a word") == (
        0,
        f"{name(poison)}  skipped\n",
    )
    assert operator.post(f"{place(poison)}:skip", json={"why": "again"}).json() == {"outcome": "nothing-to-do"}
    (skipped,) = operator.get("/v1/set-aside", params={"state": "skipped"}).json()["set_aside"]
    assert (skipped["why"], skipped["state"]) == ("never was a word", "skipped")
    assert operator.get("/v1/projections").json()["projections"][0]["set_aside"] == {"waiting": 0, "skipped": 1}


async def test_who_may_not_mend_is_refused_and_wrong_places_are_not_found(lab: Lab) -> None:
    service = await asyncio.to_thread(lab.start)
    entry = {"projection": lab.names[0], "topic": lab.topic, "partition": 0, "offset": 0}
    for role in ("registrar", "auditor"):
        assert refusal(lab.client(service, role).post(f"{place(entry)}:retry"))[:2] == (403, "role-may-not")
    operator = lab.client(service)
    assert operator.get("/v1/projections").status_code == 200
    for odd in (place(entry), place(entry | {"offset": "x"}), place(entry | {"partition": 10**12})):
        assert refusal(operator.get(odd))[:2] == (404, "unknown-set-aside")
        assert refusal(operator.post(f"{odd}:skip", json={"why": "x"}))[:2] == (404, "unknown-set-aside")
    # A misspelt name must not look like "nothing is set aside" or "nothing to do".
    misspelt = place(entry | {"projection": "registr"})
    assert refusal(operator.post(f"{misspelt}:retry"))[:2] == (404, "unknown-projection")
    assert refusal(operator.get("/v1/set-aside", params={"projection": "registr"}))[:2] == (404, "unknown-projection")
    del operator.headers["authorization"]
    assert refusal(operator.get("/v1/projections"))[:2] == (401, "no-token")


async def test_too_much_set_aside_halts_and_a_start_after_the_fix_goes_on_where_it_was(lab: Lab) -> None:
    lab.append(["good"] * 400)
    service = await asyncio.to_thread(lab.start, 2)
    await lab.until_applied(400)
    lab.append([word for number in range(60) for word in ("bug", f"new-{number}")])

    async def halted() -> str | None:
        query = "SELECT halted_reason FROM projection.version WHERE projection = $1"
        return await lab.database.fetchval(query, lab.names[0])

    await lab.until(halted, "too-many-set-aside")
    assert not service.is_ready()
    (words,) = lab.client(service).get("/v1/projections").json()["projections"]
    assert words["halted"]["reason"] == "too-many-set-aside"
    aside = await lab.set_aside()
    assert len(aside) <= 40
    (line,) = [json.loads(line) for line in lab.logs().splitlines() if '"event":"halted"' in line]
    assert (line["reason"], line["error"]) == ("too-many-set-aside", "ValueError")
    assert "words.py" in line["where"][-1]
    assert (await lab.rows())["bug"] == 0

    await asyncio.to_thread(service.end, 15)
    (lab.folder / "fixed").touch()
    await asyncio.to_thread(service.start)
    await lab.until_applied(520)
    assert await lab.set_aside() == aside
    assert (await lab.rows())["bug"] == 60 - len(aside)
    operator = lab.client(service)
    for entry in aside:
        assert operator.post(f"{place(entry)}:retry").json() == {"outcome": "applied"}
    assert await lab.rows() == await lab.counts()
    assert await lab.rows() == Counter({"good": 400, "bug": 60} | {f"new-{number}": 1 for number in range(60)})


async def test_who_has_found_the_records_themselves_bad_lets_more_of_them_be_set_aside(lab: Lab) -> None:
    lab.append(["poison"] * 30 + ["good"] * 10)
    service = await asyncio.to_thread(lab.start)

    async def halted() -> bool:
        query = "SELECT halted_at IS NOT NULL FROM projection.version WHERE projection = $1"
        return bool(await lab.database.fetchval(query, lab.names[0]))

    await lab.until(halted, True)
    await asyncio.to_thread(service.end, 15)
    await asyncio.to_thread(lab.start, DOMICILE_PROJECTIONS_ASIDE_MAX="30")
    await lab.until_applied(40)
    assert await lab.rows() == Counter(good=10)
    assert len(await lab.set_aside()) == 30
    assert not await halted()
