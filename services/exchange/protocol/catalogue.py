"""Every message that this version of the protocol knows: who says it to whom, what it answers, what it obliges to."""

from typing import NamedTuple

from services.exchange.protocol import contents
from services.exchange.protocol.bodies import Body, Item, WrongBodyError, text_of
from services.exchange.protocol.deadlines import Kind
from services.exchange.protocol.failures import BUSINESS, Counts
from services.exchange.protocol.states import Role, Talk

D, O, ASKER, ANSWERER, EITHER = Role.DESTINATION, Role.ORIGIN, Role.ASKER, Role.ANSWERER, Role.EITHER  # noqa: E741


class Owed(NamedTuple):
    """An obligation that a message opens when it has been delivered.

    `by_hearer`: whether the hearer owes it, or the one who said it. `outcomes`: for which outcomes; empty for all.
    `if_asked`: only where the sender set `response_required`.
    """

    kind: Kind
    by_hearer: bool = True
    outcomes: frozenset[str] = frozenset()
    if_asked: bool = False


class MessageType(NamedTuple):
    """One row of the catalogue.

    `outcome`: the field of the body by which transitions are told apart. `answers`: requests that it replies to, so
    that `in_reply_to` and `request_hash` are mandatory. `ends`: kinds of obligation that it ends. `out_of_place`: for a
    request that obliges: the answer that is given at once where the conversation is past it. `voids`: outcomes that
    void what is answered instead of fulfilling it, since another must answer.
    """

    code: str
    name: str
    talks: frozenset[Talk]
    by: Role
    doc: str
    items: tuple[Item, ...] = ()
    outcome: str | None = None
    answers: frozenset[str] = frozenset()
    ends: frozenset[Kind] = frozenset()
    owes: tuple[Owed, ...] = ()
    out_of_place: tuple[str, str] | None = None
    versions: frozenset[int] = frozenset({1})
    has_parts: bool = False
    voids: frozenset[str] = frozenset()

    @property
    def obliges(self) -> bool:
        return bool(self.owes)

    def check_complete(self, body: Body) -> None:
        """WrongBodyError where an outcome lacks the field that makes sense of it, or has one that makes none."""
        said = self.code, self.outcome_of(body)
        needed = contents.NEEDED_WITH.get(said)
        if needed is not None and text_of(body, needed) is None:
            raise WrongBodyError("E-TEC-02", f"/payload/{needed}")
        for name, words in contents.IMPOSSIBLE_WITH.get(said, {}).items():
            value = text_of(body, name)
            if value is not None and (not words or value in words):
                raise WrongBodyError("E-TEC-02", f"/payload/{name}")

    def outcome_of(self, body: Body) -> str:
        """What a body of this message says, in one word; empty where the message says but one thing."""
        return (text_of(body, self.outcome) or "") if self.outcome else ""


def _of(*codes: str) -> frozenset[str]:
    return frozenset(codes)


_MOVE, _VERIFY, _DISCREPANCY = (frozenset({talk}) for talk in (Talk.MOVE, Talk.VERIFY, Talk.DISCREPANCY))
_ALL = _MOVE | _VERIFY | _DISCREPANCY
_CONFIRMED = _of("CONFIRMED", "CONFIRMED_WITH_DIFFERENCES")
_INTERIM = _of("UNDER_VERIFICATION")
_REFUSALS = contents.REFUSALS - {"B-F"}
_VOIDS = frozenset(failure.code for failure in BUSINESS if failure.counts_as is Counts.VOID)

