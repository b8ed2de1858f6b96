"""What scorecards tell: one declaration each. The formulas are this project's own; the Chinese terms are the field's.

A figure is a share of rows: `of` and `counted` say by flags (`reading.FLAGS`) which rows count, in Python and in SQL
alike, so every figure leads back to its obligations. Rounds after a correction count only against whoever owes
them: answering a question in two steps is no two answers (`ROUNDS`).
"""

from typing import NamedTuple

from services.exchange.protocol.deadlines import Kind
from services.exchange.scorecards.assessed import What

Flags = tuple[tuple[str, bool], ...]
ANSWERS = frozenset(
    {Kind.FEEDBACK, Kind.CORRECTION_FEEDBACK, Kind.VERIFICATION, Kind.UPDATE_FEEDBACK, Kind.END_FEEDBACK}
)
"""What 203, 204, 302 and 402 answer."""
ROUNDS = frozenset({Kind.CORRECTION_FEEDBACK})
_MOVES = frozenset({Kind.FEEDBACK, Kind.CORRECTION_FEEDBACK})
_DUE = "by due time; as_of is never before the end of the period"
_VOID = (
    "Voided before it was due: counted apart, for nobody and against nobody, unless who waits contests it. Voided"
    " later: it was overdue, and stays in the denominator."
)


class Indicator(NamedTuple):
    """One declaration. `term`: what the field calls it. `own_book`: only the region that owes can tell it."""

    id: str
    name: str
    definition: str
    numerator: str
    denominator: str
    kinds: frozenset[str]
    of: Flags
    counted: Flags
    void_rule: str = _VOID
    cohort_rule: str = _DUE
    term: str | None = None
    source: str = "formula: this project; name and term: PADIS, two-way assessment (双向考核)"
    edition: int = 1
    own_book: bool = False
    is_better_low: bool = False
    told_by: tuple[str, ...] = ()
    days: bool = False
    above: frozenset[str] = frozenset()
    """Kinds of the numerator, where they are others than those of the denominator."""

    @property
    def definition_id(self) -> str:
        return f"{self.id}/{self.edition}"


_NOT_VOID: Flags = (("voided", False),)
_ALL: Flags = ()

