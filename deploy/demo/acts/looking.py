"""What stands on the log now."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from deploy.demo.scene import Scene
from services.ingest.client.tailing import Filter, Tail
from services.kernel.log.reader import Partition, Range
from services.kernel.log.topics import CONTEXTS, get_topic

Event = Mapping[str, Any]

_NEAR = 400
_LOOKED_AT = ("gotland.registration", "gotland.migration", "jamtland.migration")
_DEPARTURES = Filter(frozenset({"DepartureRegistered"}))
_ARRIVALS = Filter(frozenset({"ArrivalRegistered"}))
_HIDDEN = ("type", "version", "position", "subjects", "content_tag", "actor", "purpose", "legal_basis", "source")


def show_topics(scene: Scene) -> None:
    """Events and bytes of each topic, and how fast this import filled it."""
    scene.stage.act("What the log holds: a topic for each region and context")
    topics = {get_topic(name, context): name for name in scene.files for context in CONTEXTS}
    ranges = scene.reader.ranges(scene.reader.partitions(list(topics)))
    sizes = _measure(scene, ranges)
    rows = [_topic_row(scene, region, topic, ranges, sizes) for topic, region in topics.items() if sizes[topic]]
    scene.stage.table(("topic", "partitions", "events", "bytes", "bytes/event", "new", "events/s"), rows)
    scene.stage.quiet("Bytes are keys and values, before the log compresses them. Nothing is ever deleted.")


def _measure(scene: Scene, ranges: Mapping[Partition, Range]) -> Counter[str]:
    sizes: Counter[str] = Counter()
    for batch in scene.reader.read_range(ranges):
        for message in batch:
            sizes[message.topic() or ""] += len(message.key() or b"") + len(message.value() or b"")
    return sizes


def _topic_row(
    scene: Scene, region: str, topic: str, all_ranges: Mapping[Partition, Range], sizes: Counter[str]
) -> list[str]:
    ranges = {p: span for p, span in all_ranges.items() if p.topic == topic}
    events, size = sum(span.next_offset - span.first for span in ranges.values()), sizes[topic]
    new = sum(span.next_offset - scene.before.get(p, span).next_offset for p, span in ranges.items())
    rate = f"{new / scene.imported[region].seconds:,.0f}" if new else "-"
    return [topic, str(len(ranges)), f"{events:,}", f"{size:,}", f"{size / events:,.0f}", f"{new:,}", rate]


def show_events(scene: Scene) -> None:
    """One person found living here, one birth, and one move as both registers hold it."""
    scene.stage.act("A few events, decoded")
    scene.stage.say("Names and identifiers are sealed with a key per person; nobody who reads the log can open them.")
    gotland, jamtland = (Tail(scene.reader, name, scene.catalog) for name in ("gotland", "jamtland"))
    registered, left, came = (_ranges(scene, topic) for topic in _LOOKED_AT)
    partition, span = next((p, r) for p, r in registered.items() if r.first < r.next_offset)
    for event in gotland.all({partition: Range(span.first, span.first + 1)}, Filter()):
        _show_event(scene, event)
    for birth in gotland.last(1, _near_end(registered), Filter(frozenset({"BirthRegistered"}))):
        _show_event(scene, birth)
    move = _find_move(gotland.all(_near_end(left), _DEPARTURES), jamtland.all(_near_end(came), _ARRIVALS))
    if move is not None:
        scene.stage.say("One move, in the register of the origin and in that of the destination:")
        for event in move:
            _show_event(scene, event)


def _ranges(scene: Scene, topic: str) -> dict[Partition, Range]:
    return scene.reader.ranges(scene.reader.partitions([topic]))


def _near_end(ranges: Mapping[Partition, Range]) -> dict[Partition, Range]:
    return {p: Range(max(r.first, r.next_offset - _NEAR), r.next_offset) for p, r in ranges.items()}


def _find_move(departures: Iterable[Event], arrivals: Iterable[Event]) -> tuple[Event, Event] | None:
    """A departure for Jämtland and its arrival there. They share no identifier in the open: day, birth date, sex and
    areas agree.
    """
    left = [event for event in departures if event["to_region"] == "jamtland"]
    came: dict[tuple[Any, ...], list[Event]] = defaultdict(list)
    for event in arrivals:
        came[_marks(event)].append(event)
    return next(((event, came[_marks(event)][0]) for event in reversed(left) if len(came[_marks(event)]) == 1), None)


def _marks(event: Event) -> tuple[Any, ...]:
    return event["occurred_on"], event["birth_on"], event["sex"], event["from_area"], event["to_area"]


def _show_event(scene: Scene, event: Event) -> None:
    position = event["position"]
    where = f"{position['topic']}, partition {position['partition']}, offset {position['offset']}"
    scene.stage.say(f"[bold]{event['type']}[/bold] on {where}")
    subjects = {
        subject["role"]: f"{subject['person_id']}" + "".join(f"  {k}: {v}" for k, v in subject["particulars"].items())
        for subject in event["subjects"]
    }
    scene.stage.facts(subjects | {name: value for name, value in event.items() if name not in _HIDDEN})