MESSAGES = (
    MessageType("101", "RecordRequest", _MOVE, D,
        "Asks the origin for its record of a person who is present and was asked.",
        contents.RECORD_REQUEST, owes=(Owed(Kind.RECORD_RESPONSE),), out_of_place=("102", "REFUSED"), has_parts=True),
    MessageType("102", "RecordResponse", _MOVE, O, "The record, or why not.", contents.RECORD_RESPONSE, "outcome",
        _of("101"), frozenset({Kind.RECORD_RESPONSE}), has_parts=True),
    MessageType("201", "ArrivalNotice", _MOVE, D, "A person registered with the origin now lives here.",
        contents.ARRIVAL_NOTICE, ends=frozenset({Kind.NOTICE, Kind.DEPARTURE_FEEDBACK}), owes=(Owed(Kind.FEEDBACK),),
        out_of_place=("204", "B-L"), has_parts=True),
    MessageType("202", "DepartureNotice", _MOVE, O, "A person left for the destination.", contents.DEPARTURE_NOTICE,
        owes=(Owed(Kind.DEPARTURE_FEEDBACK),), out_of_place=("205", "UNKNOWN"), has_parts=True),
    MessageType("203", "ArrivalFeedback", _MOVE, O,
        "The origin's answer to a notice, field by field; or an interim answer.",
        contents.ARRIVAL_FEEDBACK, "outcome", _of("201", "211"), frozenset({Kind.FEEDBACK, Kind.CORRECTION_FEEDBACK,
        Kind.FINAL}),
        (Owed(Kind.REVIEW, outcomes=_CONFIRMED), Owed(Kind.FINAL, by_hearer=False, outcomes=_INTERIM)), has_parts=True),
    MessageType("204", "ArrivalRefusal", _MOVE, O, "The origin's negative answer: an answer like any other.",
        contents.ARRIVAL_REFUSAL, "reason_code", _of("201", "211"),
        frozenset({Kind.FEEDBACK, Kind.CORRECTION_FEEDBACK, Kind.FINAL}), (Owed(Kind.REACTION, outcomes=_REFUSALS),),
        voids=_VOIDS),
    MessageType("205", "DepartureFeedback", _MOVE, D, "The destination's answer to a notice of departure.",
        contents.DEPARTURE_FEEDBACK, "outcome", _of("202"), frozenset({Kind.DEPARTURE_FEEDBACK}),
        voids=_of("MOVED_ON")),
    MessageType("211", "CorrectedNotice", _MOVE, D, "The notice as it should have been, after an answer to it.",
        contents.CORRECTED_NOTICE, None, _of("203", "204"), frozenset({Kind.REVIEW, Kind.REACTION}),
        (Owed(Kind.CORRECTION_FEEDBACK),), ("204", "B-R"), has_parts=True),
    MessageType("212", "NoticeWithdrawal", _MOVE, EITHER, "Takes one's own 201 or 202 back.",
        contents.NOTICE_WITHDRAWAL,
        "notice", ends=frozenset({Kind.REVIEW, Kind.REACTION}), owes=(Owed(Kind.COMPENSATION),)),
    MessageType("213", "FeedbackAcceptance", _MOVE, D, "What the destination made of each difference.",
        contents.FEEDBACK_ACCEPTANCE, "outcome", _of("203"), frozenset({Kind.REVIEW})),
    MessageType("301", "VerificationRequest", _VERIFY, ASKER, "Asks the partner to verify items.",
        contents.VERIFICATION_REQUEST, owes=(Owed(Kind.VERIFICATION),), out_of_place=("302", "NOT_PERMITTED"),
        has_parts=True),
    MessageType("302", "VerificationFeedback", _VERIFY, ANSWERER, "What became of each item.",
        contents.VERIFICATION_FEEDBACK, "outcome", _of("301"), frozenset({Kind.VERIFICATION, Kind.VERIFICATION_FINAL}),
        (Owed(Kind.CLARIFYING_WINDOW, outcomes=_of("VERIFIED", "NOT_PERMITTED")),
         Owed(Kind.VERIFICATION_FINAL, by_hearer=False, outcomes=_of("PENDING"))), has_parts=True),
    MessageType("303", "ClarificationRequest", _VERIFY, EITHER,
        "Asks what was meant. Asked by who owes an answer, it stops that clock.",
        contents.CLARIFICATION_REQUEST, owes=(Owed(Kind.CLARIFICATION),), ends=frozenset({Kind.CLARIFYING_WINDOW}),
        out_of_place=("304", "")),
    MessageType("304", "ClarificationReply", _VERIFY, EITHER, "Says what was meant.", contents.CLARIFICATION_REPLY,
        None,
        _of("303"), frozenset({Kind.CLARIFICATION}), has_parts=True),
    MessageType("401", "RecordUpdate", _MOVE, EITHER, "A change of the person's record while the link is open.",
        contents.RECORD_UPDATE, "effect", owes=(Owed(Kind.UPDATE_FEEDBACK, outcomes=_of("CHANGES"), if_asked=True),
        Owed(Kind.END_FEEDBACK, outcomes=_of("ENDS_STAY"))), out_of_place=("402", "NOT_MINE"), has_parts=True),
    MessageType("402", "UpdateFeedback", _MOVE, EITHER, "What became of a change or of the end of a stay.",
        contents.UPDATE_FEEDBACK, "outcome", _of("401", "404"), frozenset({Kind.UPDATE_FEEDBACK, Kind.END_FEEDBACK}),
        voids=_of("NOT_MINE")),
    MessageType("404", "EndOfStayNotice", _MOVE, D, "The stay ended.", contents.END_OF_STAY, "reason",
        owes=(Owed(Kind.END_FEEDBACK),), out_of_place=("402", "NOT_MINE")),
    MessageType("501", "DiscrepancyReport", _DISCREPANCY, ASKER, "Doubts a value that the keeper of the record holds.",
        contents.DISCREPANCY_REPORT, owes=(Owed(Kind.DISCREPANCY_FIRST),), out_of_place=("503", "UNCHANGED"),
        has_parts=True),
    MessageType("502", "DiscrepancyInterim", _DISCREPANCY, ANSWERER,
        "It is being looked into; the mark is shown with every read.",
        contents.DISCREPANCY_INTERIM, None, _of("501"), frozenset({Kind.DISCREPANCY_FIRST, Kind.DISCREPANCY_DECISION}),
        (Owed(Kind.DISCREPANCY_DECISION, by_hearer=False),)),
    MessageType("503", "DiscrepancyDecision", _DISCREPANCY, ANSWERER, "What was decided.",
        contents.DISCREPANCY_DECISION,
        "outcome", _of("501"), frozenset({Kind.DISCREPANCY_FIRST, Kind.DISCREPANCY_DECISION}), voids=_of("FORWARDED")),
    MessageType("701", "Reminder", _ALL, EITHER, "An obligation is overdue. Said by the creditor's exchange.",
        contents.REMINDER, owes=(Owed(Kind.REMINDER_REPLY),)),
    MessageType("702", "ReminderReply", _ALL, EITHER, "Why, and until when.", contents.REMINDER_REPLY, None, _of("701"),
        frozenset({Kind.REMINDER_REPLY})),
    MessageType("707", "CaseReopen", _MOVE, EITHER, "Takes a closed conversation up again.", contents.CASE_REOPEN),
)  # fmt: skip
CATALOGUE = {message.code: message for message in MESSAGES}
