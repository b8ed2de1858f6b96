"""What the fields of envelope, receipt and rejection mean."""

ENVELOPE = {
    "message_id": "UUIDv7; the same for every repeat.",
    "message_type": "Code of the catalogue.",
    "schema_version": "Version of the message; one that is not known is answered by E-TEC-03.",
    "conversation_id": "UUIDv7, chosen by who opens. An answer has the id of what it answers.",
    "conversation_type": "MOVE, VERIFY or DISCREPANCY; others are kept for later versions.",
    "seq": "1, 2, 3 … per conversation id and sender, without gaps. A message that was rejected gives its number back.",
    "sender_jurisdiction": "Code of the region that says it.",
    "recipient_jurisdiction": "Code of the region that is meant.",
    "recorded_at": "Instant at which it was said, UTC.",
    "payload": "The body: canonical JSON, in base64.",
    "body_schema_id": "Code times 100 plus version.",
    "sender_office": "Office that says it; empty in neutral answers.",
    "recipient_office": "Office that is meant, if known.",
    "in_reply_to": "Id of the message that it answers. Mandatory in answers.",
    "request_hash": "message_hash of what it answers. Mandatory in answers; a wrong one is answered by E-TEC-07.",
    "occurred_on": "When what it tells of happened.",
    "effective_on": "From when it holds.",
    "purpose_code": "What it is processed for; a word of vocabulary `purpose`.",
    "legal_basis_code": "What allows it; a word of vocabulary `legal_basis`.",
    "urgency": "ROUTINE, PRIORITY or URGENT. URGENT shortens times in the padis profiles.",
    "response_required": "Whether it obliges the recipient; for 401 it is the sender's choice.",
    "protection": "NONE, RESTRICTED or PROTECTED.",
    "consent_ref": "For voluntary services only; none of the messages here needs it.",
    "parts": "For each subject: role, and a salted commitment to the sealed part that travels beside.",
}
RECEIPT = {
    "message_id": "Which message was taken.",
    "message_hash": "SHA-256 of its signed part, as it was taken.",
    "received_at": "Legal time of delivery, by the recipient's clock.",
    "response_due_at": "When the recipient owes its answer, if it owes one; by its own calendar.",
    "calendar_version": "Version of that calendar.",
}
REJECTION = {
    "message_id": "Which message was not taken.",
    "error_code": "E-TEC code.",
    "detail_path": "Where, as a JSON pointer; never what stood there.",
}
