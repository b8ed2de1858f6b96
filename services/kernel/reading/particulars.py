"""Sealed particulars, opened at the moment when somebody may read them, and put together from all events that stand."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from services.kernel.codec import Decoder, Event
from services.kernel.contract.catalog import Catalog
from services.kernel.database import Connection, Uuid
from services.kernel.privacy.data_keys import DataKeys
from services.kernel.privacy.region_key import RegionKey
from services.kernel.privacy.sealing import DataKey, unseal
from services.kernel.reading.standing import REPLACEMENT

Block = dict[str, Any]

_NAMES = ("full_name", "family_name", "given_names")
# They say something about an event, not about the person.
_OF_EVENTS = frozenset({"changes", "statement", "previous_address", "document_number", "appointment_at", "note"})


@dataclass(slots=True)
class Particulars:
    """`blocks`: by compartment, oldest event first. `redacted`: where something cannot be opened any more."""

    blocks: dict[str, list[Block]] = field(default_factory=dict)
    redacted: set[str] = field(default_factory=set)

    def current(self, compartment: str) -> Block | None:
        """What stands at the end; None if nothing of it can be read."""
        blocks = self.blocks.get(compartment)
        return combine(blocks) if blocks else None


class _Sealed(NamedTuple):
    event_id: bytes
    person_id: bytes
    block: Mapping[str, Any]


class ParticularsReader:
    """Opens what a record holds, as far as the keys exist."""

    def __init__(self, catalog: Catalog, region_key: RegionKey) -> None:
        self._decoder = Decoder(catalog)
        self._keys = DataKeys(region_key)

    async def read(
        self, connection: Connection, events: Iterable[bytes], people: Collection[bytes], compartments: Collection[str]
    ) -> Particulars:
        """`events`: framed records that stand, oldest first; a correction stands for what it carries."""
        decoded = (self._decoder.decode(framed) for framed in events)
        standing = [self._decoder.decode(e.record[REPLACEMENT]) if REPLACEMENT in e.record else e for e in decoded]
        (opened,) = await self.read_many(connection, [(standing, people)], compartments)
        return opened

    async def read_many(
        self,
        connection: Connection,
        asked: Sequence[tuple[Sequence[Event], Collection[bytes]]],
        compartments: Collection[str],
    ) -> list[Particulars]:
        """Those of several people at once: for each the events that stand, oldest first, and the ids of the person."""
        listed = [
            [each for event in events for each in _list_sealed(event, people, compartments)] for events, people in asked
        ]
        key_ids = sorted({Uuid(each.block["key_id"]) for sealed in listed for each in sealed})
        keys = await self._keys.find(connection, key_ids) if key_ids else {}
        return [self._open(sealed, keys) for sealed in listed]

    def _open(self, sealed: Iterable["_Sealed"], keys: Mapping[Uuid, DataKey]) -> Particulars:
        opened = Particulars()
        for each in sealed:
            compartment, key = each.block["compartment"], keys.get(Uuid(each.block["key_id"]))
            if key is None:
                opened.redacted.add(compartment)
                continue
            avro = unseal(key, each.block, event_id=each.event_id, person_id=each.person_id)
            block = self._decoder.decode_block(each.block["block_schema_id"], avro)
            opened.blocks.setdefault(compartment, []).append(block)
        return opened


def _list_sealed(event: Event, people: Collection[bytes], compartments: Collection[str]) -> list[_Sealed]:
    return [
        _Sealed(event.record["event_id"], subject["person_id"], block)
        for subject in event.record["subjects"]
        if subject["person_id"] in people
        for block in subject["blocks"]
        if block["compartment"] in compartments
    ]


def combine(blocks: Sequence[Block]) -> Block:
    """One block from many: the latest word on each thing counts; identifiers and further names add up."""
    combined: Block = {}
    for block in blocks:
        said = {name: value for name, value in block.items() if value not in (None, []) and name not in _OF_EVENTS}
        if "full_name" in said:  # whole names: what was known of the parts may be of another name
            combined = {name: value for name, value in combined.items() if name not in _NAMES}
        elif said.keys() & set(_NAMES):
            combined.pop("full_name", None)
        for name in ("identifiers", "name_variants"):
            if name in said:
                said[name] = _add_up(combined.get(name, []), said[name])
        combined |= said
    return combined


def _add_up(known: Sequence[Block], said: Sequence[Block]) -> list[Block]:
    # The quality of an identifier is what a check of it said; the value is what it is.
    bare = [{name: value for name, value in each.items() if value is not None} for each in (*known, *said)]
    return list({tuple((k, v) for k, v in sorted(each.items()) if k != "quality"): each for each in bare}.values())
