"""One person's record, and a mistake of long ago that two people put right."""

import time
from typing import Any

import msgspec

from deploy.demo.office import CASE, Office
from deploy.demo.scene import Scene, must_be
from services.kernel.clock import SystemClock
from services.kernel.event_id import new_event_id

REGION, AREA = "gotland", "0980"
YEAR = 2006


def correct_the_past(scene: Scene) -> None:
    """A birth of 2006 was written down with the wrong year; nothing is re-run by hand."""
    scene.stage.act("A mistake of nine years ago is put right, and nobody re-runs anything")
    clerk, colleague = (
        Office(scene, REGION, "registrar", sub="clerk-1"),
        Office(scene, REGION, "approver", sub="clerk-2"),
    )
    birth, answer = _find_uncorrected_birth(scene, clerk)
    person_id = answer["subjects"][0]["person_id"]
    position = _place(answer["position"])
    before = clerk.person(person_id, wait_for=position)
    scene.stage.say(
        f"What the register knows of {person_id} before, as `domicile person {REGION} {person_id}` shows it:"
    )
    _show(scene, before)
    figures = _read_figures(scene)

    wrong, right = birth["occurred_on"], birth["occurred_on"].replace(str(YEAR), str(YEAR + 1), 1)
    scene.known_before = SystemClock().now().isoformat(timespec="milliseconds")
    approved = _correct(clerk, colleague, birth, answer, right)
    place = _place(approved["position"])
    scene.stage.say(f"One clerk drafted the correction ({wrong} becomes {right}), another approved it: {place}")
    after = clerk.person(person_id, wait_for=place)
    _show(scene, after)
    _show_restated(scene, figures)
    known = scene.known_before
    then = clerk.person(person_id, as_known_at=known)
    scene.stage.say(f"The same person as known before it (as_known_at={known}): born {then['current']['born_on']}.")
    must_be(after["current"]["born_on"] == right, "the correction did not reach the register")
    must_be(then["current"]["born_on"] == wrong, "the past as it was known has changed")
    _show_readers(scene, clerk, person_id)


def _find_uncorrected_birth(scene: Scene, clerk: Office) -> tuple[dict[str, Any], dict[str, Any]]:
    """A child of the year who never moved and whose birth no earlier demo corrected, and how ingest answered it."""
    importer = Office(scene, REGION, "importer")
    for line in scene.files[REGION].events.open("rb"):
        if not line.startswith(b'{"type":"BirthRegistered"'):
            continue
        birth: dict[str, Any] = msgspec.json.decode(line)
        if not birth["occurred_on"].startswith(str(YEAR)):
            continue
        answer = importer.post("/v1/events", birth)
        record = clerk.person(answer["subjects"][0]["person_id"])
        if len(record["timeline"]) == 1 and not record["findings"]:
            return birth, answer
    raise RuntimeError(f"no birth of {YEAR} is left to correct")


def _correct(
    clerk: Office, colleague: Office, birth: dict[str, Any], answer: dict[str, Any], right: str
) -> dict[str, Any]:
    """Drafted by one, approved by another; the approver's answer says where the correction stands."""
    people = [subject["person_id"] for subject in answer["subjects"]]
    subjects = [subject | {"person_id": person} for subject, person in zip(birth["subjects"], people, strict=True)]
    now = SystemClock().now()
    draft = clerk.post(
        "/v1/corrections",
        {
            "type": "EventCorrected",
            "event_id": str(new_event_id(now)),
            "occurred_on": now.date().isoformat(),
            "registered_at": now.isoformat(),
            "residence_area": AREA,
            "office": birth["office"],
            "target_event_id": birth["event_id"],
            "reason": "wrong-date",
            "replacement": birth | {"subjects": subjects, "occurred_on": right},
        },
    )
    return colleague.post(f"/v1/corrections/{draft['draft_id']}:approve", {})


def _read_figures(scene: Scene, **vintage: str) -> dict[str, float]:
    """What a birth moved from one year to the next restates."""
    ask = Office(scene, REGION, "statistician")
    asked = {"area": AREA, "from": YEAR, **vintage}
    at_end = ask.rows("/v1/population", area=AREA, at=f"{YEAR}-12-31", **vintage)[0]["people"]
    births, rate = (ask.figures(id, **asked)[0]["value"] for id in ("births", "crude-birth-rate"))
    return {f"births of {YEAR}": births, f"people at the end of {YEAR}": at_end, f"crude birth rate of {YEAR}": rate}


def _show_restated(scene: Scene, before: dict[str, float]) -> None:
    """Three figures of nine years ago: as they were, as they are now, and as they were known before."""
    after, known = _read_figures(scene), _read_figures(scene, as_known_at=scene.known_before)
    rows = [(name, *(f"{each[name]:,.4f}".removesuffix(".0000") for each in (before, after, known))) for name in before]
    scene.stage.table(("figure", "before", "after", "after, as known before"), rows)
    (births, people, rate), (births_now, people_now, rate_now) = before.values(), after.values()
    must_be((births_now, people_now) == (births - 1, people - 1), "the correction did not restate the counts")
    must_be(rate_now < rate, "the correction did not restate the rate")
    must_be(known == before, "figures as they were known have changed")


def _show(scene: Scene, record: dict[str, Any]) -> None:
    current, civil = record["current"], record["particulars"]["civil"] or {}
    scene.stage.facts(
        {
            "name": f"{civil.get('given_names', '')} {civil.get('family_name', '')}".strip(),
            "born": current["born_on"],
            "sex": current["sex"],
            "lives in": (current["usual"] or {}).get("area"),
            "timeline": "; ".join(
                f"{each['type']} {each['occurred_on']}: {each['state']}" for each in record["timeline"]
            ),
        }
    )


def _show_readers(scene: Scene, clerk: Office, person_id: str) -> None:
    """Every look above stands on the log, and in the person's own view of it."""
    until = time.monotonic() + 30
    readings: list[dict[str, Any]] = []
    while len(readings) < 3 and time.monotonic() < until:
        readings = clerk.read(f"/v1/persons/{person_id}/readers", case=CASE)["readers"]
        time.sleep(0.1)
    must_be(len(readings) >= 3, "a look at a record was not recorded")
    first = readings[0]
    scene.stage.say(
        f"Who looked: {len(readings)} readings so far; the latest by {first['actor']} as {first['role']},"
        f" for {first['purpose']}, case {first['case_reference']}."
    )


def _place(position: dict[str, Any]) -> str:
    return f"{position['topic']}:{position['partition']}:{position['offset']}"
