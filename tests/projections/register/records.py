"""Logs for tests of the register: any events that the contract allows, about few people, contradicting one another."""

from collections.abc import Sequence
from hashlib import blake2b
from itertools import count
from random import Random
from typing import Any

from services.kernel.codec import encode
from services.kernel.contract.catalog import Catalog, EventVersion
from services.kernel.contract.fields import Field
from services.projections.engine.projection import Place, Record
from services.projections.register.shapes import REPLACEMENT, TARGET

CATALOG = Catalog.load()
REGION = "north"
CONTEXTS = ("registration", "migration", "service")
DAY_MS = 86_400_000
_RECORDS_A_DAY = 11
FACTS = tuple(
    event
    for event in CATALOG.latest_events
    if event.context in CONTEXTS and event.roles and not event.two_people and event.name != "EventCorrected"
)
# Types in which a fact is said to be wrong, or two people to be one, are drawn as often as all others.
LIVES = ("PersonEnumerated", "BirthRegistered", "ArrivalRegistered", "DepartureRegistered", "DeathRegistered")
MERGES = ("PersonsMerged", "PersonsMerged", "MergeReversed")
ACTS = ("EventCorrected", "EventAnnulled")


def make(name: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    """A plain record with nothing in it but what is given."""
    fields = CATALOG.get_event(name).columns_schema["fields"]
    return {field["name"]: _blank(field["type"]) for field in fields} | (data or {})


def frame(name: str, **data: Any) -> bytes:
    """As it stands on the log."""
    return encode(CATALOG.get_event(name), make(name, data))


def _blank(avro_type: Any) -> Any:
    empty: dict[str, Any] = {"string": "", "int": 0, "long": 0, "boolean": False, "bytes": b""}
    if isinstance(avro_type, list):
        return None
    if isinstance(avro_type, str):
        return empty[avro_type]
    match avro_type["type"]:
        case "array":
            return []
        case "fixed":
            return bytes(avro_type["size"])
    return _blank(avro_type["type"])


class Chronicle:
    """Makes up what is logged about the people of one history."""

    def __init__(self, seed: int, people: int = 6, days: int = 40, region: str = REGION) -> None:
        self._random, self._seed, self._days, self._region = Random(seed), seed, days, region
        self._people = [self._key("person", number) for number in range(people)]
        self._events: list[tuple[str, bytes]] = []
        self._numbers = count()

    def write(self, events: int, offsets: "Offsets") -> list[Record]:
        """So many events, some of them twice with another content."""
        ids = [self._key("event", number) for number in range(events)]
        names = [self._draw_name() for _ in ids]
        self._events = list(zip(names, ids, strict=True))
        records = []
        for name, event_id in self._events:
            records.append(self._put(name, event_id, offsets))
            if self._random.random() < 0.05:
                records.append(self._put(self._random.choice((name, *LIVES)), event_id, offsets))
        return records

    def tell(self, events: int) -> list[tuple[EventVersion, dict[str, Any]]]:
        """So many facts, not yet on a log."""
        drawn = [self._random.choice((*LIVES, *(event.name for event in FACTS))) for _ in range(events)]
        self._events = [(name, self._key("event", number)) for number, name in enumerate(drawn)]
        return [(CATALOG.get_event(name), self._say(CATALOG.get_event(name), id_)) for name, id_ in self._events]

    def _put(self, name: str, event_id: bytes, offsets: "Offsets") -> Record:
        version = CATALOG.get_event(name)
        value = encode(version, self._say(version, event_id))
        context = self._random.choice(version.contexts if version.two_people else version.contexts[:1])
        context = context if context in CONTEXTS else CONTEXTS[0]
        return offsets.put(f"{self._region}.{context}", self._random.randrange(4), self._random.randrange(5), value)

    def _draw_name(self) -> str:
        kind = self._random.random()
        if kind < 0.4:
            return self._random.choice(LIVES)
        if kind < 0.75:
            return self._random.choice(FACTS).name
        return self._random.choice(MERGES if kind < 0.83 else ACTS)

    def _say(self, version: EventVersion, event_id: bytes) -> dict[str, Any]:
        day = self._random.randrange(self._days)
        record = make(version.name) | {
            "event_id": event_id,
            "region": self._region,
            "occurred_on": 10_000 + day,
            "occurred_on_precision": self._random.choice(("day", "day", "day", "month", "year")),
            "registered_at": (10_000 + day + self._random.randrange(3)) * DAY_MS,
            "residence_area": self._random.choice(("a1", "a2", None)),
            "occurrence_area": self._random.choice(("a1", None)),
            "office": "a1-1",
            "source": "office",
            "content_tag": self._random.randbytes(16),
            "subjects": self._name(version),
        }
        record |= {field.name: self._value(field) for field in version.own_fields}
        if REPLACEMENT in record:
            instead = CATALOG.get_event(self._random.choice((*LIVES, "PersonsMerged", "MarriageRegistered")))
            record[REPLACEMENT] = encode(instead, self._say(instead, self._key("instead", next(self._numbers))))
        return record

    def _name(self, version: EventVersion) -> list[dict[str, Any]]:
        subjects = []
        for role, said in version.roles.items():
            for _ in range(1 if said.required or self._random.random() < 0.6 else 0):
                region = "elsewhere" if role == "counterpart" or self._random.random() < 0.05 else self._region
                known = self._random.choice(("person_id", "identifier", "derived", "identifier_conflict"))
                subjects.append(
                    {
                        "role": role,
                        "region": region,
                        "person_id": self._draw_person(region),
                        "identified_by": "pseudonym" if version.context == "service" else known,
                        "blocks": [],
                    }
                )
        return subjects

    def _draw_person(self, region: str) -> bytes:
        return (
            self._random.choice(self._people)
            if region == self._region
            else self._key(region, self._random.randrange(3))
        )

    def _value(self, field: Field) -> Any:
        if field.nullable and self._random.random() < 0.3 and not field.name.endswith("_precision"):
            return None
        return [self._plain(field) for _ in range(2)] if field.is_array else self._plain(field)

    def _plain(self, field: Field) -> Any:
        draw = self._random
        if field.vocabulary:
            return draw.choice(sorted(CATALOG.vocabulary(field.vocabulary)))
        match field.kind:
            case "uuid":
                return self._draw_id(field.name)
            case "date":
                return 10_000 + draw.randrange(self._days)
            case "int" | "long" | "timestamp-millis":
                return draw.randrange(1, 4)
            case "boolean":
                return draw.random() < 0.7
            case "bytes":
                return b"key"
        return draw.choice(("a1", "a2", "a3")) if field.is_area else draw.choice(("south", "east"))

    def _draw_id(self, name: str) -> bytes:
        wanted = {"merge_event_id": "PersonsMerged", "departure_event_id": "DepartureRegistered"}.get(name)
        fitting = [event_id for said, event_id in self._events if wanted in (None, said)]
        if name == TARGET or "event_id" in name:
            return self._random.choice(fitting or [event_id for _, event_id in self._events])
        return self._key(name, self._random.randrange(3))

    def _key(self, kind: str, number: int) -> bytes:
        return blake2b(f"{self._seed} {kind} {number}".encode(), digest_size=16).digest()


class Offsets:
    """Gives records their places on the log."""

    def __init__(self) -> None:
        self._next: dict[tuple[str, int], int] = {}
        self._now, self._count = 1_700_000_000_000, 0

    def put(self, topic: str, partition: int, delay_ms: int, value: bytes) -> Record:
        """`delay_ms`: after the one before; several may stand at one instant. Now and then a day goes by."""
        self._count += 1
        self._now += DAY_MS if self._count % _RECORDS_A_DAY == 0 else 0
        offset = self._next.get((topic, partition), 0)
        self._next[topic, partition] = offset + 1
        self._now += delay_ms
        return Record(Place(topic, partition, offset), self._now, "", value)


def write_histories(seeds: Sequence[int], events: int, region: str = REGION) -> list[Record]:
    """The logs of several histories, mixed."""
    offsets = Offsets()
    return [record for seed in seeds for record in Chronicle(seed, region=region).write(events, offsets)]
