"""The desk at which every look at a person is asked for: who, for what, on which case; logged; only then granted."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from time import perf_counter
from uuid import UUID

import asyncpg
from starlette.requests import Request

from services.kernel.clock import Clock
from services.kernel.codec.posts.dates import EPOCH, to_milliseconds
from services.kernel.database import Connection
from services.kernel.errors import NotFound, Rejected
from services.kernel.identity.area_tree import AreaTree
from services.kernel.identity.caller import Caller
from services.kernel.identity.matrix import Matrix
from services.kernel.log.topics import CONTEXTS, get_topic
from services.kernel.reading.purpose import require_case
from services.kernel.reading.recorder import WITHHELD, Reading, ReadRecorder
from services.projections.api.course import Course
from services.projections.api.sight import Reader, sees, settle_reader
from services.projections.engine.waiting import parse_place, wait_until_applied

NOBODY_S = 0.05
"""How long an answer that shows nobody takes at least: longer than finding out whether there is somebody who is not to
be shown, so that nobody learns that with a watch."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is asked: by whom, on which case, at which route (its template)."""

    reader: Reader
    case: str | None
    route: str


class Desk:
    """Holds what all personal reads need. `tree`: the map as it is now; `region`: whose people these are."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        audit: ReadRecorder,
        tree: Callable[[], AreaTree],
        clock: Clock,
        matrix: Matrix,
        purposes: Mapping[str, frozenset[str]],
        region: str,
    ) -> None:
        self._pool = pool
        self._audit = audit
        self._tree = tree
        self._clock = clock
        self._matrix = matrix
        self._purposes = purposes
        self._region = region
        self._topics = frozenset(get_topic(region, context) for context in CONTEXTS)

    def admit(self, caller: Caller, route: str, purpose: str | None, case: str | None, with_case: bool = True) -> Look:
        """The look, settled for what and on which case. Raises what `settle_reader` and `require_case` do."""
        action = self._matrix.find(route)
        reader = settle_reader(caller, purpose, action.roles if action else frozenset(), self._purposes)
        return Look(reader, require_case(case) if with_case else None, route)

    async def wait(self, request: Request, projections: Sequence[str]) -> None:
        """Return when the place that ?wait_for= names is in the tables; Unavailable("not-applied-yet") else.

        Rejected("wrong-parameter") for a topic that is none of this region's: it would never be waited for.
        """
        text = request.query_params.get("wait_for")
        if text is None:
            return
        place = parse_place(text)
        if place.topic not in self._topics:
            raise Rejected("wrong-parameter", "?wait_for", rule=f"{self._region} has no such topic.")
        await wait_until_applied(self._pool, projections, place)

    @asynccontextmanager
    async def tables(self) -> AsyncIterator[Connection]:
        """One state of all tables."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection

    @asynccontextmanager
    async def denying_evenly(self) -> AsyncIterator[None]:
        """NotFound comes out of it no sooner than it would for anybody else."""
        began_s = perf_counter()
        try:
            yield
        except NotFound:
            await self.tarry(began_s)
            raise

    async def tarry(self, began_s: float) -> None:
        """Return when what began then, by `perf_counter`, has taken as long as an answer that shows nobody."""
        await asyncio.sleep(began_s + NOBODY_S - perf_counter())

    @property
    def tree(self) -> AreaTree:
        """The map as it is now."""
        return self._tree()

    @property
    def pool(self) -> asyncpg.Pool:
        """Sessions of the login that may only look."""
        return self._pool

    @property
    def now_ms(self) -> int:
        """Milliseconds since 1970."""
        return to_milliseconds(self._clock.now())

    @property
    def today(self) -> int:
        """Days since 1970."""
        return self._clock.now().toordinal() - EPOCH

    def sees(self, look: Look, course: Course) -> bool:
        """Whether the person exists for the reader."""
        return sees(look.reader, course.tables, course.list_areas(), self.tree, self.today)

    async def require_sight(self, look: Look, course: Course | None) -> Course:
        """The same course if the reader may see it. NotFound("unknown-person") else, and a withheld look is logged."""
        if course is None:
            await self._audit.pause()
            raise NotFound("unknown-person")
        if not self.sees(look, course):
            await self.record([replace(self.describe(look, course), outcome=WITHHELD)])
            raise NotFound("unknown-person")
        return course

    def describe(
        self, look: Look, course: Course, fields: Sequence[str] = (), compartments: Collection[str] = ()
    ) -> Reading:
        """The reading of somebody's record, by all ids that it stands under."""
        return self.describe_people(look, course.people, fields, compartments)

    def describe_people(
        self, look: Look, people: Collection[bytes], fields: Sequence[str] = (), compartments: Collection[str] = ()
    ) -> Reading:
        """The reading of several people at once."""
        return Reading(
            people=tuple((self._region, UUID(bytes=person)) for person in sorted(people)),
            reader=look.reader.caller,
            role=look.reader.role,
            purpose=look.reader.purpose,
            route=look.route,
            fields=tuple(fields),
            compartments=tuple(sorted(compartments)),
            case_reference=look.case,
        )

    async def record(self, readings: Sequence[Reading]) -> None:
        """Return when the log has them: only then anything is answered. Unavailable("audit-unavailable") else."""
        await self._audit.record(readings)
