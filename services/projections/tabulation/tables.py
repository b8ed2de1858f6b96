"""Sums that the database keeps beside the lines, and what has come and gone since they were added up last.

    what is counted = sums + pending lines

Pending lines are written by triggers, in the transaction that writes the lines, and nobody waits for anybody: they are
only ever added. `rolling` takes them away and adds them to the sums in one transaction, so every reader, at whatever
moment, finds each line once. None of these tables is compared when a build is: they are sums of what is.
"""

from typing import Final

from services.projections.engine.projection import Table
from services.projections.statistics.rows import CROSSING, OCCURRENCE
from services.projections.statistics.rows import TABLES as LINES
from services.projections.tabulation.adding import BIRTHDAYS, DAYS, MOVES, STOCK, STORED, TRACKS, VITAL, Sum, fill

PENDING: Final = {CROSSING: "crossing_pending", OCCURRENCE: "occurrence_pending"}

_TYPES: Final = {
    "from_temporary": "boolean NOT NULL",
    "temporary": "boolean NOT NULL",
    "n": "integer NOT NULL",
    "recorded_day": "integer NOT NULL",
    "day": "integer NOT NULL",
    "born_day": "integer",
    "birth_order": "integer",
    "delay_days": "integer",
}


def _pending(lines: str) -> Table:
    name, columns = PENDING[lines], LINES[lines][1:]
    defined = ", ".join(f"{column} {_TYPES.get(column, 'text')}" for column in columns)
    listed = ", ".join(columns)
    negated = ", ".join("-n" if column == "n" else column for column in columns)
    statements = (
        f"CREATE TABLE {{schema}}.{name} ({defined})",
        f"COMMENT ON TABLE {{schema}}.{name} IS 'Lines that came (n) and went (-n) since they were added up last.'",
        f"CREATE FUNCTION {{schema}}.keep_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF TG_OP = 'INSERT' THEN INSERT INTO {{schema}}.{name} ({listed}) SELECT {listed} FROM changed;"
        f" ELSE INSERT INTO {{schema}}.{name} ({listed}) SELECT {negated} FROM changed; END IF;"
        " RETURN NULL; END $$",
    )
    return Table(name, columns, ";\n".join(statements), compared=False)


def list_triggers(lines: str) -> tuple[str, ...]:
    """Made with the indexes of a table of lines, when a rebuild has filled it. Lines come and go; none is changed."""
    do = f"FOR EACH STATEMENT EXECUTE FUNCTION {{schema}}.keep_{PENDING[lines]}()"
    return (
        f"CREATE TRIGGER came AFTER INSERT ON {{schema}}.{lines} REFERENCING NEW TABLE AS changed {do}",
        f"CREATE TRIGGER went AFTER DELETE ON {{schema}}.{lines} REFERENCING OLD TABLE AS changed {do}",
    )


_KEY_TYPES: Final = {
    **dict.fromkeys(("population", "grain", "track", "kind", "area"), "text NOT NULL"),
    "year": "smallint NOT NULL",
    "calendar_month": "smallint",
    "recorded_year": "smallint NOT NULL",
    "day": "integer",
    "born_day": "integer",
    "born_year": "smallint",
    "age": "smallint",
    "age_at_year_end": "smallint",
    "birth_order": "integer",
    "delay_days": "integer",
}


def _sums(of: Sum, comment: str, partitions: tuple[str, ...] = (), *more: str) -> Table:
    """Keys may be null, and two that are null are the same key."""
    defined = ", ".join(
        [f"{key} {_KEY_TYPES.get(key, 'text')}" for key in of.keys] + [f"{name} bigint NOT NULL" for name in of.sums]
    )
    by = f" PARTITION BY LIST ({of.partitioned_by})" if partitions else ""
    statements = [
        f"CREATE TABLE {{schema}}.{of.name} ({defined}){by}",
        f"COMMENT ON TABLE {{schema}}.{of.name} IS '{comment}'",
        *(
            f"CREATE TABLE {{schema}}.{of.name}_{value} PARTITION OF {{schema}}.{of.name} FOR VALUES IN ('{value}')"
            for value in partitions
        ),
    ]
    table = f"{{schema}}.{of.name}"
    indexes = (f"CREATE UNIQUE INDEX ON {table} ({', '.join(of.keys)}) NULLS NOT DISTINCT", *more)
    return Table(of.name, of.columns, ";\n".join(statements), indexes, fill(of), compared=False)


TABLES: Final[tuple[Table, ...]] = (
    _pending(CROSSING),
    _pending(OCCURRENCE),
    _sums(STOCK, "Changes of populations within a calendar year. See docs/tabulation.md.", STORED),
    _sums(BIRTHDAYS, "Changes of the populations of the whole region within a calendar year, by birth day."),
    _sums(
        DAYS,
        "Changes of populations by day: of areas, and of the whole region by sex.",
        (),
        # For all areas at once; of a few the keys are enough.
        f"CREATE INDEX ON {{schema}}.{DAYS.name} (day) WHERE area <> ''",
    ),
    _sums(VITAL, "Vital events within a calendar year."),
    _sums(
        MOVES,
        "Moves within a calendar year.",
        TRACKS,
        f"CREATE INDEX ON {{schema}}.{MOVES.name} (grain, destination)",
    ),
)
"""All tables, in an order in which they may be made: after the lines."""
