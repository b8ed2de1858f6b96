"""Events of a region's log as people read them. Personal particulars stay sealed unless somebody gives an
unsealer.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from confluent_kafka import Message

from services.kernel.asking import CannotGoOn
from services.kernel.codec import Decoder
from services.kernel.contract.catalog import ENVELOPE, Catalog
from services.kernel.contract.fields import PRECISION_SUFFIX, Field
from services.kernel.errors import Corrupt, Unavailable
from services.kernel.log.reader import LogReader, Partition, Range, offset_of, partition_of, recorded_at
from services.kernel.log.topics import CONTEXTS, get_topic

Record = Mapping[str, Any]
Unseal = Callable[[Record, Record], Any]
"""From a subject and one of its sealed blocks to what is shown of it. The place where a token and a purpose
would decide.
"""

_EPOCH = date(1970, 1, 1)
_UUID_BYTES = 16
_SHOWN_CHARS = {"year": 4, "month": 7}
_WIDER = 8


def sealed(subject: Record, block: Record) -> Any:
    """Nothing is unsealed."""
    return "sealed"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events are shown: of these types (all, if none is named), about this person (or pseudonym)."""

    types: frozenset[str] = frozenset()
    person: UUID | None = None

    def may_take(self, framed: bytes) -> bool:
        """Told without decoding: the 16 bytes of a person's id stand in the record as they are."""
        return self.person is None or self.person.bytes in framed

    def takes(self, event: Record) -> bool:
        if self.types and event["type"] not in self.types:
            return False
        if self.person is None:
            return True
        return any(subject.get("person_id") == str(self.person) for subject in event.get("subjects", []))


class Tail:
    """Reads and shows the topics of one region."""

    def __init__(self, reader: LogReader, region: str, catalog: Catalog, unseal: Unseal = sealed) -> None:
        self._reader = reader
        self._decoder = Decoder(catalog)
        self._unseal = unseal
        self._partitions = reader.partitions([get_topic(region, context) for context in CONTEXTS])
        if not self._partitions:
            raise CannotGoOn(f"The log has no topics of {region!r}.", "Look at `domicile status`.")

    def ranges(self) -> dict[Partition, Range]:
        """What the log holds now."""
        return self._reader.ranges(self._partitions)

    def all(self, ranges: Mapping[Partition, Range], wanted: Filter) -> Iterator[Record]:
        """Everything in these ranges, in the order of the log within each partition."""
        return self._read(ranges, wanted)

    def last(self, count: int, ranges: Mapping[Partition, Range], wanted: Filter) -> list[Record]:
        """The `count` events of these ranges that were recorded last, oldest first."""
        span = count
        while True:
            near = {p: Range(max(r.first, r.next_offset - span), r.next_offset) for p, r in ranges.items()}
            found = sorted(self._read(near, wanted), key=lambda event: str(event["recorded_at"]))
            if len(found) >= count or near == ranges:
                return found[max(len(found) - count, 0) :]
            span *= _WIDER

    def follow(self, ranges: Mapping[Partition, Range], wanted: Filter) -> Iterator[Record]:
        """What comes after these ranges, for ever; a broker that is away is waited for."""
        self._reader.assign({p: r.next_offset for p, r in ranges.items()})
        while True:
            try:
                batch = self._reader.read(500, 0.5)
            except Unavailable:
                continue
            for message in batch:
                yield from self._shown(message, wanted)

    def _read(self, ranges: Mapping[Partition, Range], wanted: Filter) -> Iterator[Record]:
        for batch in self._reader.read_range(ranges):
            for message in batch:
                yield from self._shown(message, wanted)

    def _shown(self, message: Message, wanted: Filter) -> Iterator[Record]:
        if wanted.may_take(message.value() or b""):
            event = read_event(message, self._decoder, self._unseal)
            if wanted.takes(event):
                yield event


