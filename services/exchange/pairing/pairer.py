"""Pairs a batch of questions: finds records, says so on the log, opens them, compares. Nothing is written but that.

Every record that is opened has been read by the exchange, for the conversation that asks, and stands as such on the
audit topic before it is opened: also those that turn out to be somebody else.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.exchange.pairing.candidate import Candidate, Traits, list_spelled, sort_identifiers, spell_lines
from services.exchange.pairing.finding import Finder
from services.exchange.pairing.matching import match, read_traits
from services.exchange.pairing.pairing import Kind, Pairing, Question
from services.exchange.pairing.records import PersonRecord, RecordReader
from services.kernel.clock import Clock
from services.kernel.codec import Decoder
from services.kernel.codec.posts.dates import EPOCH
from services.kernel.contract.catalog import Catalog
from services.kernel.database import Connection
from services.kernel.identity.caller import WHOLE_REGION, Caller
from services.kernel.privacy.region_key import RegionKey
from services.kernel.reading.particulars import ParticularsReader
from services.kernel.reading.recorder import Reading, ReadRecorder

PURPOSE, ROLE, ROUTE = "exchange", "system", "exchange pairing"
BATCH_MAX = 500
COMPARED = (
    "civil.address", "civil.birth_place", "civil.family_name", "civil.full_name", "civil.given_names",
    "civil.identifiers", "civil.name_variants", "current.born_on", "current.sex",
)  # fmt: skip
"""What of a record is looked at, as `PersonRead` names it."""


class Pairer:
    """Says who is meant. `audit`: by which every look is recorded."""

    def __init__(self, catalog: Catalog, region_key: RegionKey, audit: ReadRecorder, region: str, clock: Clock) -> None:
        decoder = Decoder(catalog)
        self.records = RecordReader(decoder, ParticularsReader(catalog, region_key))
        self._finder = Finder(region_key)
        self._audit = audit
        self._region = region
        self._clock = clock
        self._reader = Caller("exchange", frozenset({ROLE}), (WHOLE_REGION,), PURPOSE, region)

    async def pair(self, connection: Connection, questions: Sequence[Question]) -> list[Pairing]:
        """One pairing for each question, in their order. `connection`: of the login that may only look.

        Unavailable("audit-unavailable") if the log does not take that the records were read: then nothing was paired.
        """
        pairings = []
        for start in range(0, len(questions), BATCH_MAX):
            pairings += await self._pair(connection, questions[start : start + BATCH_MAX])
        return pairings

    async def _pair(self, connection: Connection, questions: Sequence[Question]) -> list[Pairing]:
        batch = _Batch(connection, questions, [read_traits(question.identification) for question in questions])
        everybody = range(len(questions))
        await self._read(batch, await self._finder.find_likely(connection, [each.identification for each in questions]))
        pairings = [batch.match(number) for number in everybody]
        nobody = [number for number in everybody if pairings[number].kind is Kind.NOT_FOUND]
        if nobody:
            farther = await self._finder.find_farther(connection, [questions[each].identification for each in nobody])
            found: list[set[UUID]] = [set() for _ in everybody]
            for number, ids in zip(nobody, farther, strict=True):
                found[number] = ids
            await self._read(batch, found)
            for number in nobody:
                pairings[number] = batch.match(number)
        return pairings

    async def _read(self, batch: "_Batch", found: Sequence[set[UUID]]) -> None:
        """Adds who was found to the batch: recorded, then opened."""
        today = self._clock.now().toordinal() - EPOCH
        new = set().union(*found) - batch.known.keys()
        batch.known |= await self.records.find(batch.connection, new, today)
        readings = []
        for question, people, ids in zip(batch.questions, batch.people, found, strict=True):
            more = {batch.known[each].person_id: batch.known[each] for each in ids if each in batch.known}
            unread = [record for person_id, record in more.items() if person_id not in people]
            people |= more
            if unread:
                readings.append(self._describe(question, unread))
        if readings:
            await self._audit.record(readings)
        await self.records.open(batch.connection, batch.known.values())

    def _describe(self, question: Question, records: Sequence[PersonRecord]) -> Reading:
        people = sorted({person_id for record in records for person_id in record.people})
        return Reading(
            people=tuple((self._region, person_id) for person_id in people),
            reader=self._reader,
            role=ROLE,
            purpose=PURPOSE,
            route=ROUTE,
            fields=COMPARED,
            compartments=("civil",),
            case_reference=question.conversation_id,
            partner_region=question.partner,
            conversation_id=UUID(question.conversation_id),
        )


class _Batch:
    """`known`: records by every id that was looked up; `people`: for each question who may be meant, by id."""

    def __init__(self, connection: Connection, questions: Sequence[Question], asked: Sequence[Traits]) -> None:
        self.connection = connection
        self.questions = questions
        self.known: dict[UUID, PersonRecord] = {}
        self.people: list[dict[UUID, PersonRecord]] = [{} for _ in questions]
        self._asked = asked
        self._traits: dict[UUID, Traits] = {}

    def match(self, number: int) -> Pairing:
        """What comes of one question with those who were found so far."""
        question = self.questions[number]
        named = question.identification.recipient_person_id
        candidates = [
            Candidate(record.person_id, self._get_traits(record), record.state, named in record.people)
            for record in self.people[number].values()
        ]
        return match(question, candidates, self._asked[number])

    def _get_traits(self, record: PersonRecord) -> Traits:
        traits = self._traits.get(record.person_id)
        if traits is None:
            traits = self._traits[record.person_id] = make_traits(record)
        return traits


def make_traits(record: PersonRecord) -> Traits:
    """What is compared of a record: every name, identifier and address that it ever stated and that stands."""
    blocks = record.blocks
    identifiers = [each for block in blocks for each in block.get("identifiers") or ()]
    good, weak = sort_identifiers(identifiers)
    places: list[str] = [block["birth_place"] for block in blocks if block.get("birth_place")]
    addresses = (spell_lines((block.get("address") or {}).get("lines") or ()) for block in blocks)
    return Traits(
        names=_unique(name for block in blocks for name in list_spelled(block)),
        birth_on=record.birth_on,
        sex=record.sex,
        birth_place=places[-1] if places else None,
        identifiers=good,
        weak=weak,
        addresses=_unique(lines for lines in addresses if lines),
    )


def _unique(values: Any) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))
