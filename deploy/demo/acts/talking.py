"""How ingest answers: a refusal that helps, and a retry that is safe."""

from typing import Any

import msgspec

from deploy.demo.scene import Scene, must_be
from services.ingest.client.transport import JSON, Answer, Connection

_EVENTS = "/v1/events"


def show_refusal(scene: Scene) -> None:
    """A misspelt field and a day that does not exist."""
    scene.stage.act("A refusal says what to change")
    bad = _a_birth(scene) | {
        "event_id": "018f3c6e-0000-7000-8000-00000000d3a0",
        "occurred_on": "2015-02-30",
        "birth_ordre": 2,
    }
    scene.stage.say(f'Posted to gotland: a birth with "occurred_on": "{bad["occurred_on"]}" and "birth_ordre": 2.')
    answer = _post(scene, "gotland", msgspec.json.encode(bad))
    scene.stage.say(f"Answer {answer.status}, {answer.headers.get('content-type', '')}:")
    scene.stage.json(answer.json())
    must_be(answer.status in (400, 422), "a bad event was not refused")


def show_retry(scene: Scene) -> None:
    """An event that was imported, posted twice more."""
    scene.stage.act("A retry is always safe")
    event = _a_birth(scene)
    body = msgspec.json.encode(event)
    first, second = _post(scene, "gotland", body), _post(scene, "gotland", body)
    scene.stage.say(f"{event['type']} {event['event_id']} was imported above. Posted once more, and again:")
    for answer in (first, second):
        told = answer.json()
        position = told.get("position") or {}
        where = f"{position.get('topic')}, partition {position.get('partition')}, offset {position.get('offset')}"
        scene.stage.say(f"{answer.status}  {where}, recorded {told.get('recorded_at')}")
    scene.stage.say("The answer is that of the first time; the log did not grow. Another content under that id:")
    other = _post(scene, "gotland", msgspec.json.encode(event | {"office": "0980-2"}))
    scene.stage.say(
        f"{other.status}  {other.json().get('code')}: {other.json().get('rule') or other.json().get('detail')}"
    )
    must_be(first.status == second.status == 200, "a retry was not answered with 200")
    must_be(first.json() == second.json(), "two retries were answered differently")
    must_be(other.status == 409, "another content under the same id was not refused")


def _a_birth(scene: Scene) -> dict[str, Any]:
    """The first birth of Gotland's file."""
    with scene.files["gotland"].events.open("rb") as file:
        for line in file:
            if line.startswith(b'{"type":"BirthRegistered"'):
                event: dict[str, Any] = msgspec.json.decode(line)
                return event
    raise RuntimeError("there is no birth in Gotland's file")


def _post(scene: Scene, region: str, body: bytes) -> Answer:
    door = scene.door(region, "importer")
    connection = Connection(door.url)
    try:
        return connection.post(_EVENTS, body, JSON, door.token())
    finally:
        connection.close()
