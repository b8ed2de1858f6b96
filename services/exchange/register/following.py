"""What the region's log says becomes entries of the journal, and news for conversations that exist.

Everything is named by its event, so the agent that follows the log and the sweep that looks again come to the same.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, time
from uuid import UUID

import asyncpg
import msgspec

from services.exchange.journal.entry import Beginning, Entry, PersonKnown
from services.exchange.members.directory import Members
from services.exchange.protocol.envelope import derive_id
from services.exchange.protocol.states import Role, Talk
from services.exchange.protocol.stimuli import Register, Tick
from services.exchange.register.facts import Moved, News, Told, read_facts
from services.exchange.register.posts import instant_of
from services.exchange.register.unheard import forget_unheard, keep_unheard
from services.kernel.clock import Clock
from services.kernel.codec.decode import Event
from services.kernel.codec.framing import HEADER_BYTES
from services.kernel.database import Connection

_RULE = "register"
_encoder, _decoder = msgspec.json.Encoder(), msgspec.json.Decoder(Told)


class Follower:
    """`members`: the directory of this moment."""

    def __init__(self, pool: asyncpg.Pool, members: Callable[[], Members], clock: Clock) -> None:
        self._pool, self._members, self._clock = pool, members, clock
        self._seen: Members | None = None
        self._since_ms: int | None = None

    def may_matter(self, framed: bytes) -> bool:
        """A glance, for an agent that is handed a whole history: an id carries the instant at which it was made, and
        what was made before any corridor began is not decoded. Ids may lie; the sweep looks at everything.
        """
        members = self._members()
        if members is not self._seen:
            starts = [members.corridor(each.region).start for each in members.partners()]
            begin = datetime.combine(min(starts), time(), UTC) if starts else None
            self._seen, self._since_ms = members, None if begin is None else int(begin.timestamp() * 1000)
        made_ms = int.from_bytes(framed[HEADER_BYTES : HEADER_BYTES + 6], "big")
        return self._since_ms is not None and made_ms >= self._since_ms

    async def take(self, events: Iterable[Event]) -> list[Entry]:
        """The entries to append. What only conversations that exist must hear is kept for the clerk by then."""
        members = self._members()
        facts = [fact for event in events for fact in read_facts(event, members.own)]
        told = [fact for fact in facts if isinstance(fact, Told)]
        if told:
            async with self._pool.acquire() as connection:
                await keep(connection, await find_concerned(connection, told))
        moves = [fact for fact in facts if isinstance(fact, Moved)]
        await self._note_unheard(moves, told, members)
        entries = [self._open(move, members) for move in moves]
        return [entry for entry in entries if entry is not None]

    async def _note_unheard(self, moves: Sequence[Moved], told: Sequence[Told], members: Members) -> None:
        """Moves of which nobody will hear, because there is no corridor to that region: people must see them."""
        starts = [corridor.start for each in members.partners() if (corridor := members.find_corridor(each.region))]
        unheard = [
            move
            for move in moves
            if starts and move.moved_on >= min(starts) and members.find_corridor(move.partner) is None
        ]
        annulled = [each.target_id for each in told if each.news is News.ANNULLED and each.target_id is not None]
        if unheard or annulled:
            async with self._pool.acquire() as connection:
                await keep_unheard(connection, unheard)
                await forget_unheard(connection, annulled)

    def _open(self, moved: Moved, members: Members) -> Entry | None:
        """None where the two regions agreed nothing, or agreed it for later moves."""
        corridor = members.find_corridor(moved.partner)
        if corridor is None or moved.moved_on < corridor.start:
            return None
        is_arrival = moved.role is Role.DESTINATION
        return Entry(
            event_id=UUID(_derive(members.own, moved.event_id, "entry")),
            partner=moved.partner,
            conversation_id=conversation_id_of(members.own, moved.event_id),
            at=self._clock.now(),
            stimulus=Register(str(moved.event_id), moved.registered_at) if is_arrival else Tick(),
            begins=Beginning(Talk.MOVE, moved.role, corridor.profile),
            person=PersonKnown(moved.person_id, _RULE),
        )


def conversation_id_of(own: str, event_id: UUID) -> str:
    """The conversation that an arrival or departure of this region opens."""
    return _derive(own, event_id, "conversation")


def _derive(own: str, event_id: UUID, what: str) -> str:
    return derive_id(instant_of(str(event_id)), own, event_id, what)


async def find_concerned(connection: Connection, told: Sequence[Told]) -> list[Told]:
    """News of people of whom a conversation speaks. Where one is just being opened, the sweep brings its news."""
    rows = await connection.fetch(
        "SELECT person_id, registration_id, departure_event_id FROM exchange.conversation"
        " WHERE person_id = ANY($1) OR registration_id = ANY($2) OR departure_event_id = ANY($2)",
        [each.person_id for each in told if each.person_id is not None],
        [each.target_id for each in told if each.target_id is not None],
    )
    known = {each.bytes for row in rows for each in row if each is not None}
    return [each for each in told if any(id_.bytes in known for id_ in (each.person_id, each.target_id) if id_)]


async def keep(connection: Connection, told: Sequence[Told]) -> None:
    """News that is known already stays as it is."""
    await connection.executemany(
        "INSERT INTO exchange.tell (event_id, news, person_id, target_id, document) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT DO NOTHING",
        [(each.event_id, each.news, each.person_id, each.target_id, _encoder.encode(each)) for each in told],
    )


def read_told(document: bytes) -> Told:
    """News as it was kept."""
    return _decoder.decode(document)