def read_event(message: Message, decoder: Decoder, unseal: Unseal = sealed) -> Record:
    """A record of the log as an object of plain JSON values; one that nobody can read says so in
    `unreadable`.
    """
    where = partition_of(message)
    at = recorded_at(message)
    position = {"topic": where.topic, "partition": where.number, "offset": offset_of(message)}
    placed = {"position": position, "recorded_at": at.isoformat(timespec="milliseconds") if at else None}
    try:
        event = decoder.decode(message.value() or b"")
    except Corrupt as wrong:
        return {"type": "?", "unreadable": wrong.code, **placed}
    fields = _plain_fields((*ENVELOPE, *event.version.own_fields), event.record)
    fields["subjects"] = [_subject(subject, unseal) for subject in event.record.get("subjects", [])]
    return {"type": event.type, "version": event.version.version, **fields, **placed}


def as_json(event: Record) -> str:
    """One line of JSON."""
    return json.dumps(event, ensure_ascii=False, default=str)


def as_text(event: Record) -> str:
    """One line for people: when and where recorded, what, when it happened, about whom, and the facts."""
    at = str(event["recorded_at"] or "").replace("T", " ")[:23]
    position = event["position"]
    head = f"{at}  {position['topic']}/{position['partition']}@{position['offset']}  {event['type']}"
    if "unreadable" in event:
        return f"{head}  UNREADABLE: {event['unreadable']}"
    about = ", ".join(_named(subject) for subject in event["subjects"])
    facts = "  ".join(f"{k}={_short(v)}" for k, v in _facts(event))
    return f"{head}  {event['occurred_on']}  {about}  {facts}".rstrip()


def _facts(event: Record) -> list[tuple[str, Any]]:
    envelope = {field.name for field in ENVELOPE} - {"residence_area", "occurrence_area"}
    hidden = envelope | {"type", "version", "position", "recorded_at", "office"}
    return [(k, v) for k, v in event.items() if k not in hidden and v not in (None, [], "")]


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _named(subject: Record) -> str:
    particulars = ", ".join(f"{k} {_short(v)}" for k, v in subject["particulars"].items())
    return f"{subject['role']} {subject['person_id']}" + (f" ({particulars})" if particulars else "")


def _plain_fields(fields: Sequence[Field], record: Record) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for field in fields:
        if field.name.endswith(PRECISION_SUFFIX) or field.name not in record:
            continue
        value = record[field.name]
        if field.kind == "bytes" and isinstance(value, bytes):
            shown[field.name] = _bytes(field.name, value)
            continue
        shown[field.name] = _plain(value, field.kind, record.get(f"{field.name}_precision"))
    return shown


def _bytes(name: str, value: bytes) -> str:
    """What a correction carries: a whole event is not for reading as digits, a Kafka key is text."""
    if name == "replacement":
        return f"<framed event, {len(value)} bytes>"
    if name == "target_key":
        return value.decode(errors="backslashreplace")
    return value.hex()


def _plain(value: Any, kind: str, precision: Any = None) -> Any:
    if isinstance(value, list):
        return [_plain(each, kind) for each in value]
    if kind == "date" and isinstance(value, int):
        return (_EPOCH + timedelta(days=value)).isoformat()[: _SHOWN_CHARS.get(str(precision), 10)]
    if kind == "timestamp-millis" and isinstance(value, int):
        return datetime.fromtimestamp(value / 1000, UTC).isoformat(timespec="milliseconds")
    if isinstance(value, bytes):
        return str(UUID(bytes=value)) if kind == "uuid" and len(value) == _UUID_BYTES else value.hex()
    if isinstance(value, dict):
        return {k: _plain(v, "") for k, v in value.items()}
    return value


def _subject(subject: Record, unseal: Unseal) -> Record:
    return {
        "role": subject["role"],
        "region": subject["region"],
        "person_id": str(UUID(bytes=subject["person_id"])),
        "identified_by": subject["identified_by"],
        "particulars": {block["compartment"]: unseal(subject, block) for block in subject["blocks"]},
    }
