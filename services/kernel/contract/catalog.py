"""All published schemas, read once from the folder `schemas/` and looked up by name, version or schema id."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from services.kernel.contract.envelope import ENVELOPE_FIELDS
from services.kernel.contract.fields import Field, Role, read_field, read_roles
from services.kernel.contract.plain import parse_plain, strip
from services.kernel.contract.refusals import UnknownEventType, UnknownSchema, UnknownVersion

DEFAULT_FOLDER = Path(__file__).resolve().parents[3] / "schemas"
BLOCKS = "blocks"
VOCABULARIES = "vocabularies"
SEALED = "sealed.json"


@dataclass(frozen=True)
class EventVersion:
    """One version of one event type.

    `own_fields` are those after the envelope. `key_role` names the role whose person is the Kafka key; types
    that are not about a person have `key_field` instead. `contexts` are the topics where it may stand, its own
    first.
    """

    name: str
    context: str
    contexts: tuple[str, ...]
    version: int
    schema_id: int
    subject_name: str
    document: dict[str, Any]
    doc: str
    own_fields: tuple[Field, ...]
    roles: Mapping[str, Role]
    compartments: frozenset[str]
    legal_basis: str
    purpose: str
    may_be_planned: bool
    posted_by: frozenset[str]
    two_people: bool
    key_role: str | None
    key_field: str | None
    is_latest: bool

    @cached_property
    def plain(self) -> Any:
        """The schema as fastavro parsed it, without logical types: dates are ints, ids are bytes."""
        return parse_plain(self.document)

    @cached_property
    def sorted_compartments(self) -> tuple[str, ...]:
        """The compartments in which a subject of it may have particulars."""
        return tuple(sorted(self.compartments))

    @cached_property
    def columns_schema(self) -> dict[str, Any]:
        """The bare schema for column readers: no docs, defaults or logical types."""
        bare: dict[str, Any] = strip(self.document)
        return bare

    @cached_property
    def fields_by_name(self) -> Mapping[str, Field]:
        """Own fields by name."""
        return MappingProxyType({field.name: field for field in self.own_fields})


@dataclass(frozen=True)
class BlockVersion:
    """One version of the record inside the sealed blocks of one compartment."""

    name: str
    compartment: str
    version: int
    schema_id: int
    subject_name: str
    document: dict[str, Any]
    doc: str
    fields: tuple[Field, ...]
    is_latest: bool

    @cached_property
    def plain(self) -> Any:
        """The schema as fastavro parsed it, without logical types."""
        return parse_plain(self.document)

    @cached_property
    def fields_by_name(self) -> Mapping[str, Field]:
        """Fields by name."""
        return MappingProxyType({field.name: field for field in self.fields})


ENVELOPE: tuple[Field, ...] = tuple(read_field(field) for field in ENVELOPE_FIELDS)
"""The envelope's fields, read."""


