"""POST /v1/persons:find: a named person, by at least two things that the office knows; never a list by traits.

Keyed hashes name candidates; each of them is compared with the unsealed record before it is shown, so nothing that was
corrected, annulled or erased finds anybody under a false sign.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.kernel.codec.posts.dates import read_date
from services.kernel.database import Connection
from services.kernel.errors import Rejected
from services.kernel.http.bodies import EVENT_BYTES_MAX, JSON, Body, ByteBudget, media_type_of
from services.kernel.http.door import Door
from services.kernel.http.parameters import require_known_parameters
from services.kernel.identity.caller import Caller
from services.kernel.privacy.identifiers import Identifier, read_identifier
from services.kernel.privacy.name_index import ADDRESS, NAME, NAME_BIRTH, make_digest, spell_with_birth
from services.kernel.privacy.people import is_same_date
from services.kernel.privacy.region_key import RegionKey
from services.kernel.privacy.spelling import address_words, list_names, spell_name, split_address, words_of
from services.kernel.reading.particulars import Block
from services.kernel.reading.paths import list_paths
from services.kernel.reading.recorder import WITHHELD, Reading
from services.projections.api.course import Course, CourseReader
from services.projections.api.desk import Desk, Look
from services.projections.api.persons import PersonRoutes
from services.projections.api.presenting import Told, tell_birth, tell_current
from services.projections.api.sight import CURRENT

FIND = "/v1/persons:find"
FOUND_MAX = 5
CANDIDATES_MAX = 50
TRAITS_MIN = 2
_TEXT_MAX = 400

# Those of one trait, cut down by a second one in the same statement: no statement here lists people by one trait.
_BY_NAME_AND_BIRTH = """
SELECT person_id FROM lookup.entry WHERE digest = $1
UNION
SELECT e.person_id FROM lookup.entry AS e JOIN register.person AS p USING (person_id)
WHERE e.digest = $2 AND p.born_day BETWEEN $3 AND $4 LIMIT $5
"""
_BY_NAME_AND_ADDRESS = """
SELECT DISTINCT n.person_id FROM lookup.entry AS n JOIN lookup.entry AS a USING (person_id)
WHERE n.digest = $1 AND a.digest = ANY ($2) LIMIT $3
"""
_BY_ADDRESS_AND_BIRTH = """
SELECT DISTINCT e.person_id FROM lookup.entry AS e JOIN register.person AS p USING (person_id)
WHERE e.digest = ANY ($1) AND p.born_day BETWEEN $2 AND $3 LIMIT $4
"""
_BY_IDENTIFIER = """
SELECT person_id FROM privacy.identifier WHERE blind_index = $1
UNION
SELECT person_id FROM privacy.identifier_conflict WHERE blind_index = $1
"""


class _Identifier(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    value: str


class _Question(msgspec.Struct, forbid_unknown_fields=True):
    case: str
    purpose: str | None = None
    person_id: UUID | None = None
    identifier: _Identifier | None = None
    full_name: str | None = None
    birth_on: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of the person who is looked for; texts in the spelling in which they are compared."""

    person_id: bytes | None = None
    identifier: Identifier | None = None
    name: str | None = None
    birth_on: str | None = None
    address: str | None = None

    def count(self) -> int:
        """How many things are known."""
        known = (self.person_id, self.identifier, self.name, self.birth_on, self.address)
        return sum(each is not None for each in known)


