"""Messages of a conversation as the assessment reads them: who said what to which request, and since when it counts."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.conversation import Conversation
from services.exchange.protocol.deadlines import Kind
from services.exchange.protocol.failures import FAILURES, Counts
from services.exchange.protocol.states import TAKEN

INTERIM = frozenset({("203", "UNDER_VERIFICATION"), ("302", "PENDING"), ("502", "")})
"""Answers that say that the answer takes longer."""
OWN_ERROR = frozenset({"TYPING_ERROR", "WRONG_PERSON"})
"""Reasons of a corrected notice by which its sender says that the first one was wrong: the answer to it was not."""
_POSITIVE = frozenset({"CONFIRMED", "CONFIRMED_WITH_DIFFERENCES"})
_TOLD = frozenset({"CONFIRMED", "CORRECTED"})
_COMPARED = frozenset({"SAME", "DIFFERENT"})


class Word(NamedTuple):
    """`at`: since when the other side has it, None while it has not. `said_at`: when it was said."""

    id: str
    code: str
    outcome: str
    about: str | None
    by: str
    at: datetime | None
    said_at: datetime
    payload: bytes

    @property
    def is_interim(self) -> bool:
        return (self.code, self.outcome) in INTERIM

    @property
    def voids(self) -> bool:
        """Whether it says that another must answer."""
        return self.outcome in CATALOGUE[self.code].voids

    @property
    def is_positive(self) -> bool:
        return self.outcome in _POSITIVE

    def body(self) -> Mapping[str, Any]:
        """What it said; particulars are not in it."""
        found = json.loads(self.payload)
        return found if isinstance(found, dict) else {}

    def list_different(self) -> tuple[str, ...]:
        """Paths of the fields that a 203 found to differ."""
        if self.code != "203":
            return ()
        lines = self.body().get("field_results") or ()
        return tuple(sorted({str(each.get("path")) for each in lines if each.get("verdict") == "DIFFERENT"}))

    def is_effective(self) -> bool:
        """Whether it says something. An answer that only says that it is one does not.

        203: what became of the record, or one field that was compared. 204: a code that counts as effective (that
        nobody is found can be said of everybody). 302: one item that is confirmed or corrected. 402 and 503: any that
        does not name somebody else.
        """
        if self.voids or self.is_interim:
            return False
        if self.code == "203":
            body = self.body()
            results = body.get("field_results") or ()
            return bool(body.get("origin_effect")) or any(each.get("verdict") in _COMPARED for each in results)
        if self.code == "204":
            failure = FAILURES.get(self.outcome)
            return failure is not None and failure.counts_as is Counts.EFFECTIVE
        if self.code == "302":
            return any(each.get("result") in _TOLD for each in self.body().get("items") or ())
        return True


def list_words(conversation: Conversation) -> list[Word]:
    """All that was said and changed something, of both sides."""
    c = conversation
    words = [
        Word(
            each.id,
            each.code,
            each.outcome,
            each.envelope.in_reply_to,
            c.partner,
            each.receipt.received_at,
            each.envelope.recorded_at,
            each.envelope.payload,
        )
        for each in c.taken
        if not each.noted
    ]
    words += [
        Word(
            each.id,
            each.code,
            each.outcome,
            each.envelope.in_reply_to,
            c.own,
            each.receipt.received_at if each.receipt is not None and each.delivery in TAKEN else None,
            each.envelope.recorded_at,
            each.envelope.payload,
        )
        for each in c.letters
    ]
    return words


@cache
def codes_that_end(kind: Kind) -> frozenset[str]:
    """Codes of messages that answer to what is owed."""
    return frozenset(each.code for each in CATALOGUE.values() if kind in each.ends and each.answers)
