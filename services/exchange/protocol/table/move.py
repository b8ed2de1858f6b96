"""The transition table of a move. Each row is one sentence; read it from above.

Two rules explain the rows that look odd. *A word beats a time-out*: what a side concluded from silence is taken back
when the partner's word comes after all. *What crossed is taken*: two messages that pass each other on the way find
each other's sender further on than expected; there is a row for every such pair.
"""

from services.exchange.protocol.contents import REFUSALS
from services.exchange.protocol.deadlines import Kind
from services.exchange.protocol.states import Role, State, Talk
from services.exchange.protocol.stimuli import Finding
from services.exchange.protocol.table.row import REMINDERS, Effect, Guard, On, Table, at, own, word

D, O, EITHER = Role.DESTINATION, Role.ORIGIN, Role.EITHER  # noqa: E741
S, E, G = State, Effect, Guard
_NEGATIVE = tuple(sorted(REFUSALS - {"B-F"}))
_FINAL = ("CONFIRMED", "CONFIRMED_WITH_DIFFERENCES")
_ANSWERABLE = (S.DELIVERED, S.VERIFYING, S.LAPSED)
_HELD_BY_ORIGIN = (S.DELIVERED, S.MANUAL_PAIRING, S.PAIRED, S.VERIFYING)
_GIVEN_UP = (S.OPEN, S.UNDELIVERABLE, S.DELIVERED, S.VERIFYING, S.REFUSING, S.ANSWERED)

OPENING = (
    word("101", D, "Before there is a notice the destination may ask for the record.",
         said=at(S.NONE), heard=at(S.NONE)),
    word("102", O, "The origin answers; the conversation stands where it stood.",
         said=at(S.NONE, when=(G.NOT_ANSWERED,)), heard=at(S.NONE)),
    word("201", D, "The destination opens.", said=at(S.NONE, to=S.OPEN, does=(E.STAND_ARRIVAL,)),
         heard=at(S.NONE, to=S.DELIVERED, does=(E.STAND_ARRIVAL,))),
    word("201", D, "The destination answers an announced departure by its own notice; both stand in one conversation.",
         said=at(S.DELIVERED, to=S.OPEN, does=(E.STAND_ARRIVAL,), when=(G.ONLY_DEPARTURE,)),
         heard=at(S.OPEN, S.UNDELIVERABLE, S.DELIVERED, to=S.DELIVERED, does=(E.STAND_ARRIVAL,),
                  when=(G.ONLY_DEPARTURE,))),
    word("201", D, "An arrival comes after all: the departure had lapsed, was withdrawn or was thought settled.",
         said=at(S.LAPSED, S.CLOSED, S.WITHDRAWN, to=S.OPEN, does=(E.STAND_ARRIVAL,), when=(G.NO_ARRIVAL,)),
         heard=at(S.LAPSED, S.CLOSED, S.WITHDRAWN, S.FORWARDED, to=S.DELIVERED, does=(E.STAND_ARRIVAL,),
                  when=(G.NO_ARRIVAL,))),
    word("201", D, "A notice that could not be taken is said anew.",
         said=at(S.UNDELIVERABLE, to=S.OPEN, does=(E.STAND_ARRIVAL,), when=(G.NOTICE_REJECTED,))),
    word("202", O, "The origin announces a departure.", said=at(S.NONE, to=S.OPEN, does=(E.STAND_DEPARTURE,)),
         heard=at(S.NONE, to=S.DELIVERED, does=(E.STAND_DEPARTURE,))),
    own(On.RECEIPT, "201", D, "The origin has the notice.",
        at(S.OPEN, S.UNDELIVERABLE, S.LAPSED, to=S.DELIVERED, does=(E.TELL_NOTIFIED,))),
    own(On.RECEIPT, "201", D, "The origin has the notice, and the conversation is already past it.",
        at(does=(E.TELL_NOTIFIED,))),
    own(On.RECEIPT, "202", O, "The destination has the announcement.",
        at(S.OPEN, S.UNDELIVERABLE, to=S.DELIVERED, when=(G.ONLY_DEPARTURE,))),
    own(On.FAILURE, "201", D, "The notice cannot be delivered: people must find another way.",
        at(S.OPEN, to=S.UNDELIVERABLE)),
    own(On.FAILURE, "202", O, "Nor the announcement.", at(S.OPEN, to=S.UNDELIVERABLE, when=(G.ONLY_DEPARTURE,))),
    own(On.LAPSE, Kind.MANUAL_DELIVERY, EITHER, "Nobody found another way.",
        at(*_GIVEN_UP, to=S.LAPSED, when=(G.NOTHING_OWED,))),
    own(On.LAPSE, Kind.MANUAL_DELIVERY, EITHER, "Nobody found another way to tell that the stay ended.",
        at(S.CLOSING, to=S.CLOSED, does=(E.END_LINK,), when=(G.NOTHING_OWED,))),
)  # fmt: skip

