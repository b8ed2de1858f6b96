-- What registers of two regions do not agree on, folded from the journal.
CREATE TABLE exchange.finding (
    finding_id uuid PRIMARY KEY,
    partner text NOT NULL,
    link_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN
        ('ONE_SIDED_AT_D', 'ONE_SIDED_AT_O', 'STATE_DIFFERS', 'DATES_DIFFER', 'DUPLICATE_PERSON')),
    found_at timestamptz NOT NULL,
    run_id uuid,
    conversation_id uuid,
    ended text CHECK (ended IN ('EXPLAINED', 'MENDED', 'ANSWERED')),
    closed_at timestamptz
);
COMMENT ON COLUMN exchange.finding.run_id IS 'The run of reconciliation that found it; NULL: this house saw it without its partner.';
COMMENT ON COLUMN exchange.finding.conversation_id IS 'The VERIFY in which one of the two asks the other because of it.';
COMMENT ON COLUMN exchange.finding.ended IS 'NULL: open.';
CREATE UNIQUE INDEX ON exchange.finding (partner, link_id, kind) WHERE ended IS NULL;
CREATE INDEX ON exchange.finding (partner, found_at);
CREATE INDEX ON exchange.finding (conversation_id) WHERE conversation_id IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON exchange.finding TO {service_role};
