"""Every version reads what every older one wrote; blocks also the other way round."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.kernel.contract.compatibility import find_compatibility_problems

Document = dict[str, Any]
SCHEMAS = Path(__file__).parents[3] / "schemas"


def newer(document: Document, change: Callable[[Document], object]) -> dict[int, Document]:
    changed = copy.deepcopy(document)
    change(changed)
    return {1: document, 2: changed}


def add(field: Document) -> Callable[[Document], object]:
    return lambda document: document["fields"].append(field)


def test_a_field_with_a_default_may_be_added(birth: Document) -> None:
    assert find_compatibility_problems(newer(birth, add({"name": "x", "type": "string", "default": "a"})), "x") == []


@pytest.mark.parametrize(
    "change",
    [
        add({"name": "x", "type": "string"}),
        lambda document: document["fields"][18].update(type="int"),
        lambda document: document["fields"][19].update(name="alive"),
        lambda document: document["fields"].pop(),
        lambda document: document.update(name="Birth"),
        lambda document: document["fields"][20].update(type="int"),
        lambda document: document["roles"].pop("father"),
        lambda document: document.update(key={"role": "mother"}),
        lambda document: document.update(context="migration"),
    ],
)
def test_what_older_bytes_would_not_survive_is_refused(birth: Document, change: Callable[[Document], object]) -> None:
    problems = find_compatibility_problems(newer(birth, change), "x")
    assert problems
    assert all(problem.remedy for problem in problems)


def test_compatibility_holds_with_every_older_version_and_not_only_the_last(birth: Document) -> None:
    """v2 adds a field with a default, v3 takes the default away: v3 reads v2, and cannot read v1."""
    versions = newer(birth, add({"name": "x", "type": "string", "default": "a"}))
    versions[3] = copy.deepcopy(versions[2])
    del versions[3]["fields"][-1]["default"]
    assert [problem.where for problem in find_compatibility_problems(versions, "x")] == ["x v3 against v1"]


def test_a_block_is_compatible_both_ways() -> None:
    """A partner that still runs the older version must read a block of the newer one."""
    block = json.loads((SCHEMAS / "blocks/CivilParticulars/v1.avsc").read_text("utf-8"))
    optional = {"name": "x", "type": ["null", "string"], "default": None}
    assert find_compatibility_problems(newer(block, add(optional)), "x") == []
    assert find_compatibility_problems(newer(block, add({"name": "y", "type": "string"})), "x")
    lost = find_compatibility_problems(newer(block, lambda document: document["fields"].pop()), "x")
    assert lost
