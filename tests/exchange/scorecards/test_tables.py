"""Tables and rows: what is added up is what the rows say, and the rows are what the conversations come to."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from services.exchange.ledger.assessing import assess_anew
from services.exchange.ledger.documents import read_conversation
from services.exchange.protocol.states import Link
from services.exchange.protocol.stimuli import Find, Finding, Say, Tick
from services.exchange.scorecards.assessing import Person, assess
from services.exchange.scorecards.cards import OneSided, Period, Scorecards, compile_cards
from services.exchange.scorecards.figures import Cell
from services.exchange.scorecards.indicators import INDICATORS
from services.exchange.scorecards.reading import fetch_cells, fetch_obligations, fetch_one_sided, fetch_paths
from tests.exchange.ledger.desk import DIRECTORY, Desk
from tests.exchange.protocol.words import body_of
from tests.exchange.scorecards.oracle import cells_of

FEBRUARY = Period(date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 31))
LATER = datetime(2026, 6, 1, tzinfo=UTC)
DIFFERENT = [{"path": "civil.family_name", "verdict": "DIFFERENT"}, {"path": "civil.birth_on", "verdict": "SAME"}]


async def play_february(desk: Desk) -> None:
    """Twelve notices of north's and six of south's, with all that may become of them."""
    for number in range(12):
        await _tell(desk, number)
    for number in range(6):
        await _hear_of(desk, number)
    desk.now += timedelta(days=40)
    rows = await desk.rows("SELECT conversation_id::text FROM exchange.conversation")
    await desk.apply(*(desk.entry(Tick(), each[0]) for each in rows))


async def _tell(desk: Desk, number: int) -> None:
    conversation = str(uuid4())
    await desk.apply(desk.say_arrival(conversation))
    if number == 11:
        return
    await desk.apply(await desk.receipt_of(conversation))
    letter = (await desk.conversation(conversation)).letters[0]
    if number < 6:
        outcome, results = ("CONFIRMED_WITH_DIFFERENCES", DIFFERENT) if number < 3 else ("CONFIRMED", None)
        heard = desk.hear("203", conversation, outcome=outcome, about=letter.envelope, field_results=results)
        await desk.apply(heard)
    elif number < 10:
        code = ("B-G", "B-X", "B-G", "B-D")[number - 6]
        await desk.apply(desk.hear("204", conversation, outcome=code, about=letter.envelope))
    if number < 4:
        answer = (await desk.conversation(conversation)).taken[-1]
        await desk.apply(desk.entry(Say("213", body_of("213"), str(uuid4()), in_reply_to=answer.id), conversation))
        await desk.apply(await desk.receipt_of(conversation))


async def _hear_of(desk: Desk, number: int) -> None:
    conversation = str(uuid4())
    await desk.apply(desk.hear("201", conversation))
    if number < 4:
        await desk.apply(desk.entry(Find(Finding.PAIRED), conversation))
        notice = (await desk.conversation(conversation)).taken[0]
        say = Say("203", body_of("203"), str(uuid4()), in_reply_to=notice.id)
        await desk.apply(desk.entry(say, conversation))
        await desk.apply(await desk.receipt_of(conversation))


async def cells_in(desk: Desk, period: Period, now: datetime = LATER) -> list[Cell]:
    return await fetch_cells(desk.pool, "south", period, now)


async def compile_in(desk: Desk, period: Period) -> Scorecards:
    found = await fetch_one_sided(desk.pool, "south", period.as_of)
    return compile_cards("north", "south", period, await cells_in(desk, period), found)


def folded(cells: list[Cell]) -> dict[tuple[object, ...], int]:
    """Cells that are alike are one; letters are counted in the tables alone."""
    found: dict[tuple[object, ...], int] = {}
    for each in cells:
        told_by = each.kind in ("PAIRING", "SETTLEMENT", "DISCREPANCY_FIRST")
        key = (each.kind, each.debtor, each.outcome if told_by else "", each.days, each.flags)
        if each.kind != "LETTER":
            found[key] = found.get(key, 0) + each.n
    return found


async def test_the_sums_are_those_of_the_rows_and_the_rows_those_of_the_conversations(desk: Desk) -> None:
    await play_february(desk)
    rows = [
        row
        for (document, since, rule) in await desk.rows(
            "SELECT document, person_since, person_rule FROM exchange.conversation"
        )
        for row in assess(read_conversation(document), Person(since, rule), DIRECTORY)
    ]
    assert {row.kind for row in rows} >= {"FEEDBACK", "PAIRING", "SETTLEMENT", "LINK", "RECONFIRM"}
    for as_of in (date(2026, 2, 28), date(2026, 3, 5), date(2026, 3, 31)):
        period = FEBRUARY._replace(as_of=as_of)
        assert folded(await cells_in(desk, period)) == folded(cells_of(rows, period)), as_of
    assert (
        await desk.rows("SELECT n FROM exchange.tally WHERE n = 0 OR n < 0 AND kind NOT IN ('LINK', 'RECONFIRM')") == []
    )
    said = await desk.rows("SELECT count(*) FROM exchange.message")
    assert await desk.rows("SELECT sum(n)::bigint FROM exchange.tally WHERE kind = 'LETTER'") == said


async def test_the_tables_made_again_by_another_edition_are_the_same(desk: Desk) -> None:
    await play_february(desk)
    before = [await desk.rows(f"SELECT * FROM exchange.{each} ORDER BY {each}") for each in ("assessed", "tally")]
    assert await assess_anew(desk.pool, "north", DIRECTORY) == 18
    after = [await desk.rows(f"SELECT * FROM exchange.{each} ORDER BY {each}") for each in ("assessed", "tally")]
    assert before == after
    assert await assess_anew(desk.pool, "north", DIRECTORY) == 0


async def test_every_figure_leads_back_to_its_obligations(desk: Desk) -> None:
    await play_february(desk)
    cards = await compile_in(desk, FEBRUARY)
    for card in cards.cards:
        for figure in card.figures:
            if figure.numerator is None or figure.indicator.id in ("X12", "X14", "X14d"):
                continue
            asked = ("south", card.debtor, FEBRUARY, LATER, figure.indicator)
            counted = [
                len(await fetch_obligations(desk.pool, *asked, each, None, 500)) for each in ("numerator", "others")
            ]
            whole = counted[1] if figure.indicator.above else sum(counted)
            assert (counted[0], whole) == (figure.numerator, figure.denominator), (card.debtor, figure.indicator.id)
    assert await fetch_paths(desk.pool, "south", FEBRUARY) == {"south": [("civil.family_name", 3)]}


async def test_pages_follow_one_another_and_tell_nothing_of_what_came_later(desk: Desk) -> None:
    await play_february(desk)
    x4 = next(each for each in INDICATORS if each.id == "X4")
    early = FEBRUARY._replace(last=date(2026, 2, 6), as_of=date(2026, 2, 6))
    everything = await fetch_obligations(desk.pool, "south", "south", early, LATER, x4, "numerator", None, 500)
    paged, after = [], None
    while page := await fetch_obligations(desk.pool, "south", "south", early, LATER, x4, "numerator", after, 2):
        paged += page
        last = page[-1]
        after = (last["cohort_day"], last["conversation_id"], last["about"])
    assert paged == everything
    assert len(paged) == 9
    silent = await fetch_obligations(desk.pool, "south", "north", early, LATER, x4, "others", None, 500)
    assert {(each["reminded_day"], each["escalated_day"]) for each in silent} <= {
        (None, None),
        (date(2026, 2, 6), None),
    }


async def test_of_the_day_itself_only_what_was_due_by_now_is_counted(desk: Desk) -> None:
    await play_february(desk)
    due = (await desk.rows("SELECT due_at FROM exchange.assessed WHERE kind = 'FEEDBACK' ORDER BY due_at LIMIT 1"))[0][
        0
    ]
    period = Period(date(2026, 2, 1), due.date(), due.date())
    before = await cells_in(desk, period, due - timedelta(minutes=1))
    after = await cells_in(desk, period, due)
    assert not any(each.kind == "FEEDBACK" for each in before)
    assert sum(each.n for each in after if each.kind == "FEEDBACK") == 17


async def test_what_began_only_when_a_link_was_open_is_in_its_row(desk: Desk) -> None:
    await play_february(desk)
    rows = await desk.rows(
        "SELECT conversation_id::text FROM exchange.assessed WHERE kind = 'LINK' AND ended_day = 'infinity'"
    )
    assert len(rows) == 10
    assert all([(await desk.conversation(each[0])).link is Link.OPEN for each in rows])


async def test_one_sided_links_are_those_of_findings_that_were_open_on_the_day(desk: Desk) -> None:
    """Of north's ten links south lacks one, as found on 20 March and mended on 10 April; one more only south has."""
    await play_february(desk)
    whose = "role = 'DESTINATION' AND link = 'OPEN'"
    link = (await desk.rows(f"SELECT link_id FROM exchange.conversation WHERE {whose} LIMIT 1"))[0][0]
    found, mended = datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 4, 10, tzinfo=UTC)
    for link_id, closed in ((link, mended), (uuid4(), None)):
        await desk.pool.execute(
            "INSERT INTO exchange.finding (finding_id, partner, link_id, kind, found_at, closed_at, ended)"
            " VALUES ($1, 'south', $2, 'ONE_SIDED_AT_D', $3, $4::timestamptz, CASE WHEN $5 THEN 'MENDED' END)",
            uuid4(), link_id, found, closed, closed is not None,
        )  # fmt: skip
    seen = [
        await fetch_one_sided(desk.pool, "south", date(2026, *each)) for each in ((3, 19), (3, 20), (4, 9), (4, 10))
    ]
    assert seen == [OneSided(0, 0), OneSided(1, 1), OneSided(1, 1), OneSided(0, 1)]
    cards = await compile_in(desk, FEBRUARY)
    both = cards.shared[1]
    assert (both.numerator, both.denominator) == (9, 11)


async def test_what_analysts_count_is_what_was_due_in_a_quarter(desk: Desk) -> None:
    """South: ten due and one voided, nine answered, two of them by finding nobody; north: six due, four answered."""
    await play_february(desk)
    rows = await desk.rows("SELECT * FROM exchange.due_counts ORDER BY debtor")
    assert rows == [
        ("south", "north", date(2026, 1, 1), 6, 0, 4, 4, 4),
        ("south", "south", date(2026, 1, 1), 10, 1, 9, 9, 7),
    ]
