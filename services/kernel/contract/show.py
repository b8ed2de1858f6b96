"""One event type, block or vocabulary as text for a terminal."""

from collections.abc import Iterator
from pathlib import Path

from services.kernel.contract.catalog import Catalog, EventVersion
from services.kernel.contract.fields import Field


def describe(catalog: Catalog, root: Path, name: str) -> str:
    """The text. Raises UnknownEventType when nothing has this name."""
    if name in catalog.vocabularies:
        return "\n".join(f"{word:<28}  {meaning}" for word, meaning in catalog.vocabulary(name).items())
    for block in catalog.blocks:
        if name in (block.name, block.compartment) and block.is_latest:
            head = f"{block.name} v{block.version}  (schema id {block.schema_id}, compartment {block.compartment})"
            return "\n".join((head, block.doc, "", *_fields(block.fields)))
    return "\n".join(_event(catalog.get_event(name), root))


def _event(event: EventVersion, root: Path) -> Iterator[str]:
    yield f"{event.name} v{event.version}  (schema id {event.schema_id}, topic {', '.join(event.contexts)})"
    yield event.doc
    yield f"posted by: {', '.join(sorted(event.posted_by))}"
    yield f"legal basis: {event.legal_basis}; purpose: {event.purpose}"
    for role in event.roles.values():
        limit = "required" if role.required else f"at most {role.max}"
        yield f"role {role.name} ({limit}): {role.doc}"
    yield from ("", *_fields(event.own_fields))
    for example in sorted((root / event.context / event.name / "examples").glob("*.json"))[:1]:
        yield from ("", f"Example {example.stem}:", example.read_text(encoding="utf-8").rstrip())


def _fields(fields: tuple[Field, ...]) -> Iterator[str]:
    for field in fields:
        if field.posted:
            kind = field.vocabulary or field.kind
            listed = f"list of {kind}" if field.is_array else kind
            mark = "*" if field.required else " "
            yield f"{mark} {field.name:<28}  {listed:<20}  {field.doc}"
    yield "(* required)"
