"""A copy of the contract that a test may break."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCHEMAS = Path(__file__).parents[3] / "schemas"
Document = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of `schemas/`."""
    return Path(shutil.copytree(SCHEMAS, tmp_path / "schemas"))


@pytest.fixture
def birth() -> Document:
    """The schema of BirthRegistered, as a document of the test's own."""
    document: Document = json.loads((SCHEMAS / "registration/BirthRegistered/v1.avsc").read_text("utf-8"))
    return document


@pytest.fixture
def edit() -> Callable[[Path, Callable[[Document], None]], None]:
    """Changes a JSON file in place."""

    def change(path: Path, how: Callable[[Document], None]) -> None:
        document = json.loads(path.read_text("utf-8"))
        how(document)
        path.write_text(json.dumps(document), "utf-8")

    return change
