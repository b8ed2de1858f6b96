"""A life course on a terminal: what is known now, who they are, where they lived, what was said when."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

Told = Mapping[str, Any]

_HISTORIES: Mapping[str, tuple[str, ...]] = {
    "residence": ("from_on", "to_on", "usual", "usual_kind", "registered"),
    "civil_status": ("from_on", "to_on", "status", "spouse_id"),
    "household": ("from_on", "to_on", "household_id", "relation"),
    "identifiers": ("from_on", "to_on", "kind"),
    "departures": ("left_on", "from_area", "to_region", "to_country", "state", "answered_on"),
    "certificates": ("kind", "state", "state_on", "valid_until_on"),
    "links": ("from_on", "to_on", "partner_region", "own_side", "settled_by", "end_reason"),
    "markers": ("from_on", "to_on", "kind", "scope"),
    "disputes": ("from_on", "to_on", "path", "ground", "decision"),
}
_MARKS = {"replaced": "corrected", "annulled": "annulled", "overruled": "overruled", "inert": "no effect"}


def render_life(told: Told) -> Iterator[RenderableType]:
    """The answer of GET /v1/persons/{id}, part by part; parts that are not in it are left out."""
    yield _title(told)
    if told.get("incomplete"):
        count = len(told["set_aside"])
        yield Text(f"INCOMPLETE: {count} event(s) of this person could not be applied.", style="bold red")
    if "current" in told:
        yield _facts(told["current"], told.get("particulars"))
    for name, columns in _HISTORIES.items():
        rows = told.get("history", {}).get(name)
        if rows:
            yield _table(name.replace("_", " "), columns, rows)
    if told.get("timeline"):
        yield _timeline(told["timeline"])
    if told.get("findings"):
        yield _table("findings", ("on", "kind", "area", "office", "event_id"), told["findings"])
    if "services" in told:
        yield _table("services", ("from_on", "to_on", "kind", "service_code"), told["services"]["items"])


def _title(told: Told) -> Text:
    title = Text(f"Person {told['person_id']}", style="bold")
    if told["also_known_as"]:
        title.append(f"  (also {', '.join(told['also_known_as'])})")
    for name in ("as_at", "as_known_at"):
        if told.get(name):
            title.append(f"\n{name.replace('_', ' ')} {told[name]}", style="italic")
    return title


def _facts(current: Told, particulars: Told | None) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in _list_facts(current, particulars):
        table.add_row(Text(name, style="dim"), Text(value))
    return table


def _list_facts(current: Told, particulars: Told | None) -> Iterator[tuple[str, str]]:
    if particulars is not None:
        yield from _list_particulars(particulars)
    yield "born", f"{current['born_on'] or 'not known'}{_in(current['birth_country'])}"
    if current["died_on"]:
        yield "died", current["died_on"]
    yield "sex", current["sex"] or "not known"
    if current["usual"]:
        kind = f" ({current['usual_kind']})" if current["usual_kind"] else ""
        yield "lives", as_place(current["usual"]) + kind
        yield "registered", as_place(current["registered"])
    if current["civil_status"]:
        yield "civil status", current["civil_status"]
    if current["household_id"]:
        yield "household", f"{current['household_id']}, {current['household_relation'] or 'member'}"
    if current["awaits_confirmation"]:
        yield "departure", "waits for the destination's confirmation"
    for name in ("protected", "disputed"):
        if current[name]:
            yield name, ", ".join(current[name])


def _list_particulars(particulars: Told) -> Iterator[tuple[str, str]]:
    civil, contact = particulars.get("civil") or {}, particulars.get("contact") or {}
    name = civil.get("full_name") or " ".join(filter(None, (civil.get("given_names"), civil.get("family_name"))))
    if name:
        yield "name", name
    for identifier in civil.get("identifiers", ()):
        yield identifier["kind"], identifier["value"]
    address = civil.get("address") or {}
    lines = [*address.get("lines", ()), address.get("postal_code"), address.get("locality")]
    if any(lines):
        yield "address", ", ".join(line for line in lines if line)
    for way in ("telephones", "emails"):
        if contact.get(way):
            yield way, ", ".join(contact[way])
    if particulars.get("redacted"):
        yield "redacted", f"{', '.join(particulars['redacted'])}: what was sealed there was erased"


def _table(title: str, columns: Sequence[str], rows: Sequence[Told]) -> Table:
    used = [name for name in columns if any(row.get(name) is not None for row in rows)]
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for name in used:
        table.add_column(name.removesuffix("_on").replace("_", " "), style=None, header_style="dim", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_as_text(row.get(name))) for name in used))
    return table


def _timeline(entries: Sequence[Told]) -> Table:
    table = Table(title="timeline", title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for name in ("happened", "what", "as", "where", "office", "recorded", ""):
        table.add_column(name, header_style="dim", overflow="fold", no_wrap=name == "what")
    for entry in entries:
        mark = _MARKS.get(entry["state"], "" if entry["state"] in ("stands", "in-force") else entry["state"])
        cells = (
            entry["occurred_on"],
            entry["type"],
            ", ".join(entry["roles"]),
            entry["residence_area"] or entry["occurrence_area"] or "",
            entry["office"],
            entry["recorded_at"][:16].replace("T", " "),
            mark,
        )
        table.add_row(*(Text(cell) for cell in cells), style="dim" if mark in ("corrected", "annulled") else None)
        if entry.get("instead"):
            happened = f"→ {entry['instead']['occurred_on']}"
            table.add_row(Text(happened), Text(entry["instead"]["type"]), *(Text(""),) * 4, Text("instead"))
    return table


def as_place(place: Told | None) -> str:
    """A place in words."""
    if not place:
        return ""
    if "area" in place:
        return str(place["area"])
    if "region" in place:
        return f"region {place['region']}" + (f", {place['region_area']}" if place.get("region_area") else "")
    if "country" in place:
        return "abroad" if place["country"] == "ZZ" else f"abroad, {place['country']}"
    return "nobody knows where"


def _in(country: str | None) -> str:
    return f" in {country}" if country else ""


def _as_text(value: Any) -> str:
    if isinstance(value, dict):
        return as_place(value)
    return "" if value is None else str(value)
