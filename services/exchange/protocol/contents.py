"""What each message says: the fields of its body, in the order of the reference. `part` fields are particulars."""

from collections.abc import Mapping

from services.exchange.protocol.bodies import Form, Item
from services.exchange.protocol.failures import REFUSAL_CODES

REFUSALS = REFUSAL_CODES
_REFUSED = tuple(sorted(REFUSALS))
_SUBJECT = Item("subject", Form.PART, "Identification: identifier, names, birth date, last address at the recipient.")
_MEMBERS = Item("household_members", Form.PART, "Who moves along; each has an own conversation under household_ref.")
_HOUSEHOLD = Item("household_ref", Form.ID, "The same for all who move together.")

RECORD_REQUEST = (
    _SUBJECT,
    Item(
        "requested_blocks",
        Form.PATHS,
        "Which blocks of the record: identification, address, civil-status, citizenships. No other is told.",
        True,
    ),
    Item("person_consent_or_basis", Form.WORD, "Why it may be asked.", True, ("CONSENT", "STATUTE")),
)
RECORD_RESPONSE = (
    Item("outcome", Form.WORD, "What was found.", True, ("FOUND", "NOT_FOUND", "NOT_UNIQUE", "REFUSED")),
    Item("snapshot", Form.PART, "The permitted record; only with FOUND."),
    Item("corrected_fields", Form.PATHS, "Fields that were corrected since the sender last heard."),
)
ARRIVAL_NOTICE = (
    _SUBJECT,
    Item("registration_id", Form.ID, "The event of the arrival at the destination.", True),
    Item("registered_on", Form.DATE, "When it was registered.", True),
    Item("moved_in_on", Form.DATE, "When the person moved in.", True),
    Item("residence_kind", Form.WORD, "How the person lives there.", True, ("PRIMARY", "SECONDARY", "TEMPORARY")),
    Item("keep_origin_registration", Form.FLAG, "Whether the registration at the origin is kept."),
    Item("reason_of_move", Form.WORD, "A word of vocabulary `move_reason`."),
    Item("expected_stay", Form.WORD, "How long the stay is expected to be, as an ISO 8601 duration."),
    _HOUSEHOLD,
    _MEMBERS,
    Item("address", Form.PART, "The new address."),
    Item("previous_address_declared", Form.PART, "Where the person says to come from."),
    Item("asserted_fields", Form.PART, "Values for comparison, by path."),
)
DEPARTURE_NOTICE = (
    _SUBJECT,
    Item("departure_event_id", Form.ID, "The event of the departure at the origin.", True),
    Item("departed_on", Form.DATE, "When the person left.", True),
    Item("declared_destination", Form.CODE, "The region where the person says to go.", True),
    Item("validity_until", Form.DATE, "Until when the departure waits for an arrival: three months.", True),
    _HOUSEHOLD,
    _MEMBERS,
)
ARRIVAL_FEEDBACK = (
    Item("outcome", Form.WORD, "What the origin says.", True, ("CONFIRMED", "CONFIRMED_WITH_DIFFERENCES",
        "UNDER_VERIFICATION")),
    Item("field_results", Form.ITEMS,
        "One line per asked field; `verdict` is SAME, DIFFERENT, UNKNOWN or NOT_HELD, `basis` "
         "DOCUMENT, REGISTER, ON_SITE or DECLARATION.", columns=("path", "verdict", "basis", "as_of")),
    Item("origin_effect", Form.WORD, "What the origin did to its record.", words=("OUTFLOW_RECORDED", "DEREGISTERED",
        "KEPT")),
    Item("departed_on", Form.DATE, "From when the origin holds the person to live at the destination."),
    Item("values", Form.PART,
        "Asserted and held values of the fields that differ, and facts that the destination must know."),
)  # fmt: skip
ARRIVAL_REFUSAL = (
    Item("reason_code", Form.CODE, "Business code.", True, _REFUSED),
    Item("forward_to_jurisdiction", Form.CODE, "With B-F: the region to ask instead."),
    Item("departed_on", Form.DATE, "When the person left the origin, where that may be told."),
    Item("missing_fields", Form.PATHS, "With B-Z: which fields of the identification are missing."),
)
DEPARTURE_FEEDBACK = (
    Item("outcome", Form.WORD, "What is known.", True, ("ARRIVED", "NOT_ARRIVED_YET", "MOVED_ON", "UNKNOWN")),
    Item("registration_id", Form.ID, "With ARRIVED: the event of the arrival."),
    Item("arrived_on", Form.DATE, "With ARRIVED: when."),
    Item("forward_to_jurisdiction", Form.CODE, "With MOVED_ON: the region to ask instead."),
)
CORRECTED_NOTICE = (
    Item("registration_id", Form.ID, "The event of the arrival, as corrected.", True),
    Item("moved_in_on", Form.DATE, "When the person moved in, as corrected."),
    Item("changed_fields", Form.PATHS, "Which fields changed.", True),
    Item("reason", Form.WORD, "Why.", True, ("TYPING_ERROR", "DOCUMENT_SEEN", "WRONG_PERSON", "OTHER")),
    Item("values", Form.PART, "The corrected values."),
)
NOTICE_WITHDRAWAL = (
    Item("notice", Form.WORD, "Which notice is taken back.", True, ("ARRIVAL", "DEPARTURE")),
    Item("reason", Form.WORD, "Why.", True, ("DUPLICATE", "ERROR", "NOT_TAKEN_UP", "OTHER_PERSON")),
    Item("reverses_event_ids", Form.IDS, "The sender's events that are undone."),
)
FEEDBACK_ACCEPTANCE = (
    Item("outcome", Form.WORD, "Whether all is settled, or something goes on as a discrepancy.", True,
         ("ALL_SETTLED", "SENT_TO_DISCREPANCY")),
    Item("decisions", Form.ITEMS, "One line per difference; `decision` is ADOPTED_ORIGIN, KEPT_DESTINATION or "
         "SENT_TO_DISCREPANCY.", columns=("path", "decision")),
)  # fmt: skip
QUESTIONS = ("IS_IT_SO", "WHAT_IS_HELD", "ONE_SIDED_AT_D", "ONE_SIDED_AT_O", "STATE_DIFFERS", "DATES_DIFFER",
             "DUPLICATE_PERSON")  # fmt: skip