INDICATORS = (
    Indicator(
        "X1", "Information submission rate", "Of the arrivals from the partner that were registered, those of which it"
        " was told.", "registrations with a 201 said by as_of", "registrations that had to be told of, withdrawn ones"
        " left out", frozenset({Kind.NOTICE}), _NOT_VOID, (("answered", True),), term="信息提交率", own_book=True,
        void_rule="Withdrawn before the notice was due: left out. Withdrawn later: it stays.", days=True,
    ),
    Indicator(
        "X2", "On-time submission", "Those of which it was told in time.", "registrations with a 201 said within"
        " T-NOTICE", "as X1", frozenset({Kind.NOTICE}), _NOT_VOID, (("on_time", True),), own_book=True,
        void_rule="As X1.",
    ),
    Indicator(
        "X3", "Feedback rate", "Of what had to be answered (203, 204, 302, 402), what has a final answer, positive or"
        " negative.", "final answers by as_of, however late", "answers due in the period", ANSWERS, _NOT_VOID,
        (("answered", True),), term="反馈率", days=True,
    ),
    Indicator(
        "X4", "On-time feedback rate", "Answered when it was due. An interim answer in time moves the due time to that"
        " of the final answer.", "final answers that came by their due time", "as X3", ANSWERS, _NOT_VOID,
        (("on_time", True),), term="及时率",
    ),
    Indicator(
        "X5", "Effective feedback rate", "Answered so that the other side knows something: confirmed, corrected, or"
        " refused for a reason that was not overturned within 90 days.", "effective answers by as_of", "as X3", ANSWERS,
        _NOT_VOID, (("effective", True),), term="有效反馈率",
    ),
    Indicator(
        "X7", "Pairing rate", "Of the subjects that were delivered, those in whom somebody was recognised.",
        "subjects that were paired by as_of, by any method", "subjects delivered in the period",
        frozenset({What.PAIRING}), _ALL, (("effective", True),), term="配对率", cohort_rule="by day of delivery",
        void_rule="None: who is meant must be known before it can be said that another must answer.",
        told_by=("LINK", "ID", "MIN_SET", "MANUAL", "OTHER", "NOT_TOLD", "NOT_FOUND", "NOT_UNIQUE", "CONFLICT",
                 "TOO_LITTLE"),
    ),
    Indicator(
        "X9", "Difference rate", "Of the notices that were confirmed, those in which something differs.",
        "final 203 with at least one DIFFERENT", "final 203", _MOVES, (("confirmed", True), ("voided", False)),
        (("differs", True),), is_better_low=True,
    ),
    Indicator(
        "X11", "Co-registration rate", "Of the people with an active side in one of the two registers, those who have"
        " both, under one link.", "links open at as_of without a finding that one side lacks", "links open at as_of,"
        " and those that only one side knows", frozenset({What.LINK}), (("open", True),), (("open", True),),
        term="共管率", cohort_rule="all that are open at as_of", void_rule="None.",
    ),
    Indicator(
        "X12", "One-sided records", "Links that one of the two registers lacks.", "findings ONE_SIDED_AT_D or"
        " ONE_SIDED_AT_O open at as_of", "links open at as_of", frozenset({What.LINK}), (("open", True),),
        (("open", True),), cohort_rule="all that are open at as_of", void_rule="None.", is_better_low=True,
    ),
    Indicator(
        "X13", "Settlement time", "Days from the registration to the settling of a move. Those that silence settled are"
        " told apart.", "moves settled by a word", "moves settled in the period", frozenset({What.SETTLEMENT}), _ALL,
        (("tacit", False),), cohort_rule="by day of settling", void_rule="None.", days=True,
        told_by=("ACCEPTED", "TACIT"),
    ),
    Indicator(
        "X14", "Delivery success", "Messages that were receipted within 24 hours. Of the partner's we know those that"
        " came.", "messages taken within 24 hours", "messages said", frozenset({What.LETTER}), _ALL,
        (("on_time", True),), cohort_rule="by the day on which the 24 hours end", void_rule="None.",
    ),
    Indicator(
        "X14d", "Dead letters", "Letters that six attempts in a day did not bring, or that were rejected for good.",
        "letters that people had to care for", "messages said", frozenset({What.LETTER}), _ALL, _ALL,
        cohort_rule="by the day on which it was clear", void_rule="None.", own_book=True, is_better_low=True,
        above=frozenset({Kind.MANUAL_DELIVERY}),
    ),
    Indicator(
        "X15", "Reminder incidence", "Of what had to be answered, what somebody had to be reminded of.",
        "obligations with at least one reminder by as_of", "as X3", ANSWERS, _NOT_VOID, (("reminded", True),),
        is_better_low=True,
    ),
    Indicator(
        "X15e", "Escalation", "Of what had to be answered, what supervisors had to be told of.",
        "obligations escalated by as_of", "as X3", ANSWERS, _NOT_VOID, (("escalated", True),), is_better_low=True,
    ),
    Indicator(
        "X17", "Stale links", "Links that the destination has not confirmed for more than 180 days.",
        "confirmations overdue at as_of", "links open at as_of", frozenset({What.LINK}),
        (("open", True),), (("open", True),), term="须再次确认", cohort_rule="all that are open at as_of",
        void_rule="None.", own_book=True, is_better_low=True, above=frozenset({Kind.RECONFIRM}),
    ),
    Indicator(
        "X18", "Discrepancies answered in time", "Of the doubts that were reported, those that had a first word (502 or"
        " 503) within five working days.", "first words in time", "reports due in the period",
        frozenset({Kind.DISCREPANCY_FIRST}), _NOT_VOID, (("first_on_time", True),),
    ),
    Indicator(
        "X19", "Discrepancy yield", "Of the doubts that were decided, those in which the record was changed.",
        "decisions CORRECTED, ADDED or REMOVED by as_of", "decisions by as_of", frozenset({Kind.DISCREPANCY_FIRST}),
        (("decided", True),), (("changed", True),),
        told_by=("CORRECTED", "ADDED", "REMOVED", "UNCHANGED"),
    ),
)  # fmt: skip
BY_ID = {each.id: each for each in INDICATORS}

WITHOUT = {
    "X6": "X5 by X3: the reader can divide, and a share of a share invites to answer less.",
    "X8": "How often people decide against the machine judges people, not regions.",
    "X10": "A correction is how errors are mended: counted as a fault it would not be made.",
    "X16": "A withdrawal is how a notice sent in error is undone.",
    "X20": "Certificates are not exchanged yet (601 to 603).",
    "X21": "Certificates are not exchanged yet.",
    "X22": "Particulars are sealed: the exchange does not read them to count.",
    "X23": "Needs a sample that is checked on site; its weight in the score is shown as missing.",
    "X24": "Needs an independent sample.",
    "X25": "Needs a sample.",
    "X26": "Services are voluntary, and no target.",
    "X27": "Belongs to statistics of services.",
    "X28": "Referrals are not exchanged yet (611, 612).",
}
"""What is deliberately not here, or not yet, and why."""
