"""Forbidden vocabulary: what this register must never record has no name anywhere in it.

The list is data, reviewed like a law: `schemas/forbidden-vocabulary.json`. It holds phrases of stems; a name (of a
field, type, role, word, column, path …) is split into its parts and must contain no phrase. Names come from Avro
here; `names_in_text` and `names_in_json` feed the same lint with SQL and OpenAPI.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.kernel.contract.lints.walk import Document, walk_fields, walk_types
from services.kernel.contract.problems import Problem

CHECK = "forbidden"
FILE = "forbidden-vocabulary.json"
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_WORDS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Named = tuple[str, str]
"""Where a name stands, and the name."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Stems that may not follow each other in one name; a stem with `*` stands for every word that begins so."""

    stems: tuple[str, ...]
    why: str

    def find_in(self, parts: tuple[str, ...]) -> bool:
        """Whether the phrase stands somewhere in the parts of a name."""
        width = len(self.stems)
        return any(all(map(_fits, self.stems, parts[start : start + width])) for start in range(len(parts) - width + 1))


def read_phrases(root: Path) -> tuple[Phrase, ...]:
    """The reviewed list below the folder of the contract."""
    listed = json.loads((root / FILE).read_text(encoding="utf-8"))
    return tuple(
        Phrase(tuple(phrase.split()), group["why"]) for group in listed["groups"] for phrase in group["phrases"]
    )


def find_forbidden(names: Iterable[Named], phrases: Iterable[Phrase]) -> list[Problem]:
    """Names that contain a forbidden phrase."""
    listed = tuple(phrases)
    problems: list[Problem] = []
    for where, name in names:
        parts = split_name(name)
        for phrase in listed:
            if phrase.find_in(parts):
                problems.append(
                    Problem(
                        CHECK,
                        f"{where}: {name}",
                        f"contains {' '.join(phrase.stems)!r}. {phrase.why}",
                        "Leave it out. If the name means something harmless, say it in other words.",
                    )
                )
    return problems


def names_in_avro(document: Document, where: str) -> Iterator[Named]:
    """Every name in a schema: types, fields, roles and their aliases."""
    for each in walk_types(document):
        if isinstance(each, dict):
            for name in (each.get("name"), *each.get("symbols", ()), *each.get("aliases", ())):
                if name:
                    yield where, str(name)
    for path, field in walk_fields(document):
        yield f"{where}: {path}", field["name"]
    for role in document.get("roles", {}):
        yield where, role


def names_in_vocabulary(name: str, words: Iterable[str]) -> Iterator[Named]:
    """A vocabulary's name and its words."""
    yield "vocabularies", name
    for word in words:
        yield f"vocabulary {name}", word


def names_in_text(text: str, where: str) -> Iterator[Named]:
    """Every identifier in a text such as SQL, comments left out."""
    code = re.sub(r"--[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)
    for word in _WORDS.findall(code):
        yield where, word


def names_in_json(value: Any, where: str) -> Iterator[Named]:
    """Every key, and every word of a list, in a JSON document such as OpenAPI; sentences (`description`) left out."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in ("description", "summary", "title", "doc"):
                yield where, key
                yield from names_in_json(each, where)
    elif isinstance(value, list):
        for each in value:
            yield from names_in_json(each, where)
            if isinstance(each, str):
                yield where, each


def split_name(name: str) -> tuple[str, ...]:
    """`birthPermit_no` as (birth, permit, no)."""
    return tuple(part.lower() for part in _PARTS.findall(name))


def _fits(stem: str, part: str) -> bool:
    return part.startswith(stem[:-1]) if stem.endswith("*") else part == stem
