"""What analysts are shown: under a rule, and the same whatever way they ask."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random

import pytest

from services.kernel.errors import DomicileError, Rejected
from services.kernel.identity.caller import Caller
from services.projections.api.statistics.asking import Asked
from services.projections.api.statistics.flows import list_flows
from services.projections.api.statistics.releasing import DEFAULT, make_release, read_release
from services.projections.geography.atlas import fold_atlas
from services.projections.statistics.cells import Change, Move
from services.projections.statistics.disclosure import TEN_FIVE, Rule
from services.projections.statistics.indicators import (
    FIVE_YEARS,
    SINGLE_YEARS,
    AgeGroups,
    CountsInMemory,
    Span,
    calendar_year,
)
from services.projections.statistics.indicators.spans import day_of
from tests.projections.api.statistics.kits import ask, birth, lives, make_counts, make_study, values
from tests.projections.geography.sayings import established

YEAR = calendar_year(2011)
BORN = day_of(1970, 3, 1)
COUNTIES = ("P", "Q")
PARISHES = {"P": ("P1", "P2", "P3"), "Q": ("Q1", "Q2")}
ATLAS = fold_atlas(
    [established(0, code) for code in COUNTIES]
    + [established(0, parish, county) for county, parishes in PARISHES.items() for parish in parishes]
)
WAYS: tuple[tuple[str, ...], ...] = ((), ("P",), ("P", "Q"), ("P1",), ("P1", "P2", "P3"), ("Q2", "P3"))
BREAKDOWNS = ((), ("sex",), ("age",), ("age", "sex"))


def people(seed: int) -> CountsInMemory:
    chance = Random(seed)
    cells: list[Change] = []
    for parish in ("P1", "P2", "P3", "Q1", "Q2"):
        for _ in range(chance.randint(3, 40)):
            born = BORN + chance.randint(0, 12) * 365
            cells.append(lives(parish, 12_000, chance.randint(1, 6), chance.choice(("female", "male")), born))
    return make_counts(*cells)


def published(seed: int, rule: Rule) -> Iterator[tuple[tuple[str, str, str], int | float | None]]:
    """(place, sex, age) → what an answer says of it, of every answer to be had."""
    counts = people(seed)
    for codes, by, ages in product(WAYS, BREAKDOWNS, (SINGLE_YEARS, FIVE_YEARS)):
        for each in ask(make_study(ATLAS, codes, YEAR, rule, by=by, ages=ages), counts, "population"):
            figure = each.figure
            assert each.rule == rule.version
            assert (figure.value is None) == (figure.reason is not None)
            cell = figure.by.get("sex", ""), figure.by.get("age", "")
            yield (figure.place, *cell), None if figure.value is None else int(figure.value)


@pytest.mark.parametrize("seed", [16, 49])
def test_a_cell_is_hidden_in_every_answer_or_in_none(seed: int) -> None:
    exact = {cell: n for cell, n in published(seed, Rule(id="exact", threshold=1, base=1)) if n is not None}
    told: dict[tuple[str, str, str], int | float | None] = {}
    for cell, value in published(seed, TEN_FIVE):
        assert told.setdefault(cell, value) == value
        if 0 < exact[cell] < 10:
            assert value is None
        if value is not None:
            assert abs(value - exact[cell]) <= 2
    assert None in told.values()
    assert any(value for value in told.values())


def test_a_parish_cannot_be_worked_out_from_its_county_and_its_neighbours() -> None:
    rule = Rule(id="unrounded", base=1)
    counts = make_counts(*(lives(code, 12_000, n) for code, n in zip(PARISHES["P"], (3, 40, 50), strict=True)))

    def told(*codes: str) -> dict[str, object]:
        return values(ask(make_study(ATLAS, codes, YEAR, rule), counts, "population"))

    apart = told("P") | told("P1") | told("P2") | told("P3")
    assert apart == {"P": 93, "P1": None, "P2": None, "P3": 50}
    assert told("P", "P1", "P2", "P3") == apart


def test_who_lives_under_a_county_itself_counts_among_its_parts() -> None:
    rule = Rule(id="unrounded", base=1)
    numbers = {"P": 3, "P1": 40, "P2": 50, "P3": 60}
    counts = make_counts(*(lives(code, 12_000, n) for code, n in numbers.items()))
    told: dict[str, object] = {}
    for code in numbers:
        told |= values(ask(make_study(ATLAS, [code], YEAR, rule), counts, "population"))
    assert told["P"] is None or told["P1"] is None


def test_a_rate_of_few_events_is_hidden_and_one_of_some_is_flagged() -> None:
    births = {"P1": 9, "P2": 15, "P3": 90}
    cells = [(lives(code, 12_000, 5000), birth(code, YEAR.start, n)) for code, n in births.items()]
    counts = make_counts(*(cell for pair in cells for cell in pair))
    found = ask(make_study(ATLAS, list(births), YEAR, TEN_FIVE), counts, "crude-birth-rate")
    few, some, many = (each.figure for each in found)
    assert few.value is None
    assert few.numerator is None
    assert few.reason is not None
    assert few.reason.code == "disclosure-control"
    assert some.value is None or any(note.startswith("unreliable") for note in some.notes)
    assert many.value == 18


def test_moves_are_hidden_where_few_people_moved_and_nowhere_follow_from_the_rest() -> None:
    areas = (*PARISHES["P"], *PARISHES["Q"])
    pairs = {(a, b): 40 + 3 * at for at, (a, b) in enumerate(product(areas, areas)) if a != b} | {("P1", "P2"): 3}
    moves = [
        Move("internal", "usual", *pair, YEAR.start, sex, None, n // 3 * part)
        for pair, n in pairs.items()
        for sex, part in (("female", 1), ("male", 2))
    ]
    seen: dict[tuple[str, str, str], int | None] = {}
    for by in ((), ("sex",)):
        study = make_study(ATLAS, [], YEAR, TEN_FIVE, by=by)
        for block in list_flows(study, make_counts(*moves), YEAR):
            for line in block.lines():
                record = line.record
                assert (record["moves"] is None) == (record["reason"] is not None)
                seen[record["origin"], record["destination"], record.get("sex", "")] = record["moves"]
    assert seen["P1", "P2", ""] is None
    # One more in its row, and one in its column.
    assert sum(n is None for (a, _, sex), n in seen.items() if a == "P1" and not sex) > 1
    assert sum(n is None for (_, b, sex), n in seen.items() if b == "P2" and not sex) > 1
    assert sum(n is None for n in seen.values()) < len(seen) / 3
    assert all(n is None or n % 5 == 0 for n in seen.values())


def test_a_cube_that_is_too_large_is_refused_before_it_is_solved() -> None:
    pairs = product(range(300), range(300))
    moves = [Move("internal", "usual", f"a{a}", f"b{b}", YEAR.start, None, None, 20) for a, b in pairs]
    with pytest.raises(Rejected) as refused:
        list(list_flows(make_study(ATLAS, [], YEAR, TEN_FIVE), make_counts(*moves), YEAR))
    assert refused.value.code == "too-many-figures"


def asked(span: Span = YEAR, ages: AgeGroups = SINGLE_YEARS, known_at_ms: int | None = None) -> Asked:
    return Asked(areas=(), level=None, spans=(span,), ages=ages, known_at_ms=known_at_ms)


@pytest.mark.parametrize(
    "question",
    [
        asked(Span(YEAR.start, YEAR.start + 1)),
        asked(Span(YEAR.start + 3, YEAR.end)),
        asked(ages=AgeGroups((0, 17))),
        asked(known_at_ms=86_400_000 * 15_000),
    ],
)
def test_questions_that_would_tell_by_their_differences_are_refused(question: Asked) -> None:
    with pytest.raises(DomicileError):
        DEFAULT.require_releasable(question)


def test_whole_months_and_the_last_day_of_one_are_released() -> None:
    for span in (YEAR, Span(day_of(2011, 2), day_of(2011, 3)), Span(day_of(2011, 3) - 1, day_of(2011, 3))):
        DEFAULT.require_releasable(asked(span, FIVE_YEARS, 86_400_000 * 15_000 - 1))


def caller(*roles: str) -> Caller:
    return Caller("somebody", frozenset(roles), ("*",), None, "north")


def test_the_statistical_office_is_exempt_unless_the_region_says_otherwise(tmp_path: Path) -> None:
    assert DEFAULT.find_rule("births", caller("statistician")) is None
    assert DEFAULT.find_rule("births", caller("analyst", "statistician")) is None
    assert DEFAULT.find_rule("births", caller("analyst")) == TEN_FIVE
    file = tmp_path / "disclosure.toml"
    file.write_text('exempt = []\nperiods = "year"\n[tables.deaths]\nid = "twenty"\nthreshold = 20\n')
    release = read_release(file)
    found = release.find_rule("deaths", caller("statistician"))
    assert found is not None
    assert (found.version, found.threshold, release.periods) == ("twenty/1", 20, "year")
    assert release.find_rule("births", caller("statistician")) == TEN_FIVE
    (tmp_path / "same.json").write_text(json.dumps({"periods": "day"}))
    assert read_release(tmp_path / "same.json").find_rule("births", caller("statistician")) is None
    assert read_release(None) is DEFAULT


@pytest.mark.parametrize(
    "stated",
    [
        {"periods": "week"},
        {"exempt": ["emperor"]},
        {"treshold": 3},
        {"tables": {"births": {"threshold": 5}}},
        {"default": {"id": "x", "base": 0}},
    ],
)
def test_a_policy_that_says_what_no_policy_has_stops_the_start(stated: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"."):
        make_release(stated)
    (tmp_path / "wrong.json").write_text(json.dumps(stated))
    with pytest.raises(ValueError, match=r"wrong.json"):
        read_release(tmp_path / "wrong.json")


def test_a_service_with_a_wrong_policy_does_not_start_and_says_why(tmp_path: Path) -> None:
    policy, key = tmp_path / "wrong.toml", tmp_path / "region.key"
    policy.write_text('periods = "fortnight"')
    key.write_text("ab" * 32)
    settings = {"REGION": "north", "KAFKA": "127.0.0.1:9", "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}
    settings |= {"JWKS": str(key), "TOKEN_ISSUER": "issuer", "TOKEN_AUDIENCE": "audience", "PORT": "0"}
    settings |= {"REGION_KEY_FILE": str(key), "PROJECTIONS_DISCLOSURE": str(policy)}
    environment = {"PATH": os.environ["PATH"]} | {f"DOMICILE_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "services.projections"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 2, ended.stderr
    assert "wrong.toml: periods are one of year, month, day" in ended.stderr


def test_a_rate_of_one_age_is_hidden_with_another_from_which_it_would_follow() -> None:
    cells = [lives("P1", 12_000, 3000, "female", BORN), lives("P1", 12_000, 3000, "female", BORN - 365 * 5)]
    counts = make_counts(
        *cells, *(birth("P1", YEAR.start + 60, n, born) for n, born in ((200, BORN), (4, BORN - 1825)))
    )
    found = ask(make_study(ATLAS, ["P1"], YEAR, TEN_FIVE), counts, "age-specific-fertility-rate")
    told = {each.figure.by["age"]: each.figure.value for each in found}
    assert told["46"] is None
    assert told["41"] is None, "or the four would follow from all births"
