"""GET /v1/worklists/…: what waits for an office, page by page. They show ids and what is the matter, never particulars.

Everybody whom a page shows is recorded as read. Protected people are left out for ordinary staff.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.kernel.database import Connection
from services.kernel.errors import Forbidden, NotFound
from services.kernel.http.bodies import JSON
from services.kernel.http.door import Door
from services.kernel.http.parameters import require_known_parameters, word
from services.kernel.identity.caller import Caller
from services.projections.api.asking import find_limit
from services.projections.api.cursors import INTEGER, read_cursor, write_cursor
from services.projections.api.desk import Desk, Look
from services.projections.api.presenting import Told, iso_date
from services.projections.register.life.findings import KINDS

# $1 areas (null: everywhere), $2 limit, $3 whether protected people are shown, $4 today, then the list's own.
_UNPROTECTED = """($3 OR NOT EXISTS (SELECT FROM register.marker AS m WHERE m.person_id = {who}
    AND m.kind = 'protection' AND (m.to_day IS NULL OR m.to_day > $4)))"""
_IN_AREAS = """($1::text[] IS NULL OR EXISTS (SELECT FROM register.residence AS r WHERE r.person_id = {who}
    AND (r.usual_area = ANY ($1) OR r.registered_area = ANY ($1))))"""
# Voluntary services are read for a purpose of their own: not by the register's offices, under pseudonyms neither.
_OF_SERVICES = "split_part({topic}, '.', 2) = 'service'"

_FINDINGS = f"""
SELECT f.person_id, f.kind, f.event_id, f.other_event_id, f.day, f.area, f.office FROM register.finding AS f
WHERE NOT EXISTS (
        SELECT FROM register.event AS e WHERE e.event_id = f.event_id AND {_OF_SERVICES.format(topic="e.topic")})
    AND ($1::text[] IS NULL OR f.area = ANY ($1)) AND ($5::text IS NULL OR f.kind = $5)
    AND {_UNPROTECTED.format(who="f.person_id")}
    AND ($6::int IS NULL OR (f.day, f.person_id, f.event_id, f.kind) > ($6, $7::uuid, $8::uuid, $9::text))
ORDER BY f.day, f.person_id, f.event_id, f.kind LIMIT $2
"""  # noqa: S608 - only texts of this file
_DEPARTURES = f"""
SELECT d.person_id, d.event_id, d.left_day AS day, d.from_area, d.to_region, d.to_region_area, d.to_country
FROM register.departure AS d
WHERE d.state = 'awaiting' AND ($1::text[] IS NULL OR d.from_area = ANY ($1))
    AND {_UNPROTECTED.format(who="d.person_id")}
    AND ($5::int IS NULL OR (d.left_day, d.person_id, d.event_id) > ($5, $6::uuid, $7::uuid))
ORDER BY d.left_day, d.person_id, d.event_id LIMIT $2
"""  # noqa: S608
# Hashes of names with birth dates begin with the byte 2. Those of several entries first: they are few.
_PAIRS = """
SELECT 'name-and-birth-date' AS rule, a.person_id, b.person_id AS other_id
FROM (SELECT digest FROM lookup.entry WHERE digest >= '\\x02' AND digest < '\\x03'
      GROUP BY digest HAVING count(*) > 1) AS shared
JOIN lookup.entry AS a USING (digest) JOIN lookup.entry AS b USING (digest) WHERE a.person_id < b.person_id
UNION
SELECT 'identifier', least(i.person_id, c.person_id), greatest(i.person_id, c.person_id)
FROM privacy.identifier_conflict AS c JOIN privacy.identifier AS i USING (blind_index) WHERE i.person_id <> c.person_id
"""
_DUPLICATES = f"""
SELECT d.person_id, d.other_id, d.rule FROM ({_PAIRS}) AS d
JOIN register.person AS p ON p.person_id = d.person_id AND p.merged_into IS NULL
JOIN register.person AS q ON q.person_id = d.other_id AND q.merged_into IS NULL
WHERE ($5::text IS NULL OR d.rule = $5)
    AND (d.rule = 'identifier' OR (p.born_day = q.born_day AND p.sex IS NOT DISTINCT FROM q.sex))
    AND ({_IN_AREAS.format(who="d.person_id")} OR {_IN_AREAS.format(who="d.other_id")})
    AND {_UNPROTECTED.format(who="d.person_id")} AND {_UNPROTECTED.format(who="d.other_id")}
    AND ($6::uuid IS NULL OR (d.person_id, d.other_id, d.rule) > ($6, $7::uuid, $8::text))
