"""The tables of the register. What is derived from lives has the columns of `life.TABLES`; here are types, keys and
indexes. Keys are made with the indexes, after a rebuild has filled the tables.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from services.projections.engine.projection import Table
from services.projections.register.life.rows import TABLES as LIVES
from services.projections.statistics.rows import CROSSING, OCCURRENCE
from services.projections.statistics.rows import TABLES as COUNTED
from services.projections.tabulation.reading import OF_REGION
from services.projections.tabulation.tables import TABLES as TABULATED
from services.projections.tabulation.tables import list_triggers

EVENT, TIMELINE, MERGE_EDGE = "event", "timeline", "merge_edge"

_EVENT = """
CREATE TABLE {schema}.event (
    event_id uuid NOT NULL,
    target_id uuid,
    recorded_at bigint NOT NULL,
    "offset" bigint NOT NULL,
    partition integer NOT NULL,
    contested boolean NOT NULL,
    topic text NOT NULL,
    value bytea NOT NULL
);
COMMENT ON TABLE {schema}.event IS 'Every event once, as it stands on the log; of several copies the first.';
COMMENT ON COLUMN {schema}.event.target_id IS 'The event that a correction or an annulment speaks of.';
COMMENT ON COLUMN {schema}.event.recorded_at IS 'When the log took it; milliseconds since 1970-01-01, UTC.';
COMMENT ON COLUMN {schema}.event.contested IS 'Another copy has another content.';
COMMENT ON COLUMN {schema}.event.value IS 'The framed record. Particulars are sealed in it and stand nowhere else.';
"""
_TIMELINE = """
CREATE TABLE {schema}.timeline (person_id uuid NOT NULL, thread_id uuid NOT NULL);
COMMENT ON TABLE {schema}.timeline IS 'Who is named in what was ever said about an event. People of this region only.';
COMMENT ON COLUMN {schema}.timeline.thread_id IS 'An event; also the one that a correction or an annulment speaks of.';
"""
_MERGE_EDGE = """
CREATE TABLE {schema}.merge_edge (person_id uuid NOT NULL, other_id uuid NOT NULL);
COMMENT ON TABLE {schema}.merge_edge IS 'Who was ever named together in a merge or its reversal, both ways.';
"""

_KEYS: Final[Mapping[str, str]] = {
    "person": "person_id",
    "residence": "person_id, from_day",
    "civil_status": "person_id, from_day",
    "household_member": "person_id, from_day",
    "identifier": "person_id, event_id",
    "link": "person_id, link_id",
    "departure": "person_id, event_id",
    "marker": "person_id, marker_id, scope",
    "dispute": "person_id, dispute_id",
}
"""Those without a key have an index by person."""

_INDEXES: Final[Mapping[str, tuple[str, ...]]] = {
    "person": ("(merged_into) WHERE merged_into IS NOT NULL",),
    "residence": (
        "(usual_area, from_day) WHERE usual_area IS NOT NULL",
        # Nearly everybody is registered where they live: those stand in the index above.
        "(registered_area, from_day) WHERE registered_area IS DISTINCT FROM usual_area",
    ),
    "household_member": ("(household_id)",),
    "departure": ("((coalesce(from_area, '')), left_day, person_id, event_id) WHERE state = 'awaiting'",),
    "finding": ("((coalesce(area, '')), kind, day, person_id, event_id)",),
    # For the days of a period that cuts a year, and for what became known within a year. Nearly everybody is
    # registered where they live.
    CROSSING: (
        "(lives, day) WHERE lives IS NOT NULL",
        "(from_lives, day) WHERE from_lives IS NOT NULL",
        "(registered, day) WHERE lives IS DISTINCT FROM registered",
        "(from_registered, day) WHERE from_lives IS DISTINCT FROM from_registered",
        f"(day) WHERE {OF_REGION}",
        "(recorded_day)",
    ),
    OCCURRENCE: (
        "(area, day) WHERE area IS NOT NULL",
        "(registered, day) WHERE area IS DISTINCT FROM registered",
        "(kind, day)",
        "(recorded_day)",
    ),
}

_COMMENTS: Final[Mapping[str, str]] = {
    "person": "Everybody of whom something stands, and where they are at the end of what is known.",
    "residence": "Where people live and where they are registered; without gap or overlap from birth to death.",
    "civil_status": "Civil status from the first that was stated.",
    "household_member": "Who belonged to which household.",
    "identifier": "Which identifiers a person has; what they say is sealed in the event.",
    "certificate": "Certificates and applications for them.",
    "link": "Links between the records of one mover in two regions.",
    "departure": "Departures to another place and whether the destination confirmed them.",
    "service": "Services and consents, under pseudonyms; person_id is the pseudonym.",
    "marker": "What protects a record or was erased from it.",
    "dispute": "What people dispute about their records.",
    "crossing": "Passages between places of living and of registration: populations and moves are sums of them.",
    "occurrence": "Births, stillbirths, deaths, marriages and divorces, each once.",
    "finding": "Facts that contradict each other, for an office to settle.",
}
_COLUMN_COMMENTS: Final[Mapping[str, str]] = {
    "merged_into": "The id under which everything else of this person stands.",
    "marks": "Bits: 1 protected, 2 disputed, 4 erased, 8 has findings, 16 stillborn.",
    "to_day": "First day on which it is no more; null: it goes on.",
    "usual_kind": "permanent, temporary; null: not stated.",
    "usual_country": "ZZ: abroad, nobody knows where.",
    "recorded_day": "From which record day (UTC) on this is known.",
    "cause": "birth, death, arrival, other.",
    "from_lives": "An area, region:..., country:... or unknown; null before a birth.",
    "lives": "An area, region:..., country:... or unknown; null after a death.",
    "n": "What it adds; below 0: known no longer.",
    "delay_days": "From the event to its registration.",
    "state": "Words: see services/projections/register/life/rows.py.",
}
_UUIDS: Final = frozenset({"merged_into"})
_TYPES: Final[Mapping[str, str]] = {
    "marks": "smallint",
    "n": "smallint",
    "birth_order": "integer",
    "delay_days": "integer",
    "from_temporary": "boolean",
    "temporary": "boolean",
}
_NULLABLE_NEVER: Final = frozenset({"person_id", "from_day", "marks", "state", "kind", "recorded_day", "n"})
_NULLABLE_FROM: Final = frozenset({"link"})


def is_id(column: str) -> bool:
    """Whether a column of a derived table holds ids: 16 bytes in a row, a uuid in the table."""
    return column.endswith("_id") or column in _UUIDS


def type_of(column: str) -> str:
    """The SQL type of a column of a derived table."""
    if is_id(column):
        return "uuid"
    if column == "day" or column.endswith("_day"):
        return "integer"
    return _TYPES.get(column, "text")


def _define(name: str, columns: tuple[str, ...]) -> Iterator[str]:
    lines = [f"    {column} {type_of(column)}{_not_null(name, column)}" for column in columns]
    yield f"CREATE TABLE {{schema}}.{name} (\n" + ",\n".join(lines) + "\n)"
    yield f"COMMENT ON TABLE {{schema}}.{name} IS '{_COMMENTS.get(name, '')}'"
    for column in columns:
        if type_of(column) == "integer" or column in _COLUMN_COMMENTS:
            said = _COLUMN_COMMENTS.get(column, "")
            day = " Days since 1970-01-01." if type_of(column) == "integer" else ""
            yield f"COMMENT ON COLUMN {{schema}}.{name}.{column} IS '{(said + day).strip()}'"


def _not_null(table: str, column: str) -> str:
    must = column in _NULLABLE_NEVER and not (column == "from_day" and table in _NULLABLE_FROM)
    return " NOT NULL" if must else ""


def _derived(name: str, columns: tuple[str, ...]) -> Table:
    key, table = _KEYS.get(name), f"{{schema}}.{name}"
    first = f"ALTER TABLE {table} ADD PRIMARY KEY ({key})" if key else f"CREATE INDEX ON {table} (person_id)"
    more = [f"CREATE INDEX ON {table} {what}" for what in _INDEXES.get(name, ())]
    triggers = list_triggers(name) if name in COUNTED else ()
    return Table(name, columns, ";\n".join(_define(name, columns)), (first, *more, *triggers))


TABLES: Final[tuple[Table, ...]] = (
    Table(
        EVENT,
        ("event_id", "target_id", "recorded_at", "offset", "partition", "contested", "topic", "value"),
        _EVENT,
        (
            "ALTER TABLE {schema}.event ADD PRIMARY KEY (event_id)",
            "CREATE INDEX ON {schema}.event (target_id) WHERE target_id IS NOT NULL",
            # Whatever was recorded between an instant and the end of its day.
            "CREATE INDEX ON {schema}.event (recorded_at)",
        ),
    ),
    Table(
        TIMELINE,
        ("person_id", "thread_id"),
        _TIMELINE,
        ("ALTER TABLE {schema}.timeline ADD PRIMARY KEY (person_id, thread_id)",),
    ),
    Table(
        MERGE_EDGE,
        ("person_id", "other_id"),
        _MERGE_EDGE,
        ("ALTER TABLE {schema}.merge_edge ADD PRIMARY KEY (person_id, other_id)",),
    ),
    *(_derived(name, columns) for name, columns in (*LIVES.items(), *COUNTED.items())),
    *TABULATED,
)
"""All tables, in an order in which they may be made."""
