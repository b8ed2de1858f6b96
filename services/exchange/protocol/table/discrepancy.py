"""The transition table of a discrepancy: somebody doubts a value, its keeper decides."""

from services.exchange.protocol.deadlines import Kind
from services.exchange.protocol.states import Role, State, Talk
from services.exchange.protocol.table.row import REMINDERS, Effect, Guard, On, Table, at, own, word

REPORTER, KEEPER, EITHER = Role.ASKER, Role.ANSWERER, Role.EITHER
S, E, G = State, Effect, Guard
_WITH_KEEPER = (S.RECEIVED, S.UNDER_INVESTIGATION, S.LAPSED)
_WITH_REPORTER = (S.RECEIVED, S.UNDER_INVESTIGATION, S.LAPSED)
_DECISIONS = ("CORRECTED", "ADDED", "REMOVED", "UNCHANGED")

ROWS = (
    word("501", REPORTER, "Somebody doubts a value.", said=at(S.NONE, to=S.OPEN), heard=at(S.NONE, to=S.RECEIVED)),
    own(On.RECEIPT, "501", REPORTER, "The keeper has the report.",
        at(S.OPEN, S.UNDELIVERABLE, S.LAPSED, to=S.RECEIVED)),
    own(On.FAILURE, "501", REPORTER, "The report cannot be delivered.", at(S.OPEN, to=S.UNDELIVERABLE)),
    own(On.LAPSE, Kind.MANUAL_DELIVERY, EITHER, "Nobody found another way.",
        at(S.OPEN, S.UNDELIVERABLE, S.RECEIVED, S.UNDER_INVESTIGATION, to=S.LAPSED, when=(G.NOTHING_OWED,))),
    word("502", KEEPER, "It is looked into; the field is marked. It may be extended once.",
         said=at(S.RECEIVED, S.UNDER_INVESTIGATION, to=S.UNDER_INVESTIGATION, does=(E.DISPUTE_FIELD,),
                 when=(G.MAY_EXTEND,)),
         heard=at(*_WITH_REPORTER, to=S.UNDER_INVESTIGATION)),
    word("503", KEEPER, "It is decided.", *_DECISIONS, said=at(*_WITH_KEEPER, to=S.DECIDED, does=(E.SETTLE_DISPUTE,),
                 when=(G.STILL_ASKED,)),
         heard=at(*_WITH_REPORTER, to=S.DECIDED)),
    word("503", KEEPER, "Another keeper is competent: the reporter asks there.", "FORWARDED",
         said=at(*_WITH_KEEPER, to=S.FORWARDED, does=(E.SETTLE_DISPUTE,), when=(G.STILL_ASKED,)),
         heard=at(*_WITH_REPORTER, to=S.FORWARDED, does=(E.OPEN_FORWARDED_REPORT,))),
    *(own(On.LAPSE, kind, EITHER, "No decision came in all that time.",
          at(S.RECEIVED, S.UNDER_INVESTIGATION, to=S.LAPSED))
      for kind in (Kind.DISCREPANCY_FIRST, Kind.DISCREPANCY_DECISION)),
    *REMINDERS,
)  # fmt: skip

DISCREPANCY = Table(Talk.DISCREPANCY, ROWS)