DEPARTURE = (
    word("205", D, "Not yet, or not known: the departure goes on waiting.", "NOT_ARRIVED_YET", "UNKNOWN",
         said=at(S.DELIVERED, S.LAPSED, does=(E.TELL_DESTINATION_ANSWER,), when=(G.ONLY_DEPARTURE, G.NOT_ANSWERED)),
         heard=at(does=(E.TELL_DESTINATION_ANSWER,))),
    word("205", D, "The person is there: the departure is confirmed. The arrival's own notice may still come.",
        "ARRIVED",
         said=at(S.DELIVERED, S.LAPSED, to=S.CLOSED, does=(E.TELL_DESTINATION_ANSWER, E.CONFIRM_DEPARTURE),
                 when=(G.ONLY_DEPARTURE,)),
         heard=at(S.DELIVERED, S.LAPSED, to=S.CLOSED,
                  does=(E.TELL_DESTINATION_ANSWER, E.CONFIRM_DEPARTURE), when=(G.ONLY_DEPARTURE,))),
    word("205", D, "The person is there, and the notice of it stands already.", "ARRIVED",
         heard=at(does=(E.TELL_DESTINATION_ANSWER, E.CONFIRM_DEPARTURE), when=(G.ARRIVAL_STANDS,))),
    word("205", D, "The person moved on: the departure is announced there.", "MOVED_ON",
         said=at(S.DELIVERED, S.LAPSED, to=S.FORWARDED, does=(E.TELL_DESTINATION_ANSWER,), when=(G.ONLY_DEPARTURE,)),
         heard=at(S.DELIVERED, S.LAPSED, to=S.FORWARDED,
                  does=(E.TELL_DESTINATION_ANSWER, E.OPEN_FORWARDED_DEPARTURE), when=(G.ONLY_DEPARTURE,))),
    own(On.LAPSE, Kind.CONFIRMATION, EITHER, "Nobody arrived within three months.",
        at(S.OPEN, S.UNDELIVERABLE, S.DELIVERED, to=S.LAPSED, does=(E.LAPSE_DEPARTURE,), when=(G.ONLY_DEPARTURE,))),
    own(On.LAPSE, Kind.CONFIRMATION, EITHER, "Nothing confirmed the departure, however the conversation went.",
        at(does=(E.LAPSE_DEPARTURE,))),
    word("212", O, "The origin takes its announcement back.", "DEPARTURE",
         said=at(S.OPEN, S.UNDELIVERABLE, S.DELIVERED, to=S.WITHDRAWN, does=(E.DROP_DEPARTURE,),
                 when=(G.ONLY_DEPARTURE,)),
         heard=at(S.DELIVERED, S.CLOSED, S.FORWARDED, S.LAPSED, to=S.WITHDRAWN, does=(E.DROP_DEPARTURE, E.COMPENSATE),
                  when=(G.ONLY_DEPARTURE,))),
    word("212", O, "Once an arrival stands it stands on its own feet.", "DEPARTURE",
         heard=at(does=(E.DROP_DEPARTURE, E.END_COMPENSATION))),
)  # fmt: skip

