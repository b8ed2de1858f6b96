"""References: vocabularies, roles, fields and contexts that a schema names must exist."""

from collections.abc import Collection

from services.kernel.contract.lints.walk import Document, inner_type, walk_fields
from services.kernel.contract.problems import Problem

CHECK = "references"
CONTEXTS = ("registration", "migration", "service", "geography", "audit", "exchange")
POSTING_ROLES = ("registrar", "importer", "service-worker", "geographer", "system")
_EVENT_ATTRIBUTES = (
    "context",
    "key",
    "roles",
    "compartments",
    "postedBy",
    "twoPeople",
    "mayBePlanned",
    "legalBasis",
    "purpose",
)


def find_reference_problems(document: Document, where: str, vocabularies: dict[str, Collection[str]]) -> list[Problem]:
    """Names in a schema that lead nowhere."""
    found = _judge_vocabularies(document, vocabularies)
    if "compartment" in document:
        if document["compartment"] not in vocabularies.get("compartment", ()):
            found.append((f"has the compartment {document['compartment']!r}.", "Add it to its vocabulary."))
    else:
        missing = [name for name in _EVENT_ATTRIBUTES if name not in document]
        if missing:
            found.append((f"lacks {', '.join(missing)}.", "See schemas/README.md for what each says."))
        else:
            found += _judge_event(document, vocabularies)
    return [Problem(CHECK, where, what, remedy) for what, remedy in found]


def _judge_vocabularies(document: Document, vocabularies: dict[str, Collection[str]]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    names = {field["name"] for _, field in walk_fields(document)}
    for path, field in walk_fields(document):
        vocabulary = field.get("vocabulary")
        if vocabulary and vocabulary not in vocabularies:
            found.append((f"{path} has the vocabulary {vocabulary!r}.", "Add schemas/vocabularies/<name>.json."))
        elif vocabulary and field.get("default") and field["default"] not in vocabularies[vocabulary]:
            found.append((f"{path} has the default {field['default']!r}.", f"Use a word of {vocabulary}."))
        if "regionField" in field and field["regionField"] not in names:
            found.append((f"{path} names the region field {field['regionField']!r}.", "Name a field beside it."))
    return found


def _judge_event(document: Document, vocabularies: dict[str, Collection[str]]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    by_name = {field["name"]: field for field in document["fields"]}
    for context in (document["context"], *document.get("alsoIn", ())):
        if context not in CONTEXTS:
            found.append((f"has the context {context!r}.", f"Use one of {', '.join(CONTEXTS)}."))
    for role in set(document["postedBy"]) - set(POSTING_ROLES):
        found.append((f"may be posted by {role!r}.", f"Use roles of {', '.join(POSTING_ROLES)}."))
    for attribute, vocabulary in (("legalBasis", "legal_basis"), ("purpose", "purpose")):
        if document[attribute] not in vocabularies.get(vocabulary, ()):
            found.append((f"has the {attribute} {document[attribute]!r}.", f"Use a word of {vocabulary}."))
    for name, role in document["roles"].items():
        birth_date = role.get("birthDate")
        if birth_date and not _is_date(by_name.get(birth_date)):
            found.append((f"role {name} has the birth date {birth_date!r}.", "Name a date field of the event."))
    return found + _judge_key(document, by_name)


def _judge_key(document: Document, by_name: dict[str, Document]) -> list[tuple[str, str]]:
    key = document["key"]
    if "role" in key and document["roles"].get(key["role"], {}).get("required"):
        return []
    if "field" in key and key["field"] in by_name and not isinstance(by_name[key["field"]]["type"], list):
        return []
    return [(f"has the key {key}.", "Name a required role, or a field that is never null.")]


def _is_date(field: Document | None) -> bool:
    inner = inner_type(field["type"]) if field else None
    return isinstance(inner, dict) and inner.get("logicalType") == "date"
