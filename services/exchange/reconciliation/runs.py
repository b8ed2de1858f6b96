"""One run of reconciliation, as either side goes through it. Whoever began it asks, the other one answers."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from services.exchange.journal.entry import Entry
from services.exchange.journal.finding_records import finding_entry
from services.exchange.journal.findings import FindingEnd, FindingKind, FindingNote
from services.exchange.journal.journal import Waiting
from services.exchange.protocol.envelope import derive_id
from services.exchange.reconciliation.comparing import MARKS_MAX, UNHEARD, Comparison, Found, compare, list_differing
from services.exchange.reconciliation.digests import (
    BUCKETS,
    SUM_BYTES,
    Item,
    Sides,
    Sums,
    add_up,
    differing,
    find_part,
    group_links,
    make_item,
    parts_of,
    read_items,
    read_marks,
)
from services.exchange.reconciliation.held import find_marks, read_links
from services.exchange.reconciliation.messages import DIFFERING_MAX, ITEMS_MAX, NARROW_ABOVE
from services.exchange.reconciliation.naming import CHANNEL, finding_id, verify_id
from services.exchange.register.posts import instant_of
from services.exchange.wire.jws import WireError

APPEND_MAX = 500
UNHEARD_LINKS = "unheard-links"
FOUND_MAX = 2000
"""Each would be asked about: more would be a flood of work, for us or by a partner that lies."""


class TooDifferent(Exception):
    """Two registers that were not kept together: link by link is no way to mend that. People must look."""


class Told(NamedTuple):
    """How a run ended. `unheard`: links that the partner told and that are in no message between the two: an invention
    of its, or our loss of a log; no finding here.
    """

    found: int
    explained: int
    closed: int
    unheard: int

    def figures(self) -> dict[str, object]:
        """For the run's row."""
        problem = UNHEARD_LINKS if self.unheard else None
        return {"found": self.found, "explained": self.explained, "closed": self.closed, "problem": problem}


