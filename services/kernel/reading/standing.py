"""Which of all that was said still stands: what was corrected or annulled does not. Pure.

The same rule by which lives are folded: of all corrections and annulments of one event, the latest decides, by
(registered_at, event id); acts about acts have no effect. A correction stands for what it carries, in full.
"""

from collections.abc import Iterable

from services.kernel.codec import Decoder, Event

TARGET, REPLACEMENT = "target_event_id", "replacement"


def list_standing(decoder: Decoder, framed: Iterable[bytes]) -> list[Event]:
    """The events that stand among those of some threads, in the order in which they happened.

    `framed`: whatever was ever said about these events, each once. Raises `Corrupt`.
    """
    events = {event.record["event_id"]: event for event in map(decoder.decode, framed)}
    acts: dict[bytes, Event] = {}
    for event in events.values():
        if TARGET in event.record:
            thread_id = event.record[TARGET]
            other = acts.get(thread_id)
            if other is None or _place(event) > _place(other):
                acts[thread_id] = event
    standing = [event for key, event in events.items() if TARGET not in event.record and key not in acts]
    for thread_id, act in acts.items():
        target = events.get(thread_id)
        carried = act.record.get(REPLACEMENT)
        if carried is None or (target is not None and TARGET in target.record):
            continue
        replacement = decoder.decode(carried)
        if TARGET not in replacement.record:
            standing.append(replacement)
    return sorted(standing, key=lambda each: (each.record["occurred_on"], *_place(each)))


def _place(event: Event) -> tuple[int, bytes]:
    return event.record["registered_at"], event.record["event_id"]
