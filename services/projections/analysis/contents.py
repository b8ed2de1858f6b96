"""What is in the schema `analysis`: exactly this list. Reviewed like a law, for whatever stands here leaves the house.

Every view shows one table of the schema `edition`, which nobody but the service can read, with the vintage and the rule
of the edition on each row. `functions.py` holds the functions."""

from typing import Final, NamedTuple

SCHEMA: Final = "analysis"
TABLES_SCHEMA: Final = "edition"


class Column(NamedTuple):
    name: str
    type: str
    words: str


class View(NamedTuple):
    """A table of the edition and the view of it. `key`: names that an index serves. `years`: cut by decade."""

    name: str
    words: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    years: bool = False


_YEAR = Column("year", "integer", "Calendar year, whole and over.")
AREA = Column("area", "text", "Code of the area, all that lies in it included; `region` is the whole region.")
_SEX = Column("sex", "text", "female, male, or all.")
_HELD_BACK = Column("held_back", "boolean", "True: too few people, or it would tell of too few; the figure is null.")
VINTAGE: Final = (
    Column("vintage", "timestamptz", "As known at: what the log took after this instant is not in the figure."),
    Column("rule", "text", "Version of the disclosure rule under which the figure was published."),
)
"""Columns of every view, after its own; they stand once, with the edition."""