"""What may be asked of an item: a word and no sentence, for it stands unsealed, for ever. The last five are findings of
a reconciliation."""
COLUMN_WORDS = {
    "question": QUESTIONS,
    "result": ("CONFIRMED", "CORRECTED", "NOT_KNOWN", "NOT_PERMITTED", "PENDING"),
    "verdict": ("SAME", "DIFFERENT", "UNKNOWN", "NOT_HELD"),
    "method": ("REGISTER", "DOCUMENT", "ON_SITE", "DECLARATION"),
    "basis": ("REGISTER", "DOCUMENT", "ON_SITE", "DECLARATION"),
    "decision": ("ADOPTED_ORIGIN", "KEPT_DESTINATION", "SENT_TO_DISCREPANCY"),
}
"""What a column of lines may say: words, for a sentence there would be unsealed."""
LINES_MAX = 40
"""As many values as a sealed part holds (particulars/documents.py): each line can be answered with one."""
VERIFICATION_REQUEST = (
    _SUBJECT,
    Item(
        "items",
        Form.ITEMS,
        f"What is asked, one line each, {LINES_MAX} at most; `question` is "
        f"{', '.join(QUESTIONS[:-1])} or {QUESTIONS[-1]}.",
        True,
        columns=("item_id", "path", "question"),
    ),
    Item("why_needed", Form.WORD, "Purpose of the question.", True),
    Item("current_values", Form.PART, "The values held by the sender."),
)
VERIFICATION_FEEDBACK = (
    Item("outcome", Form.WORD, "VERIFIED when at least one item has an answer, PENDING when all must wait.", True,
         ("VERIFIED", "PENDING", "NOT_PERMITTED")),
    Item("items", Form.ITEMS,
        "One line per item; `result` is CONFIRMED, CORRECTED, NOT_KNOWN, NOT_PERMITTED or PENDING.",
         columns=("item_id", "result", "method", "verified_on", "verifier_role")),
    Item("values", Form.PART, "Corrected values."),
)  # fmt: skip
CLARIFICATION_REQUEST = (Item("item_ids", Form.IDS, "Which items are meant.", True),)
CLARIFICATION_REPLY = (
    Item("item_ids", Form.IDS, "Which items are meant.", True),
    Item("values", Form.PART, "What was meant."),
)
RECORD_UPDATE = (
    Item("change_kind", Form.WORD, "What kind of fact.", True,
         ("BIRTH", "DEATH", "MARRIAGE", "DIVORCE", "NAME", "ADDRESS", "HOUSEHOLD", "DOCUMENT", "CORRECTION")),
    Item("effect", Form.WORD, "Whether the record changes and the link lives on, or the stay has ended by it "
         "(death, a move to a third region).", True, ("CHANGES", "ENDS_STAY")),
    Item("next_jurisdiction", Form.CODE, "With a move: the region where the person lives now."),
    Item("before", Form.PART, "What was held before."),
    Item("after", Form.PART, "What holds now."),
    Item("evidence_ref", Form.CODE, "The document that shows it."),
)  # fmt: skip
UPDATE_FEEDBACK = (
    Item("outcome", Form.WORD, "What became of it.", True, ("APPLIED", "BEFORE_STATE_MISMATCH", "NOT_MINE")),
    Item("forward_to_jurisdiction", Form.CODE, "With NOT_MINE: whose it is."),
)
END_OF_STAY = (
    Item("reason", Form.WORD, "How it ended.", True, ("RETURNED", "MOVED_ON", "DECEASED", "UNKNOWN")),
    Item("ended_on", Form.DATE, "When it ended.", True),
    Item("next_jurisdiction", Form.CODE, "With MOVED_ON: the next region."),
)
DISCREPANCY_REPORT = (
    _SUBJECT,
    Item("path", Form.CODE, "The field in doubt.", True),
    Item("ground_of_doubt", Form.WORD, "A word of vocabulary `dispute_ground`.", True),
    Item("values", Form.PART, "The value seen, the other value, and the evidence."),
)
DISCREPANCY_INTERIM = (Item("expected_by", Form.DATE, "When a decision is expected.", True),)
DISCREPANCY_DECISION = (
    Item("outcome", Form.WORD, "What was decided.", True, ("CORRECTED", "ADDED", "REMOVED", "UNCHANGED", "FORWARDED")),
    Item("reason", Form.WORD, "With UNCHANGED: why."),
    Item("event_ids", Form.IDS, "The events that carry it out."),
    Item("forward_to_jurisdiction", Form.CODE, "With FORWARDED: the keeper to ask instead."),
)
REMINDER = (
    Item("obligation_id", Form.CODE, "What is overdue.", True),
    Item("level", Form.NUMBER, "1 to 3.", True),
    Item("overdue_since", Form.CODE, "The instant at which it was due.", True),
)
REMINDER_REPLY = (
    Item("reason_code", Form.WORD, "Why it takes long.", True,
         ("WORKLOAD", "PERSON_UNREACHABLE", "RECORD_LOCKED", "SYSTEM_DOWN", "NOT_COMPETENT")),
    Item("new_expected_at", Form.DATE, "When the answer is expected."),
)  # fmt: skip
CASE_REOPEN = (
    Item("reason", Form.WORD, "Why.", True, ("CLOSED_IN_ERROR", "PERSON_CAME_BACK", "NEW_FACTS")),
    Item(
        "takes_back", Form.IDS, "All messages of either side that ended the stay, as far as the sender has them.", True
    ),
)