ORDER BY d.person_id, d.other_id, d.rule LIMIT $2
"""  # noqa: S608
_SET_ASIDE = f"""
SELECT s.projection, s.topic, s.partition, s."offset", s.reason, s.state, s.subjects FROM projection.set_aside AS s
WHERE NOT {_OF_SERVICES.format(topic="s.topic")} AND ($5::text IS NULL OR s.reason = $5) AND s.state = 'waiting'
    AND ($1::text[] IS NULL OR EXISTS (
        SELECT FROM unnest(s.subjects) AS u (id) WHERE {_IN_AREAS.format(who="u.id::uuid")}))
    AND NOT EXISTS (SELECT FROM unnest(s.subjects) AS u (id) WHERE NOT {_UNPROTECTED.format(who="u.id::uuid")})
    AND ($6::text IS NULL OR (s.projection, s.topic, s.partition, s."offset") > ($6, $7::text, $8::int, $9::bigint))
ORDER BY s.projection, s.topic, s.partition, s."offset" LIMIT $2
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Worklist:
    """`key`: the columns that a page is ordered by, with what they are; `people`: columns with ids of people; `kinds`:
    the words of ?kind=, where they are a closed list.
    """

    name: str
    statement: str
    has_kind: bool
    key: Mapping[str, Any]
    people: Sequence[str]
    kinds: Collection[str] = ()

    @property
    def path(self) -> str:
        """Where it is asked for."""
        return f"/v1/worklists/{self.name}"


WORKLISTS = (
    Worklist(
        "findings",
        _FINDINGS,
        True,
        {"day": INTEGER, "person_id": UUID, "event_id": UUID, "kind": str},
        ("person_id",),
        KINDS,
    ),
    Worklist(
        "unconfirmed-departures",
        _DEPARTURES,
        False,
        {"day": INTEGER, "person_id": UUID, "event_id": UUID},
        ("person_id",),
    ),
    Worklist(
        "possible-duplicates",
        _DUPLICATES,
        True,
        {"person_id": UUID, "other_id": UUID, "rule": str},
        ("person_id", "other_id"),
        ("name-and-birth-date", "identifier"),
    ),
    Worklist(
        "set-aside",
        _SET_ASIDE,
        True,
        {"projection": str, "topic": str, "partition": INTEGER, "offset": int},
        ("subjects",),
    ),
)


class WorklistRoutes:
    """Pages of what waits for an office."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self, door: Door) -> list[Route]:
        return [door.guarded("GET", worklist.path, self._handler(worklist)) for worklist in WORKLISTS]

    def _handler(self, worklist: Worklist) -> Any:
        async def answer(request: Request, caller: Caller) -> Response:
            return await self._answer(worklist, request, caller)

        return answer

    async def _answer(self, worklist: Worklist, request: Request, caller: Caller) -> Response:
        kinds = {"kind"} if worklist.has_kind else set()
        require_known_parameters(request, {"area", "purpose", "cursor", "limit", "wait_for", *kinds})
        asked = request.query_params
        look = self._desk.admit(caller, f"GET {worklist.path}", asked.get("purpose"), None, with_case=False)
        areas = self._settle_areas(caller, asked.get("area"))
        after = read_cursor(asked.get("cursor"), worklist.name, list(worklist.key.values()))
        limit = find_limit(request)
        kind = word(request, "kind", worklist.kinds) if worklist.kinds else asked.get("kind")
        await self._desk.wait(request, ["register"])
        more = [kind] if worklist.has_kind else []
        key = after or (None,) * len(worklist.key)
        async with self._desk.tables() as connection:
            rows = await self._fetch(connection, worklist, look, areas, limit, [*more, *key])
        people = {UUID(str(each)).bytes for row in rows for column in worklist.people for each in _each(row[column])}
        await self._desk.record([self._desk.describe_people(look, people, [worklist.name.replace("-", "_")])])
        last = [_plain(rows[-1][column]) for column in worklist.key] if len(rows) == limit else None
        told = {
            "items": [_tell(dict(row)) for row in rows],
            "next": write_cursor(worklist.name, last) if last is not None else None,
        }
        return Response(msgspec.json.encode(told), media_type=JSON)

    async def _fetch(
        self,
        connection: Connection,
        worklist: Worklist,
        look: Look,
        areas: Sequence[str] | None,
        limit: int,
        more: Sequence[Any],
    ) -> list[asyncpg.Record]:
        protected, today = look.reader.view.sees_protected, self._desk.today
        return list(await connection.fetch(worklist.statement, areas, limit, protected, today, *more))

    def _settle_areas(self, caller: Caller, asked: str | None) -> list[str] | None:
        """The areas to look in; None for everywhere, places that are not known included."""
        tree = self._desk.tree
        if asked is None:
            return None if caller.whole_region else list(tree.under(caller.areas))
        areas = tree.subtree(asked)
        if not areas:
            raise NotFound("unknown-area", "?area")
        if not tree.covers(caller.areas, asked):
            raise Forbidden("area-not-yours", "?area")
        return list(areas)


def _each(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | str) else str(value)


def _tell(row: Mapping[str, Any]) -> Told:
    told: Told = {}
    for name, value in row.items():
        if name == "day":
            told["on"] = iso_date(value)
        elif isinstance(value, UUID):
            told[name] = str(value)
        else:
            told[name] = value
    return told
