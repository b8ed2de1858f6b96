"""Every example of the contract is accepted, and every refused post is refused for the reason it names.

They are tests because they exist: whoever adds a file to `schemas/*/*/examples` or `refused` has added a test.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.ingest.pipeline.check import Checker
from services.ingest.pipeline.entry import Part, Target
from services.kernel.codec.posts import PostReader
from services.kernel.contract.catalog import Catalog
from services.kernel.errors import Forbidden, Rejected
from services.kernel.identity.area_tree import AreaTree
from services.kernel.identity.caller import Caller
from services.kernel.privacy.region_key import RegionKey

SCHEMAS = Path(__file__).parents[3] / "schemas"
TREE = AreaTree({"09": None, "0980": "09", "0980-N": "0980", "0980-S": "0980", "0980-W": "0980"})
NOW = datetime(2014, 1, 1, tzinfo=UTC)


def name_of(path: Path) -> str:
    return f"{path.parent.parent.name}/{path.stem}"


@pytest.fixture(scope="module")
def reader() -> PostReader:
    return PostReader(Catalog.load())


def check(reader: PostReader, document: dict[str, Any]) -> list[str]:
    """Reads and checks a post as ingest does, for a caller whose role may post it; the findings. Raises Rejected."""
    post = reader.read(json.dumps(document).encode())
    role = "registrar" if "registrar" in post.event.posted_by else min(post.event.posted_by, default="system")
    caller = Caller("tester", frozenset({role}), ("*",), None, "gotland")
    checker = Checker("gotland", RegionKey.derive(bytes(32)))
    parts: list[Part]
    if post.event.two_people:
        carried = getattr(post.values, "replacement", None)
        replacement = None if carried is None else reader.read(bytes(carried))
        type_ = replacement.event.name if replacement else "NameChanged"
        target = Target("gotland.registration", type_, "registration", b"0" * 32, [], [])
        registrar = Caller("tester", frozenset({"registrar"}), ("*",), None, "gotland")
        parts = checker.check_correction(post, replacement, target, registrar, TREE, NOW)
    else:
        parts = checker.check(post, caller, TREE, NOW)
    return [finding for part in parts for finding in part.findings]


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*/*/examples/*.json")), ids=name_of)
def test_an_example_is_accepted_as_it_stands(reader: PostReader, path: Path) -> None:
    document = json.loads(path.read_text("utf-8"))
    if reader.read(json.dumps(document).encode()).event.posted_by:
        check(reader, document)
        return
    with pytest.raises(Forbidden) as refusal:  # what only a service writes nobody posts, however it is put
        check(reader, document)
    assert refusal.value.code == "not-yours-to-post"


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*/*/refused/*.json")), ids=name_of)
def test_a_refused_post_is_refused_with_code_path_rule_and_remedy(reader: PostReader, path: Path) -> None:
    refused = json.loads(path.read_text("utf-8"))
    with pytest.raises(Rejected) as refusal:
        check(reader, refused["post"])
    assert (refusal.value.code, refusal.value.path) == (refused["code"], refused["path"])
    assert refusal.value.rule
    assert refusal.value.remedy


ARRIVAL = SCHEMAS / "migration/ArrivalRegistered/examples/temporary-from-another-region.json"


@pytest.mark.parametrize(
    ("left_on", "found"),
    [
        ("2012-03-15", True),
        ("2012-04", True),
        ("2013", True),
        ("2012-03-14", False),
        ("2012-03", False),
        ("2012", False),
    ],
)
def test_who_left_the_origin_after_the_arrival_is_a_finding_at_once(
    reader: PostReader, left_on: str, found: bool
) -> None:
    document = json.loads(ARRIVAL.read_text("utf-8")) | {"left_origin_on": left_on}
    assert check(reader, document) == (["left-after-arrival"] if found else [])


def test_what_is_unknown_of_another_region_is_said_by_its_name(reader: PostReader) -> None:
    document = json.loads(ARRIVAL.read_text("utf-8"))
    with pytest.raises(Rejected) as refusal:
        check(reader, document | {"from_region": None})
    assert "Without from_region, from_area is an area of this region." in str(refusal.value.rule)
    with pytest.raises(Rejected) as refusal:
        check(reader, document | {"from_region": "gotland"})
    assert (refusal.value.code, refusal.value.rule) == (
        "unknown-area",
        "from_region is this region itself, and no other one.",
    )
