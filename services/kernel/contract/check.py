"""All checks of the contract in one call: what `domicile schemas check` and the tests run."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from services.kernel.contract.catalog import VOCABULARIES, find_schema_files, version_of
from services.kernel.contract.compatibility import find_compatibility_problems
from services.kernel.contract.lints.examples import find_example_problems
from services.kernel.contract.lints.forbidden import (
    Named,
    find_forbidden,
    names_in_avro,
    names_in_vocabulary,
    read_phrases,
)
from services.kernel.contract.lints.naming import find_naming_problems
from services.kernel.contract.lints.privacy import find_privacy_problems
from services.kernel.contract.lints.references import find_reference_problems
from services.kernel.contract.lints.same_envelope import find_envelope_problems
from services.kernel.contract.lints.shape import find_shape_problems
from services.kernel.contract.problems import Problem
from services.kernel.contract.seal import UNSEALED, find_broken_seals, find_unsealed, find_unsealed_words

Document = dict[str, Any]


def check_contract(root: Path) -> list[Problem]:
    """Everything that is wrong with the folder, the seals first. An empty list means that it may be published."""
    problems = find_broken_seals(root) + _find_unsealed(root)
    documents = {path: _read(path) for path in find_schema_files(root)}
    vocabularies = read_words(root)
    for path, document in documents.items():
        where = path.relative_to(root).as_posix()
        problems += find_shape_problems(document, where)
        problems += find_naming_problems(document, where)
        problems += find_privacy_problems(document, where)
        problems += find_envelope_problems(document, where)
        problems += find_reference_problems(document, where, vocabularies)
    for folder, versions in _by_folder(documents).items():
        where = folder.relative_to(root).as_posix()
        problems += find_compatibility_problems(versions, where)
        problems += find_example_problems(folder, where)
    return problems + find_forbidden(_names(root, documents, vocabularies), read_phrases(root))


def read_words(root: Path) -> dict[str, Collection[str]]:
    """Words of every vocabulary below the folder."""
    return {path.stem: _read(path)["words"] for path in sorted((root / VOCABULARIES).glob("*.json"))}


def _find_unsealed(root: Path) -> list[Problem]:
    remedy = "Seal it with `domicile schemas seal` when it is right; after that it never changes."
    schemas = [path.relative_to(root).as_posix() for path in find_unsealed(root)]
    words = [f"vocabulary {word}" for word in find_unsealed_words(root)]
    return [Problem("seal", where, UNSEALED, remedy) for where in schemas + words]


def _by_folder(documents: dict[Path, Document]) -> dict[Path, dict[int, Document]]:
    grouped: dict[Path, dict[int, Document]] = defaultdict(dict)
    for path, document in documents.items():
        grouped[path.parent][version_of(path)] = document
    return grouped


def _names(root: Path, documents: dict[Path, Document], vocabularies: dict[str, Collection[str]]) -> Iterator[Named]:
    for path, document in documents.items():
        yield from names_in_avro(document, path.relative_to(root).as_posix())
    for name, words in vocabularies.items():
        yield from names_in_vocabulary(name, words)


def _read(path: Path) -> Document:
    document: Document = json.loads(path.read_text(encoding="utf-8"))
    return document