class FindingRoutes:
    """Finds people for who knows them."""

    def __init__(
        self, desk: Desk, courses: CourseReader, persons: PersonRoutes, region_key: RegionKey, budget: ByteBudget
    ) -> None:
        self._desk = desk
        self._courses = courses
        self._persons = persons
        self._region_key = region_key
        self._budget = budget

    def routes(self, door: Door) -> list[Route]:
        return [door.guarded("POST", FIND, self.find)]

    async def find(self, request: Request, caller: Caller) -> Response:
        """At most five people; `more` says that there are further ones: name another trait."""
        if media_type_of(request) != JSON:
            raise Rejected("wrong-media-type")
        require_known_parameters(request, {"wait_for"})
        async with Body(request, self._budget, EVENT_BYTES_MAX) as body:
            question = _read_question(body)
        look = self._desk.admit(caller, f"POST {FIND}", question.purpose, question.case)
        traits = read_traits(question)
        await self._desk.wait(request, ["register", "lookup"])
        began_s = perf_counter()
        found: list[Told] = []
        readings: list[Reading] = []
        async with self._desk.tables() as connection:
            candidates = await self._list_candidates(connection, traits)
            more = len(candidates) > CANDIDATES_MAX
            seen: set[bytes] = set()
            for candidate in candidates[:CANDIDATES_MAX]:
                course = await self._courses.find(connection, candidate)
                if course is None or course.person_id in seen:
                    continue
                seen.add(course.person_id)
                if not await self._is_meant(connection, course, traits):
                    continue
                if not self._desk.sees(look, course):
                    readings.append(replace(self._desk.describe(look, course), outcome=WITHHELD))
                elif len(found) == FOUND_MAX:
                    more = True
                else:
                    told, opened = await self._tell(connection, look, course)
                    found.append(told)
                    readings.append(self._desk.describe(look, course, list_paths(told), opened))
        await self._desk.record(readings)
        if not found:
            await self._desk.tarry(began_s)
        return Response(msgspec.json.encode({"found": found, "more": more}), media_type=JSON)

    async def _list_candidates(self, connection: Connection, traits: Traits) -> list[bytes]:
        """Everybody who may be meant, by the two things that say most."""
        if traits.person_id is not None:
            return [traits.person_id]
        limit = CANDIDATES_MAX + 1
        days = _span(traits.birth_on) if traits.birth_on else None
        lines = [self._digest(ADDRESS, line) for line in split_address(traits.address or "")]
        if traits.identifier is not None:
            index = self._region_key.blind_index(traits.identifier.kind, traits.identifier.compact)
            rows = await connection.fetch(_BY_IDENTIFIER, index)
        elif traits.name is not None and days is not None:
            both = self._digest(NAME_BIRTH, spell_with_birth(traits.name, days[0]))
            rows = await connection.fetch(_BY_NAME_AND_BIRTH, both, self._digest(NAME, traits.name), *days, limit)
        elif traits.name is not None:
            rows = await connection.fetch(_BY_NAME_AND_ADDRESS, self._digest(NAME, traits.name), lines, limit)
        elif days is not None:
            rows = await connection.fetch(_BY_ADDRESS_AND_BIRTH, lines, *days, limit)
        else:
            rows = []
        return sorted({row["person_id"].bytes for row in rows})

    def _digest(self, kind: bytes, spelled: str) -> bytes:
        return make_digest(self._region_key, kind, spelled)

    async def _is_meant(self, connection: Connection, course: Course, traits: Traits) -> bool:
        """Whether every trait is one of this person, by what stands and can be read now."""
        if traits.person_id is not None and traits.person_id not in course.people:
            return False
        born_on = tell_birth(course)
        if traits.birth_on is not None and (born_on is None or not is_same_date(traits.birth_on, born_on)):
            return False
        opened = await self._persons.open(connection, course, ("civil",))
        blocks = opened.blocks.get("civil", [])
        return (
            (traits.identifier is None or _has_identifier(blocks, traits.identifier))
            and (traits.name is None or any(traits.name in list_names(block) for block in blocks))
            and (traits.address is None or any(words_of(traits.address) <= address_words(block) for block in blocks))
        )

    async def _tell(self, connection: Connection, look: Look, course: Course) -> tuple[Told, tuple[str, ...]]:
        """What is shown of a hit: enough to tell people apart, and only what the role may see."""
        told: Told = {"person_id": str(UUID(bytes=course.person_id))}
        view = look.reader.view
        if CURRENT not in view.sections:
            return told, ()
        current = tell_current(course, self._desk.today, self._desk.today)
        told |= {name: current[name] for name in ("sex", "born_on", "died_on", "usual", "registered")}
        opened = await self._persons.open(connection, course, ("civil",))
        civil = opened.current("civil") or {}
        told["civil"] = {name: civil[name] for name in ("full_name", "family_name", "given_names") if name in civil}
        return told, ("civil",)


def read_traits(question: _Question) -> Traits:
    """The traits in their spelling. Rejected for those that say nothing, and for fewer than two."""
    identifier = None
    if question.identifier is not None:
        try:
            identifier = read_identifier(question.identifier.kind, question.identifier.value)
        except ValueError as wrong:
            raise Rejected("bad-identifier", "/identifier/value", rule=f"{wrong}.".capitalize()) from None
    if question.birth_on is not None:
        try:
            read_date(question.birth_on)
        except ValueError:
            raise Rejected("bad-date", "/birth_on") from None
    name = spell_name(question.full_name) if question.full_name is not None else None
    lines = split_address(question.address) if question.address is not None else None
    for path, said in (("/full_name", name), ("/address", lines)):
        if said is not None and not said:
            raise Rejected("too-short", path)
    traits = Traits(
        question.person_id.bytes if question.person_id else None, identifier, name, question.birth_on, question.address
    )
    if traits.count() < TRAITS_MIN:
        raise Rejected("too-few-traits")
    return traits


def _read_question(body: bytes) -> _Question:
    try:
        question = msgspec.json.decode(body, type=_Question)
    except msgspec.ValidationError as wrong:
        raise Rejected("wrong-type", _path_of(str(wrong)), rule=_rule_of(str(wrong))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Rejected("malformed-json") from None
    for name in ("full_name", "address", "birth_on"):
        if len(getattr(question, name) or "") > _TEXT_MAX:
            raise Rejected("too-long", f"/{name}")
    return question


def _path_of(message: str) -> str:
    """Where msgspec says that it is wrong, as a JSON pointer."""
    at = message.rpartition(" - at `$")[2].rstrip("`") if " - at `$" in message else ""
    return at.replace(".", "/")


def _rule_of(message: str) -> str:
    said = message.partition(" - at ")[0]
    # It may quote what stood there only as the name of a field that is not known.
    return "The object has a field that is not known here." if "unknown field" in said else f"{said}."


def _span(birth_on: str) -> tuple[int, int]:
    """First and last day that a birth date may mean."""
    first, precision = read_date(birth_on)
    return first, first + {"day": 0, "month": 30, "year": 365}[precision]


def _has_identifier(blocks: Sequence[Block], wanted: Identifier) -> bool:
    for each in (identifier for block in blocks for identifier in block.get("identifiers") or ()):
        if each["kind"] == wanted.kind and _compact(each) == wanted.compact:
            return True
    return False


def _compact(identifier: Any) -> str | None:
    try:
        return read_identifier(identifier["kind"], identifier["value"]).compact
    except ValueError:
        return None
