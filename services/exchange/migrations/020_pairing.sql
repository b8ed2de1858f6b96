-- Questions of who is meant that no machine may decide, and what people decided. No particulars: ids of records, fields
-- and how well they agree.
CREATE TABLE exchange.pairing_case (
    conversation_id uuid PRIMARY KEY,
    partner         text NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('CONFLICT', 'CANDIDATES', 'NOT_UNIQUE')),
    opened_at       timestamptz NOT NULL,
    revision        integer NOT NULL,
    found           bytea NOT NULL,
    has_protected   boolean NOT NULL,
    proposed_by     text,
    proposed_at     timestamptz,
    outcome         text,
    person_id       uuid,
    decided_at      timestamptz
);
COMMENT ON TABLE exchange.pairing_case IS 'Whom people are asked to choose between, for a conversation. Made again by pairing again.';
COMMENT ON COLUMN exchange.pairing_case.revision IS 'Counts what changed: who decides names the revision that they saw.';
COMMENT ON COLUMN exchange.pairing_case.found IS 'Records that may be meant, best first, with score and explanation; JSON.';
COMMENT ON COLUMN exchange.pairing_case.outcome IS 'PERSON, NOBODY, NOT_UNIQUE or CONFLICT: proposed, and decided where decided_at is set.';
CREATE INDEX ON exchange.pairing_case (opened_at, conversation_id) WHERE decided_at IS NULL;

CREATE TABLE exchange.pairing_decision (
    conversation_id uuid NOT NULL,
    revision        integer NOT NULL,
    step            text NOT NULL CHECK (step IN ('decided', 'proposed', 'confirmed', 'refused')),
    outcome         text NOT NULL,
    person_id       uuid,
    kind            text NOT NULL,
    seen            bytea NOT NULL,
    actor           text NOT NULL,
    case_reference  text NOT NULL,
    is_override     boolean NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, revision)
);
COMMENT ON TABLE exchange.pairing_decision IS 'Every step of every decision: who, what, and what was shown to them. Never changed.';
COMMENT ON COLUMN exchange.pairing_decision.is_override IS 'Another person was chosen than the machine thought likeliest, or nobody where somebody was likely.';

GRANT SELECT, INSERT, UPDATE, DELETE ON exchange.pairing_case TO {service_role};
GRANT SELECT, INSERT ON exchange.pairing_decision TO {service_role};
