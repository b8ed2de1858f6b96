"""Seals: a published schema is never changed again, because bytes written with it stay on the log for ever.

`schemas/sealed.json` keeps, for every published schema, a hash over everything except `doc`, and the words of
every vocabulary. Schema ids are allocated when a schema is sealed and are part of that file, so they are the
same in every region.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from services.kernel.contract.catalog import SEALED, VOCABULARIES, find_schema_files, version_of
from services.kernel.contract.layout import write_json
from services.kernel.contract.problems import Problem

UNSEALED = "is not sealed yet."
"""What the check says of something new; the only problem that sealing mends."""


def hash_schema(document: Any) -> str:
    """SHA-256 over the canonical JSON (sorted keys, no spaces, UTF-8) of everything except `doc`."""
    text = json.dumps(_without_docs(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _without_docs(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_docs(each) for each in value]
    if isinstance(value, dict):
        return {key: _without_docs(each) for key, each in value.items() if key != "doc"}
    return value


def read_seals(root: Path) -> dict[str, Any]:
    """The content of sealed.json; empty lists where there is none yet."""
    path = root / SEALED
    if not path.exists():
        return {"schemas": [], "vocabularies": {}}
    seals: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return seals


def find_broken_seals(root: Path) -> list[Problem]:
    """What differs from what was sealed: changed or missing schemas, words taken out, bad ids."""
    seals = read_seals(root)
    found = {(_subject(path), version_of(path)): path for path in find_schema_files(root)}
    problems: list[Problem] = []
    for entry in seals["schemas"]:
        path = found.get((entry["subject"], entry["version"]))
        where = f"{entry['subject']} v{entry['version']}"
        if path is None:
            problems.append(Problem("seal", where, "is sealed but its file is gone.", "Bring the file back."))
        elif hash_schema(_read(path)) != entry["sha256"]:
            problems.append(
                Problem(
                    "seal",
                    path.relative_to(root).as_posix(),
                    "was changed after it was sealed. Bytes written with it are on the log for ever.",
                    f"Undo it and put the change into v{_next_version(path)}.avsc; only `doc` may change.",
                )
            )
    return problems + _find_bad_ids(seals) + _find_lost_words(root, seals)


def find_unsealed(root: Path) -> list[Path]:
    """Schema files that sealed.json does not know yet, in the order in which they would be sealed."""
    known = {(entry["subject"], entry["version"]) for entry in read_seals(root)["schemas"]}
    return [path for path in find_schema_files(root) if (_subject(path), version_of(path)) not in known]


def find_unsealed_words(root: Path) -> list[str]:
    """`vocabulary: word` for every word that sealed.json does not know yet."""
    sealed = read_seals(root)["vocabularies"]
    return [
        f"{path.stem}: {word}"
        for path in sorted((root / VOCABULARIES).glob("*.json"))
        for word in _read(path)["words"]
        if word not in sealed.get(path.stem, [])
    ]


def seal(root: Path) -> list[str]:
    """Seals what is new, allocates its ids, says what was sealed; leaves older seals as they are."""
    seals = read_seals(root)
    next_id = max((entry["id"] for entry in seals["schemas"]), default=0) + 1
    done: list[str] = []
    for schema_id, path in enumerate(find_unsealed(root), start=next_id):
        entry = {
            "id": schema_id,
            "subject": _subject(path),
            "version": version_of(path),
            "sha256": hash_schema(_read(path)),
        }
        seals["schemas"].append(entry)
        done.append(f"{entry['subject']} v{entry['version']} = id {schema_id}")
    new_words = find_unsealed_words(root)
    for item in new_words:
        name, word = item.split(": ")
        seals["vocabularies"].setdefault(name, []).append(word)
    if done or new_words:
        (root / SEALED).write_text(write_json(seals), encoding="utf-8")
    return done + new_words


def _find_bad_ids(seals: dict[str, Any]) -> list[Problem]:
    taken: dict[int, str] = {}
    problems: list[Problem] = []
    for entry in seals["schemas"]:
        other = taken.setdefault(entry["id"], entry["subject"])
        if other != entry["subject"] or sum(each["id"] == entry["id"] for each in seals["schemas"]) > 1:
            problems.append(
                Problem(
                    "seal",
                    f"{entry['subject']} v{entry['version']}",
                    f"shares the schema id {entry['id']} with {other}.",
                    "Two branches sealed at once: take the newer entry out of sealed.json and seal it again.",
                )
            )
    return problems


def _find_lost_words(root: Path, seals: dict[str, Any]) -> list[Problem]:
    problems: list[Problem] = []
    for name, words in seals["vocabularies"].items():
        path = root / VOCABULARIES / f"{name}.json"
        present = _read(path)["words"] if path.exists() else {}
        problems += [
            Problem(
                "seal",
                f"vocabulary {name}",
                f"the word {word!r} is gone.",
                "Bring it back: vocabularies only grow.",
            )
            for word in words
            if word not in present
        ]
    return problems


def _next_version(path: Path) -> int:
    return max(version_of(other) for other in path.parent.glob("v*.avsc")) + 1


def _subject(path: Path) -> str:
    document = _read(path)
    return f"{document['namespace']}.{document['name']}"


def _read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document
