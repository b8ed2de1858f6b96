"""What offices, auditors and supervisors see of a corridor, and how wrong questions are answered."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from services.exchange.client.scorecard_picture import write_picture
from services.exchange.client.scorecards import tell
from services.exchange.door.scorecards import ScorecardRoutes
from services.kernel.clock import FixedClock
from services.kernel.errors import Forbidden, Rejected
from services.kernel.identity.caller import Caller
from tests.exchange.ledger.desk import Desk
from tests.exchange.scorecards.test_tables import play_february

NOW = datetime(2026, 4, 1, 10, tzinfo=UTC)
FEBRUARY = {"corridor": "south", "from": "2026-02-01", "to": "2026-02-28"}
CALLER = Caller("u-1", frozenset({"auditor"}), ("*",), None, "north")


def request_for(**asked: str) -> Request:
    query = "&".join(f"{name.rstrip('_')}={value}" for name, value in asked.items())
    headers = [(b"accept", b"application/json")]
    return Request({"type": "http", "method": "GET", "query_string": query.encode(), "headers": headers, "path": "/"})


def read(answer: Response) -> Any:
    return json.loads(bytes(answer.body))


async def opened(desk: Desk) -> ScorecardRoutes:
    await play_february(desk)
    return ScorecardRoutes(desk.pool, None, FixedClock(NOW), "north")


async def test_the_scorecard_of_a_corridor_tells_both_directions_with_everything_that_they_are_made_of(
    desk: Desk, tmp_path: Path
) -> None:
    """Of north's twelve notices eleven were delivered: one was voided by B-X before it was due; of the other ten nine
    were answered, all in time. Of south's six, north answered four."""
    routes = await opened(desk)
    told = read(await routes.show(request_for(**FEBRUARY), CALLER))
    assert (told["from"], told["to"], told["as_of"]) == ("2026-02-01", "2026-02-28", "2026-04-01")
    assert told["provisional"]
    assert told["weights"]["version"] == 1
    south = next(each for each in told["directions"] if each["debtor"] == "south")
    x4 = next(each for each in south["figures"] if each["indicator"] == "X4")
    assert (x4["numerator"], x4["denominator"], x4["voided"], x4["definition"]) == (9, 10, None, "X4/1")
    assert x4["interval"][0] < x4["value"] < x4["interval"][1]
    assert not south["score"]["can_rank"]
    lines = tell(told)
    assert any(line.startswith("  X4") and "9/10" in line and "<5" in line for line in lines)
    for suffix in (".svg", ".png"):
        write_picture(told, tmp_path / f"card{suffix}")
        first = (tmp_path / f"card{suffix}").read_bytes()
        write_picture(told, tmp_path / f"card{suffix}")
        assert (tmp_path / f"card{suffix}").read_bytes() == first
    assert "95 %" in (tmp_path / "card.svg").read_text()


async def test_the_same_as_a_table(desk: Desk) -> None:
    routes = await opened(desk)
    answer = await routes.show(request_for(**FEBRUARY, format="csv"), CALLER)
    rows = list(csv.DictReader(io.StringIO(bytes(answer.body).decode())))
    told = read(await routes.show(request_for(**FEBRUARY), CALLER))
    assert answer.media_type == "text/csv; charset=utf-8"
    assert {row["debtor"] for row in rows} == {"north", "south", "both"}
    found = {(row["debtor"], row["indicator"]): row for row in rows}
    for card in (*told["directions"], {"debtor": "both", "figures": told["shared"]}):
        for figure in card["figures"]:
            row = found[card["debtor"], figure["indicator"]]
            assert row["value"] == ("" if figure["value"] is None else str(figure["value"])), figure
            assert row["definition"] == figure["definition"]
    assert found["south", "S"]["definition"] == "S/1"


async def test_the_obligations_behind_a_figure_are_listed_by_page(desk: Desk) -> None:
    routes = await opened(desk)
    asked = FEBRUARY | {"debtor": "south", "indicator": "X4", "counted": "numerator", "limit": "4"}
    page = read(await routes.list(request_for(**asked), CALLER))
    seen = list(page["items"])
    while page["next"]:
        page = read(await routes.list(request_for(**asked, after=page["next"]), CALLER))
        seen += page["items"]
    assert len(seen) == len({each["conversation_id"] for each in seen}) == 9
    assert page["definition"]["definition_id"] == "X4/1"
    definitions = read(await routes.define(request_for(), CALLER))["definitions"]
    assert {each["id"] for each in definitions} >= {"X1", "X5", "X19"}
    assert all(each["definition"] and each["void_rule"] and each["cohort_rule"] for each in definitions)


@pytest.mark.parametrize(
    ("changed", "path", "says"),
    [
        ({"corridor": "suoth"}, "?corridor", "Partners are"),
        ({"from": "2026-03-01"}, "?from", "begins before it ends"),
        ({"as_of": "2026-02-10"}, "?to", "ends by the day as of which"),
        ({"as_of": "2026-04-02"}, "?as_of", "after today"),
        ({"to": "February"}, "?to", "It is a day"),
        ({"form": "csv"}, "?form", ""),
        ({"indicator": "X14"}, "?indicator", "chains"),
        ({"indicator": "x44"}, "?indicator", "Did you mean X4"),
        ({"counted": "all"}, "?counted", "numerator, others, voided"),
        ({"debtor": "west"}, "?debtor", "north, south"),
        ({"after": "1"}, "?after", "next"),
        ({"limit": "0"}, "?limit", "from 1 to 500"),
    ],
)
async def test_a_wrong_question_is_answered_with_what_may_be_asked(
    desk: Desk, changed: dict[str, str], path: str, says: str
) -> None:
    await desk.apply(desk.say_arrival("0198c2f6-0000-7000-8000-000000000001"))
    routes = ScorecardRoutes(desk.pool, None, FixedClock(NOW), "north")
    with pytest.raises(Rejected) as refused:
        await routes.list(request_for(**(FEBRUARY | changed)), CALLER)
    assert says in str(refused.value.rule)
    if path != "?form":
        assert refused.value.path == path


async def test_who_covers_a_part_of_the_region_sees_no_scorecard(desk: Desk) -> None:
    routes = ScorecardRoutes(desk.pool, None, FixedClock(NOW), "north")
    with pytest.raises(Forbidden):
        await routes.show(request_for(**FEBRUARY), Caller("u-2", frozenset({"registrar"}), ("0980",), None, "north"))