@dataclass
class Run:
    """One side of a run. Its id carries the instant at which it began; what it finds is named by it."""

    run_id: UUID
    own: str
    partner: str
    key: bytes
    links: int = 0
    partner_links: int = 0
    buckets: list[int] = field(default_factory=list)
    parts: frozenset[int] = frozenset()
    ours: dict[bytes, Item] = field(default_factory=dict)
    theirs: dict[bytes, Item] = field(default_factory=dict)
    our_marks: dict[bytes, int] = field(default_factory=dict)
    their_marks: dict[bytes, int] = field(default_factory=dict)
    sums: Sums | None = None
    _their_sums: list[bytes] = field(default_factory=list)

    def figures(self, sent: int, received: int) -> dict[str, object]:
        """For the run's row; bytes that travelled."""
        return {
            "links": self.links,
            "partner_links": self.partner_links,
            "buckets_differing": len(self.buckets),
            "links_told": len(self.ours),
            "bytes_sent": sent,
            "bytes_received": received,
        }

    async def count(self, read: asyncpg.Pool) -> bytes:
        """The sums of our buckets."""
        self.sums = Sums(self.key, Sides(self.own, self.partner))
        async for links in read_links(read, self.partner):
            self.sums.add(group_links(links))
            await asyncio.sleep(0)  # others are served meanwhile
        self.links = self.sums.links
        return self.sums.of_buckets()

    def hear_sums(self, ours: bytes, theirs: bytes, partner_links: int) -> None:
        """TooDifferent; WireError where there are not 4,096 sums."""
        if len(theirs) != BUCKETS * SUM_BYTES:
            raise WireError("E-TEC-02", "/data/sums")
        self.partner_links = partner_links
        self.buckets = differing(ours, theirs)
        self._their_sums = [theirs[bucket * SUM_BYTES :][:SUM_BYTES] for bucket in self.buckets]
        if len(self.buckets) > DIFFERING_MAX:
            raise TooDifferent
        if not self.is_divided:
            self.parts = parts_of(self.buckets)

    @property
    def is_divided(self) -> bool:
        """Whether buckets that differ are divided before links are told. Both sides come to the same."""
        return max(self.links, self.partner_links) > NARROW_ABOVE

    def divide(self) -> bytes:
        """The sums of the parts of what differs."""
        assert self.sums is not None
        return self.sums.of_parts(self.buckets)

    def hear_parts(self, ours: bytes, theirs: bytes) -> None:
        """WireError where these are not the sums of those parts: they add up to those of their buckets."""
        if len(theirs) != len(ours) or add_up(theirs) != self._their_sums:
            raise WireError("E-TEC-02", "/packed")
        self.parts = parts_of(self.buckets, differing(ours, theirs))

    async def list_items(self, read: asyncpg.Pool) -> Mapping[bytes, Item]:
        """Our links in the parts that differ. TooDifferent."""
        async for links in read_links(read, self.partner):
            told = {link.link_id for link in links if find_part(self.key, link.link_id) in self.parts}
            people = {link.person_id for link in links if link.link_id in told}
            for version in group_links(link for link in links if link.person_id in people):
                if version.link.link_id in told:
                    self.ours[version.link.link_id] = make_item(self.key, version)
            if len(self.ours) > ITEMS_MAX:
                raise TooDifferent
            await asyncio.sleep(0)
        return self.ours

    def hear_items(self, raw: bytes) -> None:
        """WireError where they are none, or belong into other parts than those that differ."""
        try:
            theirs = read_items(raw, ITEMS_MAX)
        except (ValueError, IndexError):
            raise WireError("E-TEC-02", "/data/items") from None
        if any(find_part(self.key, link_id) not in self.parts for link_id in theirs):
            raise WireError("E-TEC-02", "/data/items")
        self.theirs = theirs

    async def mark(self, pool: asyncpg.Pool, read: asyncpg.Pool, now: datetime) -> Mapping[bytes, int]:
        """What this house knows of the links that differ."""
        links = list_differing(self.ours, self.theirs)
        self.our_marks = await find_marks(pool, read, self.partner, links, now)
        return self.our_marks

    def hear_marks(self, raw: bytes) -> None:
        """WireError where they are not about links that differ."""
        try:
            self.their_marks = read_marks(raw, list_differing(self.ours, self.theirs), MARKS_MAX)
        except ValueError:
            raise WireError("E-TEC-02", "/data/marks") from None

    async def conclude(self, pool: asyncpg.Pool, journal: Waiting, now: datetime) -> Told:
        """Findings begin and end, as entries of the journal. TooDifferent, then nothing is logged."""
        comparison = compare(
            self.ours, self.theirs, self.our_marks, self.their_marks, we_are_first=self.own < self.partner
        )
        heard = tuple(each for each in comparison.found if not self.our_marks.get(each.link_id, 0) & UNHEARD)
        unheard, comparison = len(comparison.found) - len(heard), comparison._replace(found=heard)
        if len(comparison.found) > FOUND_MAX:
            raise TooDifferent
        rows = await pool.fetch(_OPEN, self.partner)
        notes = [*_begin(self, comparison.found, rows), *_end(self.run_id, comparison, rows)]
        entries = [self._entry(note, now) for note in notes]
        for start in range(0, len(entries), APPEND_MAX):
            await journal.append_and_wait(entries[start : start + APPEND_MAX], 30.0)
        if entries:
            await pool.execute(f"NOTIFY {CHANNEL}")
        closed = sum(note.ended is not None for note in notes)
        return Told(len(comparison.found), len(comparison.explained), closed, unheard)

    def _entry(self, note: FindingNote, now: datetime) -> Entry:
        event_id = derive_id(
            instant_of(str(self.run_id)), "finding", self.own, self.run_id, note.finding_id, note.ended
        )
        return finding_entry(UUID(event_id), self.partner, now, note)


def _begin(run: Run, found: Iterable[Found], rows: Iterable[asyncpg.Record]) -> Iterable[FindingNote]:
    """Those that are not open already. Both sides name one finding, and the conversation about it, alike."""
    known = {(row["link_id"].bytes, row["kind"]) for row in rows}
    for each in found:
        if (each.link_id, each.kind) in known:
            continue
        asker = run.own if each.we_ask else run.partner
        verify = None if each.asked else verify_id(run.run_id, each.link_id, asker)
        id_ = finding_id(run.run_id, each.link_id, each.kind)
        yield FindingNote(id_, UUID(bytes=each.link_id), each.kind, run.run_id, verify)


def _end(run_id: UUID, comparison: Comparison, rows: Iterable[asyncpg.Record]) -> Iterable[FindingNote]:
    """What a run found and this one does not: it is mended, or something under way explains it. What the house found
    by itself it looks at by itself."""
    still = {(each.link_id, each.kind) for each in comparison.found}
    for row in rows:
        link_id = row["link_id"].bytes
        if row["run_id"] is None or (link_id, row["kind"]) in still:
            continue
        ended = FindingEnd.EXPLAINED if link_id in comparison.explained else FindingEnd.MENDED
        verify = row["conversation_id"]
        yield FindingNote(
            UUID(bytes=row["finding_id"].bytes),
            UUID(bytes=link_id),
            FindingKind(row["kind"]),
            run_id,
            None if verify is None else UUID(bytes=verify.bytes),
            ended,
        )


_OPEN = (
    "SELECT finding_id, link_id, kind, run_id, conversation_id FROM exchange.finding"
    " WHERE partner = $1 AND ended IS NULL"
)
