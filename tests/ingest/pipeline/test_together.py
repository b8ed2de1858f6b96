"""Single posts of the same moment are read in one go: what is wrong with one of them is nobody else's business."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from services.ingest.pipeline.check import Checker
from services.ingest.pipeline.entry import Entry, Submission
from services.ingest.pipeline.line import Line
from services.ingest.pipeline.outcome import RECORDED, Outcome
from services.ingest.pipeline.pipeline import BREATHE_EVERY, Pipeline
from services.ingest.pipeline.tally import Tally
from services.ingest.pipeline.write import EntryWriter
from services.kernel.clock import SystemClock
from services.kernel.codec.posts import Post, PostReader
from services.kernel.contract.catalog import DEFAULT_FOLDER, Catalog
from services.kernel.identity.area_tree import AreaTree
from services.kernel.identity.caller import Caller
from services.kernel.privacy.region_key import RegionKey
from services.kernel.telemetry.metrics import Metrics
from tests.ingest.offices import new_id

CALLER = Caller("tester", frozenset({"registrar"}), ("*",), None, "north")
FOUNDLING = json.loads(Path(DEFAULT_FOLDER / "registration/BirthRegistered/examples/foundling.json").read_text("utf-8"))
AREAS = ("0980", "0980-S")


class ShortLine:
    """Records whatever it is given, and keeps how much came at once."""

    def __init__(self) -> None:
        self.bursts: list[int] = []

    def expect(self, count: int) -> Submission:
        return Submission(count, 0.0)

    def take_in(self, entries: Sequence[Entry]) -> None:
        self.bursts.append(len(entries))
        for entry in entries:
            assert entry.submission is not None
            entry.submission.tell(entry.place, Outcome(RECORDED, entry.event_id_text))


class FragileReader(PostReader):
    """Has a bug."""

    def read(self, raw: bytes, source: str | None = None) -> Post:
        if raw == b"bug":
            raise ZeroDivisionError
        return super().read(raw, source)


def open_pipeline(line: ShortLine) -> Pipeline:
    catalog, key, nothing = Catalog.load(), RegionKey.derive(bytes(32)), cast(Any, None)
    return Pipeline(
        cast(Line, line),
        nothing,
        FragileReader(catalog),
        Checker("north", key),
        EntryWriter("north", catalog, key),
        nothing,
        Tally(Metrics()),
        tree=lambda: AreaTree(dict.fromkeys(AREAS)),
        clock=SystemClock(),
    )


def post(**changes: Any) -> bytes:
    return json.dumps(FOUNDLING | {"event_id": new_id(), "office": "0980-1"} | changes).encode()


async def test_each_sender_is_told_of_the_own_post_and_they_were_taken_in_together() -> None:
    line = ShortLine()
    pipeline = open_pipeline(line)
    posts = [post(), post(sexx="female"), b"bug", post()]
    told = await asyncio.gather(*(pipeline.submit([one], CALLER) for one in posts), return_exceptions=True)
    assert isinstance(told[2], ZeroDivisionError)
    good, misspelt, _, other = (one[0] if isinstance(one, list) else None for one in told)
    assert good
    assert other
    assert misspelt
    assert misspelt.error
    assert (good.status, other.status) == (RECORDED, RECORDED)
    assert good.event_id != other.event_id
    assert (misspelt.error.code, misspelt.error.path) == ("unknown-field", "/sexx")
    assert line.bursts == [2]
    assert pipeline.in_flight == 0


async def test_a_crowd_is_read_in_portions_so_that_others_get_a_turn() -> None:
    line = ShortLine()
    pipeline = open_pipeline(line)
    told = await asyncio.gather(*(pipeline.submit([post()], CALLER) for _ in range(BREATHE_EVERY + 5)))
    assert {one[0].status for one in told} == {RECORDED}
    assert line.bursts == [BREATHE_EVERY, 5]


async def test_who_goes_away_meanwhile_leaves_nothing_behind() -> None:
    line = ShortLine()
    pipeline = open_pipeline(line)
    gone, stays = (asyncio.ensure_future(pipeline.submit([post()], CALLER)) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await stays)[0].status == RECORDED
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert pipeline.in_flight == 0