ANSWERING = (
    own(On.FINDING, Finding.PAIRED, O, "The person was found.",
        at(S.DELIVERED, S.MANUAL_PAIRING, to=S.PAIRED, when=(G.ARRIVAL_STANDS,))),
    own(On.FINDING, Finding.AMBIGUOUS, O, "People must decide who is meant.",
        at(S.DELIVERED, to=S.MANUAL_PAIRING, when=(G.ARRIVAL_STANDS,))),
    word("203", O, "The final answer.", *_FINAL,
         said=at(S.PAIRED, S.VERIFYING, S.LAPSED, to=S.ANSWERED, does=(E.TELL_ORIGIN_ANSWER, E.RECORD_OUTFLOW),
                 when=(G.ARRIVAL_STANDS, G.STILL_ASKED)),
         heard=at(*_ANSWERABLE, to=S.ANSWERED, does=(E.TELL_ORIGIN_ANSWER,), when=(G.ARRIVAL_STANDS,))),
    word("203", O, "An interim answer: somebody goes and looks. It may be extended once.", "UNDER_VERIFICATION",
         said=at(S.PAIRED, S.VERIFYING, to=S.VERIFYING, does=(E.TELL_ORIGIN_ANSWER,), when=(G.MAY_EXTEND,)),
         heard=at(*_ANSWERABLE, to=S.VERIFYING, does=(E.TELL_ORIGIN_ANSWER,), when=(G.ARRIVAL_STANDS,))),
    word("204", O, "A negative answer.", *_NEGATIVE,
         said=at(*_HELD_BY_ORIGIN, S.LAPSED, to=S.REFUSING, does=(E.TELL_ORIGIN_ANSWER, E.UNDO_OUTFLOW, E.END_LINK),
                 when=(G.ARRIVAL_STANDS, G.STILL_ASKED)),
         heard=at(*_ANSWERABLE, to=S.REFUSED, does=(E.TELL_ORIGIN_ANSWER, E.END_LINK), when=(G.ARRIVAL_STANDS,))),
    word("204", O, "The person moved on: the destination asks there.", "B-F",
         said=at(*_HELD_BY_ORIGIN, S.LAPSED, to=S.REFUSING, does=(E.TELL_ORIGIN_ANSWER, E.UNDO_OUTFLOW, E.END_LINK),
                 when=(G.ARRIVAL_STANDS, G.STILL_ASKED)),
         heard=at(*_ANSWERABLE, to=S.FORWARDED, does=(E.TELL_ORIGIN_ANSWER, E.END_LINK, E.OPEN_FORWARDED_ARRIVAL),
                  when=(G.ARRIVAL_STANDS,))),
    own(On.RECEIPT, "203", O, "An answer given up for lost comes through.", at(S.LAPSED, to=S.ANSWERED), *_FINAL),
    own(On.RECEIPT, "204", O, "The refusal is delivered.", at(S.REFUSING, S.LAPSED, to=S.REFUSED), *_NEGATIVE),
    own(On.RECEIPT, "204", O, "The forwarding is delivered.", at(S.REFUSING, S.LAPSED, to=S.FORWARDED), "B-F"),
    *(own(On.LAPSE, kind, EITHER, "No answer came in all that time.",
          at(*_HELD_BY_ORIGIN, S.REFUSING, S.ANSWERED, to=S.LAPSED))
      for kind in (Kind.FEEDBACK, Kind.CORRECTION_FEEDBACK, Kind.FINAL)),
)  # fmt: skip

SETTLING = (
    word("211", D, "The destination corrects its notice; two rounds at most.",
         said=at(S.ANSWERED, S.REFUSED, S.CONTESTED, to=S.DELIVERED, does=(E.COUNT_ROUND,), when=(G.ROUNDS_LEFT,)),
         heard=at(S.ANSWERED, S.SETTLED, S.REFUSING, S.REFUSED, S.CONTESTED, S.LAPSED,
                  to=S.DELIVERED, does=(E.COUNT_ROUND,), when=(G.ROUNDS_LEFT, G.ARRIVAL_STANDS))),
    own(On.RECEIPT, "211", D, "The origin has the corrected notice.",
        at(S.DELIVERED, S.LAPSED, to=S.DELIVERED, does=(E.TELL_NOTIFIED,))),
    word("213", D, "All is settled: the two records are linked.", "ALL_SETTLED",
         said=at(S.ANSWERED, to=S.SETTLED, does=(E.OPEN_LINK,)),
         heard=at(S.ANSWERED, S.SETTLED, S.LAPSED, to=S.SETTLED, does=(E.OPEN_LINK,), when=(G.ARRIVAL_STANDS,))),
    word("213", D, "Settled, but for a difference that goes on as a discrepancy.", "SENT_TO_DISCREPANCY",
         said=at(S.ANSWERED, to=S.SETTLED, does=(E.OPEN_LINK, E.OPEN_DISCREPANCY)),
         heard=at(S.ANSWERED, S.SETTLED, S.LAPSED, to=S.SETTLED, does=(E.OPEN_LINK,), when=(G.ARRIVAL_STANDS,))),
    own(On.LAPSE, Kind.REVIEW, EITHER, "Silence is consent.",
        at(S.ANSWERED, to=S.SETTLED, does=(E.OPEN_LINK_TACITLY,))),
    own(On.DUE, Kind.REACTION, EITHER, "The destination does not react to a refusal: its supervisor must.",
        at(S.REFUSED, to=S.CONTESTED)),
    own(On.LAPSE, Kind.REACTION, EITHER, "Nobody reacted: the record stays one-sided, and is shown so.",
        at(S.REFUSED, S.CONTESTED, to=S.LAPSED)),
    word("212", D, "The destination takes its notice back.", "ARRIVAL",
         said=at(S.OPEN, S.UNDELIVERABLE, S.DELIVERED, S.VERIFYING, S.REFUSED, S.CONTESTED, S.ANSWERED,
                 S.SETTLED, S.CLOSING, to=S.WITHDRAWN, does=(E.END_LINK,), when=(G.ARRIVAL_STANDS,)),
         heard=at(to=S.WITHDRAWN, does=(E.COMPENSATE,), when=(G.ARRIVAL_STANDS,))),
    word("212", EITHER, "Nothing of the notice stands here: nothing is to be undone.",
         heard=at(does=(E.END_COMPENSATION,))),
    own(On.FINDING, Finding.COMPENSATED, EITHER, "What the notice did is undone.",
        at(does=(E.END_COMPENSATION,), when=(G.COMPENSATION_OWED,))),
)  # fmt: skip

