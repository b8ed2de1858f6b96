"""From what a partner posted to signed answers: read, verify, decrypt, check, log, wait, sign."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from services.exchange.door.refusals import Refusals
from services.exchange.door.shelf import Shelf, Told
from services.exchange.journal.entry import Entry, Linked, Outcome, SealedPart
from services.exchange.journal.journal import Waiting
from services.exchange.members import Members
from services.exchange.particulars.commitments import OpenPart, read_part
from services.exchange.particulars.forms import FORMS, check_body, check_days, check_parts
from services.exchange.particulars.identification import WrongParticulars
from services.exchange.protocol.bodies import WrongBodyError, read_body, text_of
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.envelope import Envelope, Part, Receipt, Rejection
from services.exchange.protocol.failures import FAILURES
from services.exchange.protocol.stimuli import Hear
from services.exchange.wire import Answer, Jws, OpenedLetter, WireError, decrypt_part, open_letter, sign_answer
from services.exchange.wire.items import Item, read_item
from services.exchange.wire.jws import read_jws
from services.exchange.wire.letters import find_hash
from services.exchange.wire.parts import find_kid
from services.kernel.clock import Clock
from services.kernel.contract.lints.forbidden import Phrase
from services.kernel.errors import Unavailable
from services.kernel.event_id import new_event_id

AWAIT_S = 10.0
_YIELD_EVERY = 16
_FORWARD = "forward_to_jurisdiction"
SKEW = timedelta(minutes=15)
"""So far ahead a partner's clock may be. What was said later than that was not said."""
_LOOK_AGAIN_S = 0.3
JUMP_MAX = 10_000
"""So many letters may be missing before one: farther ahead is no loss, and a page of gaps that nobody can read."""
_PLACE = "/chain/position"


class Read(NamedTuple):
    """One item: told, or why not. `hash`: of the signed bytes, as far as there are any."""

    told: Told | None
    hash: str
    refused: Rejection | None = None
    opened: OpenedLetter | None = None


