"""The contract as the Schema Registry lists it: subjects, versions, ids."""

import json
from typing import Any

from services.kernel.contract.catalog import BlockVersion, Catalog, EventVersion
from services.kernel.errors import NotFound

LATEST = "latest"
COMPATIBILITY = "BACKWARD_TRANSITIVE"


class Listing:
    """A catalogue, by subject (full name of the record) and by schema id. Texts are made once."""

    def __init__(self, catalog: Catalog) -> None:
        self._by_id: dict[int, EventVersion | BlockVersion] = {}
        self._by_subject: dict[str, dict[int, EventVersion | BlockVersion]] = {}
        schemas: list[EventVersion | BlockVersion] = [*catalog.events, *catalog.blocks]
        for schema in schemas:
            if schema.schema_id:  # a draft that is not sealed yet has no id
                self._by_id[schema.schema_id] = schema
                self._by_subject.setdefault(schema.subject_name, {})[schema.version] = schema
        self._texts = {
            number: json.dumps(s.document, separators=(",", ":"), ensure_ascii=False)
            for number, s in self._by_id.items()
        }

    def subjects(self) -> list[str]:
        """All subjects, sorted."""
        return sorted(self._by_subject)

    def versions(self, subject: str) -> list[int]:
        """Versions of a subject, oldest first. NotFound("unknown-subject")."""
        return sorted(self._find_subject(subject))

    def get_version(self, subject: str, version: str) -> dict[str, Any]:
        """One version, or the latest. NotFound("unknown-subject") or NotFound("unknown-schema-version")."""
        versions = self._find_subject(subject)
        number = max(versions) if version in (LATEST, "-1") else _number(version)
        if number not in versions:
            raise NotFound("unknown-schema-version")
        schema = versions[number]
        return {
            "subject": subject,
            "version": number,
            "id": schema.schema_id,
            "schemaType": "AVRO",
            "schema": self._texts[schema.schema_id],
        }

    def get_by_id(self, schema_id: str) -> dict[str, Any]:
        """The schema of an id. NotFound("unknown-schema")."""
        return {"schemaType": "AVRO", "schema": self._texts[self._find_id(schema_id).schema_id]}

    def uses(self, schema_id: str) -> list[dict[str, Any]]:
        """Which subject and version an id stands for."""
        schema = self._find_id(schema_id)
        return [{"subject": schema.subject_name, "version": schema.version}]

    def _find_subject(self, subject: str) -> dict[int, EventVersion | BlockVersion]:
        if subject not in self._by_subject:
            raise NotFound("unknown-subject")
        return self._by_subject[subject]

    def _find_id(self, schema_id: str) -> EventVersion | BlockVersion:
        found = self._by_id.get(_number(schema_id))
        if found is None:
            raise NotFound("unknown-schema")
        return found


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else -1
