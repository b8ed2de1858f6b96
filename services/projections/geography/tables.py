"""The tables of the map. Days are counted from 1970-01-01; a `valid_to` is the first day on which it is no more."""

from typing import Final

from services.projections.engine.projection import Table

EVENT = "event"
VERSION, CHANGE, CLOSURE, FINDING = "area_version", "area_change", "area_closure", "area_finding"

_EVENT = """
CREATE TABLE {schema}.event (
    event_id uuid NOT NULL,
    fact bytea NOT NULL
);
COMMENT ON TABLE {schema}.event IS 'Every event about areas once; of several copies the first on the log.';
COMMENT ON COLUMN {schema}.event.fact IS 'What it says, as MessagePack: AreaFact in services/projections/geography.';
"""
_VERSION = """
CREATE TABLE {schema}.area_version (
    area text NOT NULL,
    valid_from integer NOT NULL,
    valid_to integer,
    name text,
    name_local text,
    area_kind text,
    level integer,
    parent_area text,
    event_id uuid NOT NULL
);
COMMENT ON TABLE {schema}.area_version IS 'Names, kinds and levels of areas, and where they lay.';
COMMENT ON COLUMN {schema}.area_version.valid_from IS 'First day. Days since 1970-01-01.';
COMMENT ON COLUMN {schema}.area_version.valid_to IS 'First day without it; null: it goes on. Days since 1970-01-01.';
COMMENT ON COLUMN {schema}.area_version.level IS 'Depth in the map: 0 is the region itself.';
COMMENT ON COLUMN {schema}.area_version.event_id IS 'The event that began it.';
"""
_CHANGE = """
CREATE TABLE {schema}.area_change (
    day integer NOT NULL,
    predecessor text,
    successor text,
    kind text NOT NULL
);
COMMENT ON TABLE {schema}.area_change IS 'Where territory went; all lines of an area and day are all of it.';
COMMENT ON COLUMN {schema}.area_change.day IS 'The map of this day is the one after the change. Days since 1970-01-01.';
COMMENT ON COLUMN {schema}.area_change.kind IS 'recoded, merged, split, kept (a part of it came or went), new, ended.';
"""
_CLOSURE = """
CREATE TABLE {schema}.area_closure (
    ancestor text NOT NULL,
    descendant text NOT NULL,
    depth integer NOT NULL,
    valid_from integer NOT NULL,
    valid_to integer
);
COMMENT ON TABLE {schema}.area_closure IS 'What lies in what, and when; every area lies in itself.';
COMMENT ON COLUMN {schema}.area_closure.depth IS 'Steps from the descendant up to the ancestor.';
COMMENT ON COLUMN {schema}.area_closure.valid_from IS 'First day. Days since 1970-01-01.';
COMMENT ON COLUMN {schema}.area_closure.valid_to IS 'First day without it; null: it goes on. Days since 1970-01-01.';
"""
_FINDING = """
CREATE TABLE {schema}.area_finding (
    area text NOT NULL,
    kind text NOT NULL,
    day integer NOT NULL,
    event_id uuid,
    other_area text
);
COMMENT ON TABLE {schema}.area_finding IS 'Events about areas that contradict each other.';
COMMENT ON COLUMN {schema}.area_finding.kind IS 'Words: see docs/geography.md.';
COMMENT ON COLUMN {schema}.area_finding.day IS 'Days since 1970-01-01.';
"""

TABLES: Final[tuple[Table, ...]] = (
    Table(EVENT, ("event_id", "fact"), _EVENT, ("ALTER TABLE {schema}.event ADD PRIMARY KEY (event_id)",)),
    Table(
        VERSION,
        ("area", "valid_from", "valid_to", "name", "name_local", "area_kind", "level", "parent_area", "event_id"),
        _VERSION,
        ("ALTER TABLE {schema}.area_version ADD PRIMARY KEY (area, valid_from)",),
    ),
    Table(
        CHANGE,
        ("day", "predecessor", "successor", "kind"),
        _CHANGE,
        (
            "CREATE UNIQUE INDEX ON {schema}.area_change (day, (coalesce(predecessor, '')), (coalesce(successor, '')))",
            "CREATE INDEX ON {schema}.area_change (predecessor, day)",
            "CREATE INDEX ON {schema}.area_change (successor, day)",
        ),
    ),
    Table(
        CLOSURE,
        ("ancestor", "descendant", "depth", "valid_from", "valid_to"),
        _CLOSURE,
        (
            "ALTER TABLE {schema}.area_closure ADD PRIMARY KEY (descendant, ancestor, valid_from)",
            "CREATE INDEX ON {schema}.area_closure (ancestor, valid_from)",
        ),
    ),
    Table(
        FINDING,
        ("area", "kind", "day", "event_id", "other_area"),
        _FINDING,
        ("CREATE INDEX ON {schema}.area_finding (area)",),
    ),
)
