"""Findings as records of the log. All of it stands in fields of its own: anybody may count them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.exchange.journal.entry import SYSTEM, Entry
from services.exchange.journal.findings import FindingEnd, FindingKind, FindingNote
from services.kernel.codec.posts.dates import EPOCH, to_milliseconds
from services.kernel.contract.catalog import EventVersion

FINDING = "ExchangeFindingLogged"


def finding_entry(event_id: UUID, partner: str, at: datetime, note: FindingNote) -> Entry:
    """An entry of the journal. It stands under the conversation that asks because of it, else under itself."""
    return Entry(
        event_id=event_id,
        partner=partner,
        conversation_id=str(note.verify_id or note.finding_id),
        at=at,
        stimulus=note,
    )


def write_finding(entry: Entry, note: FindingNote, event: EventVersion, region: str) -> dict[str, Any]:
    """The record's fields but the content tag."""
    return {
        "event_id": entry.event_id.bytes,
        "region": region,
        "subjects": [],
        "occurred_on": entry.at.astimezone(UTC).toordinal() - EPOCH,
        "occurred_on_precision": "day",
        "registered_at": to_milliseconds(entry.at),
        "office": SYSTEM,
        "actor": entry.actor,
        "purpose": event.purpose,
        "legal_basis": event.legal_basis,
        "source": "system",
        "conversation_id": None if note.verify_id is None else note.verify_id.bytes,
        "link_id": note.link_id.bytes,
        "partner_region": entry.partner,
        "finding_id": note.finding_id.bytes,
        "kind": _word(note.kind),
        "ended": None if note.ended is None else _word(note.ended),
        "run_id": None if note.run_id is None else note.run_id.bytes,
    }


def read_finding(record: Mapping[str, Any]) -> Entry:
    """KeyError, TypeError or ValueError where it is none."""
    note = FindingNote(
        finding_id=UUID(bytes=record["finding_id"]),
        link_id=UUID(bytes=record["link_id"]),
        kind=FindingKind(_code(record["kind"])),
        run_id=_id(record["run_id"]),
        verify_id=_id(record["conversation_id"]),
        ended=None if record["ended"] is None else FindingEnd(_code(record["ended"])),
    )
    at = datetime.fromtimestamp(record["registered_at"] / 1000, UTC)
    return finding_entry(UUID(bytes=record["event_id"]), record["partner_region"], at, note)


def _word(code: str) -> str:
    return code.lower().replace("_", "-")


def _code(word: str) -> str:
    return word.upper().replace("-", "_")


def _id(found: bytes | None) -> UUID | None:
    return None if found is None else UUID(bytes=found)
