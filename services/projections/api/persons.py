"""GET /v1/persons/{id}: one person's record. GET /v1/persons/{id}/readers: who read it."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.kernel.database import Connection, Uuid
from services.kernel.errors import NotFound
from services.kernel.http.bodies import JSON
from services.kernel.http.door import Door
from services.kernel.http.parameters import require_known_parameters
from services.kernel.identity.caller import Caller
from services.kernel.reading.particulars import Particulars, ParticularsReader
from services.kernel.reading.paths import list_paths
from services.kernel.reading.recorder import WITHHELD
from services.projections.api.asking import find_day, find_instant, find_limit, parse_person_id
from services.projections.api.course import Course, CourseReader
from services.projections.api.cursors import read_cursor, write_cursor
from services.projections.api.desk import Desk, Look
from services.projections.api.presenting import Told, iso_instant, tell_current, tell_history, tell_row
from services.projections.api.sight import CURRENT, FINDINGS, HISTORY, PARTICULARS, SERVICES, TIMELINE, require_sections
from services.projections.api.timeline import tell_timeline

RECORD, READERS = "/v1/persons/{id}", "/v1/persons/{id}/readers"
_SET_ASIDE = """
SELECT topic, partition, "offset", reason, state FROM projection.set_aside
WHERE projection = 'register' AND subjects && $1 ORDER BY topic, partition, "offset"
"""
_READERS = """
SELECT * FROM readers.reading
WHERE person_id = ANY ($1) AND ($2::bigint IS NULL OR (recorded_at, event_id) < ($2, $3))
ORDER BY recorded_at DESC, event_id DESC LIMIT $4
"""
_PSEUDONYMS = "SELECT pseudonym FROM privacy.pseudonym WHERE person_id = ANY ($1) ORDER BY pseudonym"


class PersonRoutes:
    """What there is of one person, for whom may read it."""

    def __init__(self, desk: Desk, courses: CourseReader, particulars: ParticularsReader) -> None:
        self._desk = desk
        self._courses = courses
        self._particulars = particulars

    def routes(self, door: Door) -> list[Route]:
        return [door.guarded("GET", READERS, self.list_readers), door.guarded("GET", RECORD, self.get)]

    async def get(self, request: Request, caller: Caller) -> Response:
        """The record, as it is, as at a day, or as known at a time."""
        require_known_parameters(request, {"purpose", "case", "as_at", "as_known_at", "wait_for", "include"})
        asked = request.query_params
        look = self._desk.admit(caller, f"GET {RECORD}", asked.get("purpose"), asked.get("case"))
        sections = require_sections(look.reader, asked.get("include"))
        as_at, known_at = find_day(request, "as_at"), find_instant(request, "as_known_at")
        person_id = parse_person_id(request.path_params["id"])
        await self._desk.wait(request, ["register"])
        async with self._desk.denying_evenly(), self._desk.tables() as connection:
            found = await self._courses.find(connection, person_id)
            # Who may see a record is settled by what is known now, whatever time is asked about.
            present = await self._desk.require_sight(look, found)
            course = present if known_at is None else present.as_known_at(known_at)
            if course is None:
                await self._desk.record([self._desk.describe(look, present)])
                raise NotFound("unknown-person")
            people = present.people | course.people
            await self._require_sight_of_all(connection, look, people, people - present.people)
            told, opened = await self._tell(connection, look, course, sections, as_at)
        head: Told = {"person_id": str(UUID(bytes=course.person_id)), "asked_for": str(UUID(bytes=person_id))}
        head |= {"also_known_as": [str(UUID(bytes=each)) for each in sorted(course.people - {course.person_id})]}
        head |= {"as_at": asked.get("as_at"), "as_known_at": iso_instant(known_at) if known_at is not None else None}
        await self._desk.record([self._desk.describe_people(look, people, list_paths(told), opened)])
        return _answer(head | told)

    async def _require_sight_of_all(
        self, connection: Connection, look: Look, people: Collection[bytes], others: Collection[bytes]
    ) -> None:
        """Return if the reader may see the `others` among `people` too: a merge that was reversed since showed their
        record under this id. NotFound("unknown-person") else, and a withheld look at all of them is logged.
        """
        for other in sorted(others):
            found = await self._courses.find(connection, other)
            if found is None or not self._desk.sees(look, found):
                await self._desk.record([replace(self._desk.describe_people(look, people), outcome=WITHHELD)])
                raise NotFound("unknown-person")

    async def list_readers(self, request: Request, caller: Caller) -> Response:
        """Who read the record, newest first. Who asks is recorded as well."""
        require_known_parameters(request, {"purpose", "case", "wait_for", "cursor", "limit"})
        asked = request.query_params
        look = self._desk.admit(caller, f"GET {READERS}", asked.get("purpose"), asked.get("case"))
        after, limit = read_cursor(asked.get("cursor"), "readers", (int, UUID)), find_limit(request)
        person_id = parse_person_id(request.path_params["id"])
        await self._desk.wait(request, ["register", "readers"])
        async with self._desk.denying_evenly(), self._desk.tables() as connection:
            course = await self._desk.require_sight(look, await self._courses.find(connection, person_id))
            people = [Uuid(each) for each in sorted(course.people)]
            rows = await connection.fetch(_READERS, people, *(after or (None, None)), limit)
        await self._desk.record([self._desk.describe(look, course, ["readers"])])
        key = (rows[-1]["recorded_at"], str(rows[-1]["event_id"])) if len(rows) == limit else None
        return _answer({
            "person_id": str(UUID(bytes=course.person_id)),
            "readers": [_tell_reading(row) for row in rows],
            "next": write_cursor("readers", key) if key else None,
        })  # fmt: skip

    async def _tell(
        self, connection: Connection, look: Look, course: Course, sections: tuple[str, ...], as_at: int | None
    ) -> tuple[Told, tuple[str, ...]]:
        """What is told, and which compartments were opened for it."""
        told: Told = await self._tell_gaps(connection, course)
        opened: tuple[str, ...] = ()
        for section in sections:
            if section == CURRENT:
                told[section] = tell_current(course, self._desk.today if as_at is None else as_at, self._desk.today)
            elif section == PARTICULARS:
                opened = look.reader.view.compartments
                told[section] = await self._tell_particulars(connection, course, opened, as_at)
            elif section == HISTORY:
                told[section] = tell_history(course.tables, as_at)
            elif section == TIMELINE:
                told[section] = tell_timeline(course, as_at)
            elif section == FINDINGS:
                told[section] = [tell_row(row) for row in course.tables.get("finding", ())]
            elif section == SERVICES:
                # Said whether there is anything or not: the log must not tell who has services.
                opened = look.reader.view.compartments
                told[section] = await self._tell_services(connection, course, opened)
        return told, opened

    async def _tell_gaps(self, connection: Connection, course: Course) -> Told:
        ids = [str(UUID(bytes=each)) for each in sorted(course.people)]
        rows = await connection.fetch(_SET_ASIDE, ids)
        return {"incomplete": bool(rows), "set_aside": [dict(row) for row in rows]}

    async def _tell_particulars(
        self, connection: Connection, course: Course, compartments: tuple[str, ...], as_at: int | None
    ) -> Told:
        opened = await self.open(connection, course, compartments, as_at)
        return {name: opened.current(name) for name in compartments} | {"redacted": sorted(opened.redacted)}

    async def open(
        self, connection: Connection, course: Course, compartments: tuple[str, ...], as_at: int | None = None
    ) -> Particulars:
        """The particulars of all events that stand, up to a day."""
        standing = [said for said in course.list_standing() if as_at is None or said.day <= as_at]
        events = [course.get_record(said.carrier_id) for said in standing]
        return await self._particulars.read(connection, events, course.people, compartments)

    async def _tell_services(self, connection: Connection, course: Course, compartments: tuple[str, ...]) -> Told:
        people = [Uuid(each) for each in sorted(course.people)]
        told: Told = {"items": [], "particulars": None, "redacted": []}
        for row in await connection.fetch(_PSEUDONYMS, people):
            history = await self._courses.find_services(connection, row["pseudonym"].bytes)
            if history is None:
                continue
            opened = await self.open(connection, history, compartments)
            told["items"] += [tell_row(item) for item in history.tables.get("service", ())]
            told["particulars"] = opened.current("service") or told["particulars"]
            told["redacted"] = sorted({*told["redacted"], *opened.redacted})
        return told


def _tell_reading(row: Any) -> Told:
    left_out = ("person_id", "recorded_at", "partition", "offset")
    told = {name: value for name, value in row.items() if name not in left_out}
    return {"recorded_at": iso_instant(row["recorded_at"]), **told, "event_id": str(row["event_id"])}


def _answer(told: Told) -> Response:
    return Response(msgspec.json.encode(told), media_type=JSON)
