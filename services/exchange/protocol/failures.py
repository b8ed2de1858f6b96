"""What may go wrong between two regions: technical codes (902, 903) and business codes (204, 102, 302, 402)."""

from enum import StrEnum
from typing import NamedTuple


class Actor(StrEnum):
    """Who must do something after a failure."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    OPERATOR = "operator"
    EXCHANGE = "exchange"
    NOBODY = "nobody"


class Counts(StrEnum):
    """How an answer with the code counts for whoever gave it."""

    FULFILLED = "fulfilled"
    EFFECTIVE = "effective"
    VOID = "void"


class Failure(NamedTuple):
    """One code. `retryable`: whether the very same message may be sent again."""

    code: str
    text: str
    retryable: bool
    acts: Actor
    counts_as: Counts
    word: str | None = None
    """For business codes: the word of vocabulary `exchange_refusal` that the register's events carry."""


def _technical(number: str, text: str, retryable: bool, acts: Actor, counts: Counts = Counts.FULFILLED) -> Failure:
    return Failure(f"E-TEC-{number}", text, retryable, acts, counts)


def _business(letter: str, word: str, text: str, acts: Actor, counts: Counts = Counts.EFFECTIVE) -> Failure:
    return Failure(f"B-{letter}", text, False, acts, counts, word)


TECHNICAL = (
    _technical("01", "The message cannot be read.", False, Actor.SENDER),
    _technical("02", "A field is missing, too much, or not of its form.", False, Actor.SENDER),
    _technical("03", "This type or version of message is not known here.", False, Actor.SENDER),
    _technical("04", "The signature does not fit.", False, Actor.SENDER),
    _technical("05", "The certificate is unknown, has run out or was revoked.", False, Actor.OPERATOR),
    _technical("06", "This region or office is not the one addressed.", False, Actor.SENDER),
    _technical("07", "The answer is not to the request that was sent.", False, Actor.SENDER),
    _technical("08", "An earlier message of this conversation has not come yet.", True, Actor.SENDER),
    _technical("09", "The message is too large.", False, Actor.SENDER),
    _technical("10", "Purpose or legal basis do not permit this message.", False, Actor.SENDER, Counts.VOID),
    _technical("11", "Too many messages; send more slowly.", True, Actor.SENDER),
    _technical("12", "The exchange is in maintenance.", True, Actor.EXCHANGE, Counts.VOID),
    _technical("13", "Messages cannot be logged just now; nothing new is taken.", True, Actor.EXCHANGE),
    _technical("90", "All repeats were in vain.", True, Actor.OPERATOR),
    _technical("91", "The receipt is missing.", True, Actor.EXCHANGE),
)
NOT_FOUND = "B-G"
FORWARDED = "B-F"
PROTECTED = "B-P"
LATER_EVENT = "B-L"
ROUND_LIMIT = "B-R"
WITHDRAWN = "B-W"
NOT_COMPETENT = "B-X"

BUSINESS = (
    _business("A", "already-present", "The person already lives there.", Actor.SENDER),
    _business("B", "locked", "The record is locked by a transfer to another region.", Actor.SENDER),
    _business("D", "deceased", "The person is deceased.", Actor.SENDER),
    _business("E", "left-country", "The person left the country.", Actor.SENDER),
    _business("F", "moved-on", "The person moved on; ask the region named.", Actor.EXCHANGE, Counts.VOID),
    _business("G", "not-found", "Nobody was found, or nothing may be told.", Actor.SENDER, Counts.FULFILLED),
    _business("U", "not-unique", "Several people fit.", Actor.SENDER, Counts.FULFILLED),
    _business("C", "identity-conflict", "The identifier and the person do not fit.", Actor.SENDER, Counts.FULFILLED),
    _business("N", "before-state-mismatch", "What was said to be held is not held.", Actor.SENDER),
    _business("L", "later-event", "A later event exists.", Actor.SENDER),
    _business("P", "not-found", "Not permitted. On the wire always B-G.", Actor.NOBODY, Counts.FULFILLED),
    _business("X", "not-competent", "Another office is competent.", Actor.SENDER, Counts.VOID),
    _business("Z", "insufficient-identification", "Too little to find anybody by.", Actor.SENDER, Counts.FULFILLED),
    _business("W", "withdrawn", "The sender has withdrawn it.", Actor.NOBODY, Counts.VOID),
    _business("R", "round-limit", "No more rounds; people must talk.", Actor.SENDER, Counts.FULFILLED),
)
FAILURES = {failure.code: failure for failure in (*TECHNICAL, *BUSINESS)}
REFUSAL_CODES = frozenset(failure.code for failure in BUSINESS if failure.code != PROTECTED)
"""What may stand on the wire: a protected person is answered like an unknown one."""


def spoken_code(code: str) -> str:
    """The code as it is told: whoever is protected was not found."""
    return NOT_FOUND if code == PROTECTED else code