LIVING = (
    word("401", EITHER, "The record changed; the link lives on.", "CHANGES", said=at(S.SETTLED),
         heard=at(S.SETTLED, S.CLOSING, does=(E.UPDATE_RECORD,))),
    word("401", EITHER, "The partner speaks as one who has settled.", "CHANGES",
         heard=at(S.ANSWERED, to=S.SETTLED, does=(E.OPEN_LINK_TACITLY, E.UPDATE_RECORD))),
    word("401", EITHER, "The record changed so that the stay has ended.", "ENDS_STAY",
         said=at(S.SETTLED, to=S.CLOSING, does=(E.END_STAY,)),
         heard=at(S.ANSWERED, S.SETTLED, S.CLOSING, to=S.CLOSING, does=(E.END_STAY,))),
    word("404", D, "The stay ended.", said=at(S.SETTLED, to=S.CLOSING, does=(E.END_STAY,)),
         heard=at(S.ANSWERED, S.SETTLED, S.CLOSING, to=S.CLOSING, does=(E.END_STAY,))),
    word("401", D, "The destination has the answer that was given up for lost, or it could not speak so.", "CHANGES",
         heard=at(S.LAPSED, to=S.SETTLED, does=(E.OPEN_LINK_TACITLY, E.UPDATE_RECORD), when=(G.ANSWER_SAID,))),
    word("401", D, "And the stay ended since.", "ENDS_STAY",
         heard=at(S.LAPSED, to=S.CLOSING, does=(E.END_STAY,), when=(G.ANSWER_SAID,))),
    word("404", D, "And the stay ended since.",
         heard=at(S.LAPSED, to=S.CLOSING, does=(E.END_STAY,), when=(G.ANSWER_SAID,))),
    word("402", EITHER, "What became of a change.",
         said=at(when=(G.UPDATES, G.NOT_ANSWERED), does=(E.UPDATE_RECORD,)), heard=at(when=(G.UPDATES,))),
    word("402", EITHER, "What became of the end of the stay: it is over.",
         said=at(S.CLOSING, to=S.CLOSED, does=(E.UPDATE_RECORD, E.END_LINK), when=(G.ENDS_STAY, G.NOT_ANSWERED)),
         heard=at(S.CLOSING, to=S.CLOSED, does=(E.END_LINK,), when=(G.ENDS_STAY,))),
    own(On.LAPSE, Kind.END_FEEDBACK, EITHER, "Five working days of silence close it too.",
        at(S.CLOSING, to=S.CLOSED, does=(E.END_LINK,))),
    own(On.IDLE, "T-CLOSE", EITHER, "And thirty days, whatever else is missing.",
        at(S.CLOSING, to=S.CLOSED, does=(E.END_LINK,))),
    word("707", EITHER, "Closed in error: the link lives on.",
         said=at(S.CLOSED, to=S.SETTLED, does=(E.OPEN_LINK,), when=(G.WAS_SETTLED,)),
         heard=at(S.CLOSED, S.CLOSING, S.SETTLED, to=S.SETTLED, does=(E.OPEN_LINK,),
                  when=(G.ARRIVAL_STANDS, G.NAMES_OUR_ENDS))),
    own(On.FINDING, Finding.RECONFIRMED, D, "The link is still true.", at(S.SETTLED, does=(E.RENEW_CONFIRMATION,))),
)  # fmt: skip

MOVE = Table(Talk.MOVE, (*OPENING, *DEPARTURE, *ANSWERING, *SETTLING, *LIVING, *REMINDERS))