class Taking:
    """Takes what partners post. Nothing that does not hold comes to the journal."""

    def __init__(
        self, journal: Waiting, shelf: Shelf, clock: Clock, phrases: Sequence[Phrase], refusals: Refusals
    ) -> None:
        self._refusals = refusals
        self._journal = journal
        self._shelf = shelf
        self._clock = clock
        self._phrases = phrases

    async def take(self, items: Sequence[object], members: Members, caller: str | None) -> list[Jws | None]:
        """A signed answer to each, in order; None where it is not known in time what became of it.

        `caller`: whose certificate it is, where there is one.
        """
        now = self._clock.now()
        reads = []
        for place, item in enumerate(items):
            reads.append(self._read(item, members, caller, now))
            if place % _YIELD_EVERY == _YIELD_EVERY - 1:
                await asyncio.sleep(0)  # others are answered meanwhile
        now, reads = await self._refuse_the_future(reads, now)
        reads = await self._refuse_jumps(reads)
        known = await self._shelf.find_answers([read.opened for read in reads if read.opened is not None])
        replies = await self._hear([read for read in reads if read.told is not None and read.hash not in known], now)
        await self._keep_turned_away(reads, known, now)
        answers = [self._answer(read, known, replies, members, now) for read in reads]
        self._note(reads, known, replies, caller)
        await self._keep(reads, known, replies, answers, now)
        return answers

    async def _refuse_the_future(self, reads: Sequence[Read], now: datetime) -> tuple[datetime, list[Read]]:
        """What was said in the future, by a clock that is looked at again: ours may have been put forward just now."""
        if not any(_is_ahead(read, now) for read in reads):
            return now, list(reads)
        await asyncio.sleep(_LOOK_AGAIN_S)
        now = self._clock.now()
        return now, [_refused(read, "/recorded_at") if _is_ahead(read, now) else read for read in reads]

    async def _refuse_jumps(self, reads: list[Read]) -> list[Read]:
        """Of a chain it is known how far it goes; a letter from far beyond is no part of it."""
        far = {_sender(read) for read in reads if _place(read) > JUMP_MAX}
        if not far:
            return reads
        heads = await self._shelf.find_heads(sorted(far))
        return [
            _refused(read, _PLACE) if _place(read) > heads.get(_sender(read), 0) + JUMP_MAX else read for read in reads
        ]

    def _read(self, value: object, members: Members, caller: str | None, now: datetime) -> Read:
        letter: object = None
        opened: OpenedLetter | None = None
        try:
            item = read_item(value)
            letter = item.letter
            opened = open_letter(letter, members.find_key(now), members.own)
            if caller is not None and opened.envelope.sender_jurisdiction != caller:
                raise WireError("E-TEC-05", "/certificate")
            if members.find_corridor(opened.envelope.sender_jurisdiction) is None:
                raise WireError("E-TEC-06", "/sender_jurisdiction")
            parts = self._read_parts(item, opened.envelope, members)
            return Read(Told(opened, parts), opened.hash, opened=opened)
        except WireError as wrong:
            message_id = opened.envelope.message_id if opened else wrong.message_id
            refused = Rejection(message_id, wrong.code, wrong.path)
            return Read(None, find_hash(letter), refused, opened)

    def _read_parts(self, item: Item, envelope: Envelope, members: Members) -> Sequence[OpenPart]:
        """None where the protocol will refuse the message anyway: what is not understood is not kept."""
        message = CATALOGUE.get(envelope.message_type)
        if message is None or envelope.schema_version not in message.versions:
            return ()
        try:
            body = read_body(envelope.payload, message.items)
        except WrongBodyError:
            return ()
        forward_to = text_of(body, _FORWARD)
        if forward_to is not None and members.find(forward_to) is None:
            raise WireError("E-TEC-02", f"/payload/{_FORWARD}")  # nobody could be asked there
        if set(item.parts) != {part.role for part in envelope.parts}:
            raise WireError("E-TEC-02", "/parts")
        try:
            check_body(message.code, body)
            check_days(message.code, body, self._clock.now().date())
        except WrongParticulars as wrong:
            raise WireError("E-TEC-02", wrong.path) from None
        try:
            opened = [self._open(item.parts[part.role], part, members) for part in envelope.parts]
            if opened or message.code in FORMS:
                check_parts(message.code, message.outcome_of(body), opened, self._phrases)
        except WrongParticulars as wrong:
            raise WireError("E-TEC-02", f"/parts{wrong.path}") from None
        return opened

    def _open(self, jwe: str, stated: Part, members: Members) -> OpenPart:
        key = members.find_private_key(find_kid(jwe))
        if key is None:
            raise WireError("E-TEC-02", f"/parts/{stated.role}")
        return read_part(decrypt_part(jwe, stated.commitment, key), stated)

    async def _hear(self, reads: Sequence[Read], now: datetime) -> dict[str, Receipt | Rejection | None]:
        """Hash of the letter -> what became of it."""
        told = {read.hash: read.told for read in reads if read.told is not None}
        if not told:
            return {}
        sealed = await self._shelf.seal(list(told.values()))
        entries = [_entry(each, parts, now) for each, parts in zip(told.values(), sealed, strict=True)]
        try:
            outcomes = await self._journal.append_and_wait(entries, AWAIT_S)
        except Unavailable:
            return {each.letter.hash: Rejection(each.letter.envelope.message_id, "E-TEC-13") for each in told.values()}
        return {letter: _reply(outcome) for letter, outcome in zip(told, outcomes, strict=True)}

    def _answer(
        self,
        read: Read,
        known: dict[str, bytes],
        replies: dict[str, Receipt | Rejection | None],
        members: Members,
        now: datetime,
    ) -> Jws | None:
        if read.hash in known and read.opened is not None:
            return read_jws(known[read.hash])
        reply = read.refused or replies.get(read.hash)
        if reply is None:
            return None
        sender = read.opened.envelope.sender_jurisdiction if read.opened else ""
        return sign_answer(Answer(reply, members.own, sender, read.hash), members.signing_key(now))

    def _note(
        self,
        reads: Sequence[Read],
        known: dict[str, bytes],
        replies: dict[str, Receipt | Rejection | None],
        caller: str | None,
    ) -> None:
        """Repeats of what was refused before are answered, and not counted again."""
        for read in reads:
            reply = read.refused or replies.get(read.hash)
            if isinstance(reply, Rejection) and read.hash not in known:
                sender = read.opened.envelope.sender_jurisdiction if read.opened else None
                self._refusals.note(caller or sender, reply.error_code)

    async def _keep_turned_away(self, reads: Sequence[Read], known: dict[str, bytes], now: datetime) -> None:
        turned_away = [
            (read.opened, read.refused.error_code)
            for read in reads
            if read.refused is not None
            and read.opened is not None
            and read.hash not in known
            and read.refused.detail_path != _PLACE
        ]
        await self._shelf.keep_turned_away(turned_away, now)

    async def _keep(
        self,
        reads: Sequence[Read],
        known: dict[str, bytes],
        replies: dict[str, Receipt | Rejection | None],
        answers: Sequence[Jws | None],
        now: datetime,
    ) -> None:
        """Answers that stay: receipts, and refusals for good."""
        kept = {}
        for read, answer in zip(reads, answers, strict=True):
            reply = replies.get(read.hash)
            if answer is None or reply is None or read.hash in known or _may_change(reply):
                continue
            kept[read.hash] = (reply.message_id, answer.to_bytes())
        await self._shelf.keep_answers(kept, now)


def _is_ahead(read: Read, now: datetime) -> bool:
    return read.told is not None and read.told.letter.envelope.recorded_at > now + SKEW


def _place(read: Read) -> int:
    return 0 if read.opened is None else read.opened.chain.position


def _sender(read: Read) -> str:
    return "" if read.opened is None else read.opened.envelope.sender_jurisdiction


def _refused(read: Read, path: str) -> Read:
    assert read.opened is not None
    return read._replace(told=None, refused=Rejection(read.opened.envelope.message_id, "E-TEC-02", path))


def _may_change(reply: Receipt | Rejection) -> bool:
    return isinstance(reply, Rejection) and FAILURES[reply.error_code].retryable


def _reply(outcome: Outcome | None) -> Receipt | Rejection | None:
    return None if outcome is None else outcome.reply


def _entry(told: Told, parts: tuple[SealedPart, ...], now: datetime) -> Entry:
    letter = told.letter
    return Entry(
        event_id=new_event_id(now),
        partner=letter.envelope.sender_jurisdiction,
        conversation_id=letter.envelope.conversation_id,
        at=now,
        stimulus=Hear(letter.envelope),
        parts=parts,
        evidence=letter.jws.to_bytes(),
        linked=Linked(letter.chain.position, bytes.fromhex(letter.chain.previous_hash), bytes.fromhex(letter.hash)),
        office=letter.envelope.sender_office,
    )
