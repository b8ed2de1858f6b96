"""Signed answers of partners: held against what was sent, then stimuli for the journal, with the proof beside."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.exchange.delivery.outgoing import Leaving
from services.exchange.journal.entry import Entry
from services.exchange.members import Members
from services.exchange.protocol.envelope import Receipt, Rejection, derive_id
from services.exchange.protocol.stimuli import TakeReceipt, TakeRejection
from services.exchange.wire import WireError, open_answer


def read_returns(
    letters: Sequence[Leaving], answers: Sequence[object], partner: str, members: Members, now: datetime
) -> tuple[list[Entry], list[Leaving]]:
    """Entries for what was answered, and the letters to which nothing (good) was answered.

    An answer counts only where the partner signed it, about exactly the bytes that were sent, to us.
    """
    entries: list[Entry] = []
    unanswered: list[Leaving] = []
    for letter, answer in zip(letters, answers, strict=True):
        entry = None if answer is None else read_return(letter, answer, partner, members, now)
        if entry is None:
            unanswered.append(letter)
        else:
            entries.append(entry)
    return entries, unanswered


def read_return(letter: Leaving, signed: object, partner: str, members: Members, now: datetime) -> Entry | None:
    """None where the answer is none of the partner's to this letter."""
    try:
        answer, jws = open_answer(signed, members.find_key(now))
    except WireError:
        return None
    reply = answer.reply
    about_it = answer.letter_hash == letter.hash and reply.message_id in (letter.message_id, "")
    to_us = answer.recipient == members.own or (answer.recipient == "" and isinstance(reply, Rejection))
    if answer.sender != partner or not about_it or not to_us:
        return None
    if isinstance(reply, Receipt) and reply.message_id != letter.message_id:
        return None
    evidence = jws.to_bytes()
    stimulus = (
        TakeReceipt(reply)
        if isinstance(reply, Receipt)
        else TakeRejection(reply._replace(message_id=letter.message_id))
    )
    return Entry(
        event_id=UUID(derive_id(letter.said_at, members.own, "answer", hashlib.sha256(evidence).hexdigest())),
        partner=partner,
        conversation_id=letter.conversation_id,
        at=now,
        stimulus=stimulus,
        evidence=evidence,
    )