_CODE_ONLY = frozenset({"reason_code"})
EMPTY_WHERE_NOTHING_IS_TOLD = {
    ("102", "NOT_FOUND"): frozenset({"outcome"}),
    ("102", "NOT_UNIQUE"): frozenset({"outcome"}),
    ("102", "REFUSED"): frozenset({"outcome"}),
    ("204", "B-G"): _CODE_ONLY,
    ("204", "B-U"): _CODE_ONLY,
    ("204", "B-C"): _CODE_ONLY,
    ("204", "B-Z"): frozenset({"reason_code", "missing_fields"}),
    ("302", "NOT_PERMITTED"): frozenset({"outcome"}),
}
"""Neutral answers: all that a body may hold where nobody was found, or nothing may be told. No parts, no dates."""

NEEDED_WITH = {
    ("204", "B-F"): "forward_to_jurisdiction",
    ("205", "MOVED_ON"): "forward_to_jurisdiction",
    ("503", "FORWARDED"): "forward_to_jurisdiction",
}
"""Who says that another must answer says who."""

IMPOSSIBLE_WITH: Mapping[tuple[str, str], Mapping[str, frozenset[str]]] = {
    ("401", "CHANGES"): {"change_kind": frozenset({"DEATH"}), "next_jurisdiction": frozenset()},
}
"""Fields with words that contradict an outcome; no words: any. Who died or moved on has ended the stay, which is looked
at as such: said as a change like others, it would be taken over unseen."""