EDITION: Final = View(
    "edition",
    "The edition that is read now: one row.",
    (
        Column("number", "integer", "Number of the edition; the next one is one more."),
        Column("compiled_at", "timestamptz", "When it was compiled."),
        Column("first_year", "integer", "First year that it has figures of; null: none."),
        Column("last_year", "integer", "Last year that it has figures of; null: none."),
        Column("threshold", "integer", "Counts from 1 to below it are held back; null: exact figures."),
        Column("base", "integer", "Everything else is rounded to multiples of it; null: exact figures."),
        Column("map", "text", "On which map figures stand."),
    ),
    (),
)
_FACTS: Final = (
    View(
        "population",
        "Usual residents at the end of every year, by sex and age in completed years.",
        (
            _YEAR,
            AREA,
            Column("breakdown", "text", "total, sex, sex-age5, or sex-age1: only where all single years can be shown."),
            _SEX,
            Column("age_from", "integer", "First age of the group; null: all ages."),
            Column("age_to", "integer", "Last age of the group; null: all ages, or open if there is a first one."),
            Column("people", "bigint", "People; null: held back."),
            _HELD_BACK,
        ),
        ("year", "area"),
        years=True,
    ),
    View(
        "population_quarters",
        "Usual residents at the end of every quarter.",
        (
            Column("day", "date", "Last day of the quarter; the figure is of its end, on the map of that day."),
            AREA,
            Column("people", "bigint", "People; null: held back."),
            _HELD_BACK,
        ),
        ("day", "area"),
    ),
    View(
        "births",
        "Live births of every year, at the mother's usual residence.",
        (
            _YEAR,
            AREA,
            Column("breakdown", "text", "total, sex or mother-age5."),
            Column("sex", "text", "Of the child: female, male, or all."),
            Column("mother_age_from", "integer", "First age of the mother's group, in completed years; null: all."),
            Column("mother_age_to", "integer", "Last age of the group; null: all, or open if there is a first one."),
            Column("births", "bigint", "Live births; null: held back."),
            _HELD_BACK,
        ),
        ("year", "area"),
    ),
    View(
        "deaths",
        "Deaths of every year, at the usual residence of the deceased.",
        (
            _YEAR,
            AREA,
            Column("breakdown", "text", "total, sex, under-1 (before the first birthday, and after it) or sex-age5."),
            _SEX,
            Column("age_from", "integer", "First age of the group, in completed years; null: all ages."),
            Column("age_to", "integer", "Last age of the group; null: all ages, or open if there is a first one."),
            Column("deaths", "bigint", "Deaths; null: held back."),
            _HELD_BACK,
        ),
        ("year", "area"),
    ),
    View(
        "marriages",
        "Marriages and divorces of every year: events, not persons.",
        (
            _YEAR,
            AREA,
            Column("kind", "text", "marriage or divorce."),
            Column("unions", "bigint", "How many; null: held back."),
            _HELD_BACK,
        ),
        ("year", "area"),
    ),
    View(
        "flows",
        "Moves of every year between the areas of one level: the finest that has few enough areas.",
        (
            _YEAR,
            Column("origin", "text", "Area; `other`: in no area of the level; `outside`: elsewhere, or not known."),
            Column("destination", "text", "As the origin. Moves within an area are not told."),
            Column("moves", "bigint", "Moves of the usual residence, not people; null: held back."),
            _HELD_BACK,
        ),
        ("year", "origin"),
    ),
    View(
        "balance",
        "How the population of every year came about. Each figure is rounded by itself, so rows do not add up exactly.",
        (
            _YEAR,
            AREA,
            Column("before", "bigint", "People a year before; null: held back, or the area was another one."),
            Column("births", "bigint", "Live births; null: held back."),
            Column("deaths", "bigint", "Deaths; null: held back."),
            Column("moved_in", "bigint", "Moves into the area from outside it; null: held back, or not of this level."),
            Column("moved_out", "bigint", "Moves out of it; null: held back, or not of this level."),
            Column("found", "bigint", "Taken into the register without having moved; null: held back."),
            Column("after", "bigint", "People at the end of the year; null: held back."),
            Column("person_years", "double precision", "Years lived in the area; null: held back."),
        ),
        ("year", "area"),
    ),
    View(
        "rates",
        "Rates of every year, each with its parts as they are published.",
        (
            _YEAR,
            AREA,
            Column("indicator", "text", "Id of the indicator; see the view `indicators`."),
            Column("definition", "text", "Id and edition of its definition."),
            Column("numerator", "text", "What stands above."),
            Column("numerator_value", "double precision", "As published; null: held back."),
            Column("denominator", "text", "What stands below; person_years are lived, exactly, of usual residents."),
            Column("denominator_value", "double precision", "As published; null: held back."),
            Column("value", "double precision", "scale * numerator_value / denominator_value; null: see reason."),
            Column("scale", "integer", "What the quotient is multiplied with."),
            Column("unit", "text", "Of the value."),
            Column("reliable", "boolean", "False: of fewer than 20 events; null: no value."),
            Column("reason", "text", "Why there is no value; null: there is one."),
        ),
        ("year", "area"),
    ),
    View(
        "timeliness",
        "How soon births and deaths of every year were registered. Recent years are incomplete.",
        (
            _YEAR,
            AREA,
            Column("kind", "text", "birth or death."),
            Column("events", "bigint", "All that happened in the year and is registered; null: held back."),
            Column("within_30_days", "bigint", "Registered up to 30 days after they happened; null: held back."),
            Column("within_365_days", "bigint", "Registered after 31 to 365 days; null: held back."),
            Column("later", "bigint", "Registered after more than 365 days; null: held back."),
            Column("not_known", "bigint", "Of which the day is not known exactly; null: held back."),
            _HELD_BACK,
        ),
        ("year", "area"),
    ),
)
_PLACES: Final = (
    View(
        "area_trees",
        "In which area each area is counted in a year: the map of its last day, and areas that have left the map.",
        (_YEAR, AREA, Column("lies_in", "text", "The next larger area; null: of the whole region.")),
        ("year", "area"),
    ),
    View(
        "areas",
        "Areas in time: names, kinds and levels, and where they lay.",
        (
            Column("area", "text", "Code of the area."),
            Column("valid_from", "date", "First day."),
            Column("valid_to", "date", "First day on which it is no more; null: it goes on."),
            Column("name", "text", "Name."),
            Column("name_local", "text", "Name in the local script; null: none."),
            Column("kind", "text", "Kind of area."),
            Column("level", "integer", "Depth in the map: 0 is the region itself."),
            Column("parent", "text", "The area that it lay in; null: none."),
        ),
        ("area",),
    ),
    View(
        "area_links",
        "What lies in what, and when; every area lies in itself.",
        (
            Column("ancestor", "text", "The area around."),
            Column("descendant", "text", "The area in it."),
            Column("depth", "integer", "Steps from the one in it up to the one around."),
            Column("valid_from", "date", "First day."),
            Column("valid_to", "date", "First day on which it is no more; null: it goes on."),
        ),
        ("ancestor",),
    ),
    View(
        "area_changes",
        "Where territory went when areas changed.",
        (
            Column("day", "date", "The map of this day is the one after the change."),
            Column("predecessor", "text", "The area that it was of; null: not known."),
            Column("successor", "text", "The area that it is of now; null: not known."),
            Column("kind", "text", "recoded, merged, split, kept (a part of it came or went), new, ended."),
        ),
        ("day",),
    ),
)
_CATALOGUE: Final = View(
    "indicators",
    "All indicators with their definitions; also those that are not computed, and why.",
    (
        Column("place", "integer", "Order in the catalogue."),
        Column("indicator", "text", "Id of the indicator."),
        Column("definition_id", "text", "Id and edition of the definition."),
        Column("name", "text", "Name."),
        Column("family", "text", "What it belongs to."),
        Column("definition", "text", "What it is."),
        Column("numerator", "text", "What stands above; null: see the definition."),
        Column("denominator", "text", "What stands below; null: none, or see the definition."),
        Column("scale", "integer", "What the quotient is multiplied with."),
        Column("unit", "text", "Of the value."),
        Column("by", "text[]", "What it can be asked by over HTTP."),
        Column("traps", "text[]", "What goes wrong easily."),
        Column("label", "text", "What a value must be labelled with; null: nothing."),
        Column("source", "text", "Where the definition comes from."),
        Column("computed", "boolean", "Whether this register can compute it."),
        Column("why_not", "text", "Why it cannot; null: it can."),
    ),
    ("place",),
)
_CORRIDORS: Final = View(
    "corridors",
    "What this region and a partner owed each other an answer to, by quarter: 203, 204, 302 and 402. A line is told"
    " whole or not at all. Known when the edition was compiled.",
    (
        Column("year", "integer", "Calendar year of the quarter."),
        Column("quarter", "integer", "1 to 4: in which it was due, by days of UTC; quarters that are over."),
        Column("partner", "text", "The other region of the corridor."),
        Column("debtor", "text", "Who owed the answers: this region or the partner."),
        Column("due", "bigint", "Answers due, without those that were voided before; null: held back."),
        Column("voided", "bigint", "Voided before they were due: another had to answer; null: held back."),
        Column("answered", "bigint", "Answered by now, however late; null: held back."),
        Column("in_time", "bigint", "Answered when they were due; null: held back."),
        Column("effective", "bigint", "Answered so that something is known, and not overturned; null: held back."),
        _HELD_BACK,
    ),
    ("year", "quarter", "partner"),
)
VIEWS: Final = (EDITION, *_FACTS, *_PLACES, _CATALOGUE, _CORRIDORS)
