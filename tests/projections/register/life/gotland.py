"""The lives of a Swedish county, folded from its events once for all who count them."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from deploy.demo.exploder.explode import explode
from deploy.demo.exploder.tables import DEMO_COUNTIES, Tables
from deploy.demo.sweden import read_tables
from services.projections.register.life import HANDLERS, Fact, LifeCourse, Subject, fold_people
from services.projections.register.life.days import as_day


@cache
def read_gotland() -> Tables:
    """As published."""
    (found,) = (each for county, each in read_tables(DEMO_COUNTIES).items() if county.region == "gotland")
    return found


@cache
def fold_gotland() -> Mapping[bytes, LifeCourse]:
    """Everybody of the county."""
    tables = {county: each for county, each in read_tables(DEMO_COUNTIES).items() if county.region == "gotland"}
    facts = [to_fact(post, position) for position, (_, post) in enumerate(explode(tables))]
    return fold_people(facts, {subject.person_id for fact in facts for subject in fact.subjects})


@cache
def to_day(text: str) -> int:
    return as_day(date.fromisoformat(text))


def to_fact(post: Mapping[str, Any], position: int) -> Fact:
    values = dict(post)
    for name in ("birth_on", "mother_birth_on"):
        if name in post:
            values[name], values[f"{name}_precision"] = to_day(post[name]), "day"
    event_id = bytes.fromhex(post["event_id"].replace("-", ""))
    subjects = tuple(
        Subject(each["role"], "gotland", each["civil"]["identifiers"][0]["value"].encode(), "identifier")
        for each in post["subjects"]
    )
    return Fact(
        event_id, event_id, position, "gotland.migration", 0, position, b"", post["type"], to_day(post["occurred_on"]),
        "day", position, post["residence_area"], post["occurrence_area"], post["office"], "import", None, None,
        subjects, tuple(values.get(field) for field in HANDLERS[post["type"]].fields),
    )  # fmt: skip
