"""The functions of the schema `analysis`: exactly this list. They read its views and nothing else, with the rights of
whoever calls them.
"""

from typing import Final, NamedTuple

from services.projections.analysis.contents import AREA, VINTAGE, Column


class Function(NamedTuple):
    """`body` is one SELECT over views."""

    name: str
    words: str
    arguments: tuple[Column, ...]
    columns: tuple[Column, ...]
    body: str


FUNCTIONS: Final = (
    Function(
        "population_on",
        "Usual residents at the end of the last quarter that was over on the day, which stands beside the figure.",
        (Column("on_day", "date", "Any day."),),
        (
            Column("day", "date", "The day that the figure is of."),
            AREA,
            Column("people", "bigint", "People; null: held back."),
            *VINTAGE,
        ),
        "SELECT q.day, q.area, q.people, q.vintage, q.rule FROM analysis.population_quarters AS q"
        " WHERE q.day = (SELECT max(p.day) FROM analysis.population_quarters AS p WHERE p.day <= on_day)"
        " ORDER BY q.area",
    ),
    Function(
        "pyramid",
        "Women and men by age at the end of a year: single years where they are published, else groups of five.",
        (
            Column("of_area", "text", "Code of the area, or `region`."),
            Column("of_year", "integer", "The year."),
        ),
        (
            Column("age_from", "integer", "First age of the group."),
            Column("age_to", "integer", "Last age of the group; null: open."),
            Column("women", "bigint", "Women; null: held back."),
            Column("men", "bigint", "Men; null: held back."),
            *VINTAGE,
        ),
        "SELECT p.age_from, p.age_to, max(p.people) FILTER (WHERE p.sex = 'female'),"
        " max(p.people) FILTER (WHERE p.sex = 'male'), max(p.vintage), max(p.rule)"
        " FROM analysis.population AS p WHERE p.area = of_area AND p.year = of_year AND p.breakdown ="
        " (SELECT min(b.breakdown) FROM analysis.population AS b WHERE b.area = of_area AND b.year = of_year"
        " AND b.breakdown IN ('sex-age1', 'sex-age5')) GROUP BY p.age_from, p.age_to ORDER BY p.age_from",
    ),
    Function(
        "areas_on",
        "The map of a day: the areas in force.",
        (Column("on_day", "date", "Any day."),),
        (
            Column("area", "text", "Code of the area."),
            Column("name", "text", "Name."),
            Column("kind", "text", "Kind of area."),
            Column("level", "integer", "Depth in the map: 0 is the region itself."),
            Column("parent", "text", "The area that it lay in; null: none."),
        ),
        "SELECT a.area, a.name, a.kind, a.level, a.parent FROM analysis.areas AS a"
        " WHERE a.valid_from <= on_day AND (a.valid_to IS NULL OR on_day < a.valid_to) ORDER BY a.area",
    ),
    Function(
        "areas_within",
        "An area and all that lies in it on a day.",
        (Column("of_area", "text", "Code of the area."), Column("on_day", "date", "Any day.")),
        (
            Column("area", "text", "Code of the area."),
            Column("depth", "integer", "Steps up to the area asked for."),
        ),
        "SELECT l.descendant, l.depth FROM analysis.area_links AS l WHERE l.ancestor = of_area"
        " AND l.valid_from <= on_day AND (l.valid_to IS NULL OR on_day < l.valid_to) ORDER BY l.depth, l.descendant",
    ),
)
