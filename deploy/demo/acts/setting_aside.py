"""A record that nobody can read does not stop the register, and does not get lost either."""

import time
from typing import Any

from confluent_kafka import Producer

from deploy.demo.acts.correcting import REGION
from deploy.demo.office import Office
from deploy.demo.scene import Scene, must_be
from services.kernel.log.topics import get_topic

_DAMAGED = b"\x00\x00\x00\x00\x01\xff\xff\xff damaged on its way"
_PATIENCE_S = 30.0


def set_damage_aside(scene: Scene) -> None:
    """Damage on the log, with a person's key: set aside alone, by its place; the record says that it is incomplete."""
    scene.stage.act("A damaged record is set aside alone, and the person's record says so")
    clerk, operator = Office(scene, REGION, "registrar"), Office(scene, REGION, "operator")
    person_id, place = _damage(scene)
    scene.stage.say(f"Bytes that nobody can read were put on the log at {place}, under the key of {person_id}.")
    _wait_until_aside(operator, place)
    record = clerk.person(person_id, wait_for=place)
    must_be(record["incomplete"], "the record of a person with a damaged event is not shown as incomplete")
    scene.stage.say("The register went on. The person's record now says that something is missing in it:")
    scene.stage.facts({"incomplete": record["incomplete"], "set aside": record["set_aside"]})
    for entry in _entries(operator, place):
        path = f"/v1/set-aside/{entry['projection']}/{place.replace(':', '/')}"
        tried = operator.tell(f"{path}:retry", {})
        operator.tell(f"{path}:skip", {"why": "Damaged by the demo; nothing was lost."})
        scene.stage.say(
            f"{entry['projection']}: {entry['reason']}; tried again: {tried['outcome']}; given up, with a reason."
        )
    must_be(not _entries(operator, place), "what was given up still waits")
    scene.stage.say("A skip is for good: a rebuild obeys it too. `domicile set-aside list` shows what waits.")


def _damage(scene: Scene) -> tuple[str, str]:
    """Appends bytes that are no event; whose key they have, and their place."""
    topic = get_topic(REGION, "registration")
    key = _last_key(scene, topic)
    placed: list[Any] = []
    producer = Producer({"bootstrap.servers": scene.running.kafka, "partitioner": "murmur2_random", "acks": "all"})
    producer.produce(topic, _DAMAGED, key, on_delivery=lambda error, message: placed.append(error or message))
    producer.flush(_PATIENCE_S)
    must_be(bool(placed) and hasattr(placed[0], "offset"), "the broker did not take the damaged record")
    place = f"{topic}:{placed[0].partition()}:{placed[0].offset()}"
    text = key.decode()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}", place


def _last_key(scene: Scene, topic: str) -> bytes:
    """The key of the last birth or death that was registered and can be read."""
    ranges = scene.reader.ranges(scene.reader.partitions([topic]))
    for batch in scene.reader.read_range(
        {p: r._replace(first=max(r.first, r.next_offset - 9)) for p, r in ranges.items()}
    ):
        for message in reversed(batch):
            key, value = message.key(), message.value()
            if isinstance(key, bytes) and value is not None and len(value) > len(_DAMAGED) * 2:
                return key
    raise RuntimeError(f"there is no event on {topic}")


def _wait_until_aside(operator: Office, place: str) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not any(entry["projection"] == "register" for entry in _entries(operator, place)):
        must_be(time.monotonic() < until, "the damaged record was not set aside")
        time.sleep(0.05)


def _entries(operator: Office, place: str) -> list[dict[str, Any]]:
    topic, partition, offset = place.split(":")
    found = operator.read("/v1/set-aside", state="waiting")["set_aside"]
    return [e for e in found if (e["topic"], str(e["partition"]), str(e["offset"])) == (topic, partition, offset)]
