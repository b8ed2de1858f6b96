"""The transition table of a verification: one region asks the other to check items of a record."""

from services.exchange.protocol.deadlines import Kind
from services.exchange.protocol.states import Role, State, Talk
from services.exchange.protocol.stimuli import Finding
from services.exchange.protocol.table.row import REMINDERS, Effect, Guard, On, Table, at, own, word

ASKER, ANSWERER, EITHER = Role.ASKER, Role.ANSWERER, Role.EITHER
S, E, G = State, Effect, Guard
_UNDER_WORK = (S.DELIVERED, S.MANUAL_PAIRING, S.PAIRED, S.VERIFYING)
_WAITING = (S.DELIVERED, S.VERIFYING)
_ANSWERS = ("VERIFIED", "NOT_PERMITTED")

ROWS = (
    word("301", ASKER, "One region asks.", said=at(S.NONE, to=S.OPEN), heard=at(S.NONE, to=S.DELIVERED)),
    own(On.RECEIPT, "301", ASKER, "The partner has the question.",
        at(S.OPEN, S.UNDELIVERABLE, S.LAPSED, to=S.DELIVERED)),
    own(On.FAILURE, "301", ASKER, "The question cannot be delivered.", at(S.OPEN, to=S.UNDELIVERABLE)),
    own(On.LAPSE, Kind.MANUAL_DELIVERY, EITHER, "Nobody found another way.",
        at(S.OPEN, S.UNDELIVERABLE, *_WAITING, S.ANSWERED, S.CLARIFYING, to=S.LAPSED, when=(G.NOTHING_OWED,))),
    own(On.FINDING, Finding.PAIRED, ANSWERER, "The person was found.", at(S.DELIVERED, S.MANUAL_PAIRING, to=S.PAIRED)),
    own(On.FINDING, Finding.AMBIGUOUS, ANSWERER, "People must decide who is meant.",
        at(S.DELIVERED, to=S.MANUAL_PAIRING)),
    word("302", ANSWERER, "All items must wait. It may be extended once.", "PENDING",
         said=at(S.PAIRED, S.VERIFYING, to=S.VERIFYING, when=(G.MAY_EXTEND,)),
         heard=at(*_WAITING, S.LAPSED, to=S.VERIFYING)),
    word("302", ANSWERER, "Item by item, or that it may not be told.", *_ANSWERS,
         said=at(*_UNDER_WORK, S.LAPSED, to=S.ANSWERED, when=(G.STILL_ASKED,)),
         heard=at(*_WAITING, S.LAPSED, to=S.ANSWERED)),
    own(On.RECEIPT, "302", ANSWERER, "An answer given up for lost comes through.",
        at(S.LAPSED, to=S.ANSWERED), *_ANSWERS),
    word("303", ANSWERER, "What is meant? Whoever owes the answer asks, and the clock stands still.",
         said=at(*_UNDER_WORK, does=(E.STOP_CLOCK,), when=(G.OWN_DEBT, G.ROUNDS_LEFT)),
         heard=at(*_WAITING, S.LAPSED, does=(E.STOP_CLOCK,), when=(G.ROUNDS_LEFT,))),
    own(On.FAILURE, "303", ANSWERER, "The question back cannot be delivered: the clock goes on.",
        at(does=(E.START_CLOCK,))),
    word("303", ASKER, "What does the answer mean?",
         said=at(S.ANSWERED, to=S.CLARIFYING, does=(E.COUNT_ROUND,), when=(G.ROUNDS_LEFT,)),
         heard=at(S.ANSWERED, S.CLOSED, to=S.CLARIFYING, does=(E.COUNT_ROUND,), when=(G.ROUNDS_LEFT,))),
    word("304", ASKER, "This is meant; the clock goes on.", said=at(does=(E.START_CLOCK,), when=(G.NOT_ANSWERED,)),
         heard=at(does=(E.START_CLOCK,))),
    word("304", ANSWERER, "This is what it means.", said=at(S.CLARIFYING, to=S.CLOSED, when=(G.NOT_ANSWERED,)),
         heard=at(S.CLARIFYING, to=S.CLOSED)),
    own(On.LAPSE, Kind.CLARIFYING_WINDOW, EITHER, "Nothing was unclear.", at(S.ANSWERED, to=S.CLOSED)),
    *(own(On.LAPSE, kind, EITHER, "No answer came in all that time.",
          at(*_UNDER_WORK, S.ANSWERED, S.CLARIFYING, to=S.LAPSED))
      for kind in (Kind.VERIFICATION, Kind.VERIFICATION_FINAL, Kind.CLARIFICATION)),
    *REMINDERS,
)  # fmt: skip

VERIFICATION = Table(Talk.VERIFY, ROWS)