class Catalog:
    """The contract in memory. Immutable; build it once where a process is composed and pass it on."""

    def __init__(
        self,
        events: tuple[EventVersion, ...],
        blocks: tuple[BlockVersion, ...],
        vocabularies: Mapping[str, Mapping[str, str]],
    ) -> None:
        self.events = events
        self.blocks = blocks
        self.vocabularies = vocabularies
        self.latest_events = tuple(event for event in events if event.is_latest)
        self._latest = {event.name: event for event in self.latest_events}
        self._versions = {(event.name, event.version): event for event in events}
        self._by_id: dict[int, EventVersion | BlockVersion] = {}
        self._by_id.update({event.schema_id: event for event in events})
        self._by_id.update({block.schema_id: block for block in blocks})
        self._blocks = {block.compartment: block for block in blocks if block.is_latest}

    @classmethod
    def load(cls, folder: Path | None = None) -> Self:
        """Read the folder (default: the one that came with this code). Raises OSError or ValueError."""
        root = folder or DEFAULT_FOLDER
        ids = _read_ids(root)
        events: list[EventVersion] = []
        blocks: list[BlockVersion] = []
        for path in find_schema_files(root):
            document = json.loads(path.read_text(encoding="utf-8"))
            latest = version_of(path) == max(version_of(other) for other in path.parent.glob("v*.avsc"))
            schema_id = ids.get((_subject_name(document), version_of(path)), 0)
            if "compartment" in document:
                blocks.append(_read_block(document, version_of(path), schema_id, latest))
            else:
                events.append(_read_event(document, version_of(path), schema_id, latest))
        return cls(tuple(events), tuple(blocks), _read_vocabularies(root))

    def get_event(self, name: str, version: int | None = None) -> EventVersion:
        """One version of an event type (default: the latest). Raises UnknownEventType, UnknownVersion."""
        if name not in self._latest:
            raise UnknownEventType(name, self._latest)
        if version is None:
            return self._latest[name]
        if (name, version) not in self._versions:
            raise UnknownVersion(name, (each for other, each in self._versions if other == name))
        return self._versions[name, version]

    def get_by_id(self, schema_id: int) -> EventVersion | BlockVersion:
        """The schema with this id. Raises UnknownSchema."""
        try:
            return self._by_id[schema_id]
        except KeyError:
            raise UnknownSchema(f"Schema id {schema_id}") from None

    def latest_block(self, compartment: str) -> BlockVersion:
        """The newest schema of a compartment. Raises UnknownSchema."""
        try:
            return self._blocks[compartment]
        except KeyError:
            raise UnknownSchema(f"Compartment {compartment!r}") from None

    def vocabulary(self, name: str) -> Mapping[str, str]:
        """Words of a vocabulary and their meaning. Raises UnknownSchema."""
        try:
            return self.vocabularies[name]
        except KeyError:
            raise UnknownSchema(f"Vocabulary {name!r}") from None


def find_schema_files(root: Path) -> list[Path]:
    """Every `v<N>.avsc` below the folder, by path then version."""
    return sorted(root.glob("*/*/v*.avsc"), key=lambda path: (path.parent.as_posix(), version_of(path)))


def version_of(path: Path) -> int:
    """The version that a schema file's name says. Raises ValueError."""
    return int(path.stem.removeprefix("v"))


def _subject_name(document: dict[str, Any]) -> str:
    return f"{document['namespace']}.{document['name']}"


def _read_event(document: dict[str, Any], version: int, schema_id: int, is_latest: bool) -> EventVersion:
    key = document["key"]
    return EventVersion(
        name=document["name"],
        context=document["context"],
        contexts=(document["context"], *document.get("alsoIn", ())),
        version=version,
        schema_id=schema_id,
        subject_name=_subject_name(document),
        document=document,
        doc=document.get("doc", ""),
        own_fields=tuple(read_field(field) for field in document["fields"][len(ENVELOPE_FIELDS) :]),
        roles=MappingProxyType(read_roles(document)),
        compartments=frozenset(document.get("compartments", ())),
        legal_basis=document["legalBasis"],
        purpose=document["purpose"],
        may_be_planned=document["mayBePlanned"],
        posted_by=frozenset(document["postedBy"]),
        two_people=document.get("twoPeople", False),
        key_role=key.get("role"),
        key_field=key.get("field"),
        is_latest=is_latest,
    )


def _read_block(document: dict[str, Any], version: int, schema_id: int, is_latest: bool) -> BlockVersion:
    return BlockVersion(
        name=document["name"],
        compartment=document["compartment"],
        version=version,
        schema_id=schema_id,
        subject_name=_subject_name(document),
        document=document,
        doc=document.get("doc", ""),
        fields=tuple(read_field(field) for field in document["fields"]),
        is_latest=is_latest,
    )


def _read_ids(root: Path) -> dict[tuple[str, int], int]:
    path = root / SEALED
    if not path.exists():
        return {}
    sealed = json.loads(path.read_text(encoding="utf-8"))
    return {(entry["subject"], entry["version"]): entry["id"] for entry in sealed["schemas"]}


def _read_vocabularies(root: Path) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, Mapping[str, str]] = {}
    for path in sorted((root / VOCABULARIES).glob("*.json")):
        words = json.loads(path.read_text(encoding="utf-8"))["words"]
        found[path.stem] = MappingProxyType({word: str(entry) for word, entry in words.items()})
    return MappingProxyType(found)
