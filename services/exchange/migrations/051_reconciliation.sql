-- Runs of reconciliation, for operators: figures only, no link stands here. What was found is in the journal.
CREATE TABLE exchange.reconciliation (
    run_id uuid PRIMARY KEY,
    partner text NOT NULL,
    begun_by text NOT NULL CHECK (begun_by IN ('us', 'partner')),
    why text NOT NULL CHECK (why IN ('nightly', 'asked')),
    began_at timestamptz NOT NULL,
    step text NOT NULL,
    ended_at timestamptz,
    outcome text CHECK (outcome IN ('DONE', 'TOO_DIFFERENT', 'FAILED')),
    problem text,
    links bigint,
    partner_links bigint,
    buckets_differing integer,
    links_told integer,
    found integer,
    explained integer,
    closed integer,
    bytes_sent bigint NOT NULL DEFAULT 0,
    bytes_received bigint NOT NULL DEFAULT 0
);
COMMENT ON COLUMN exchange.reconciliation.run_id IS 'Chosen by whoever began it; the same one is never taken twice.';
COMMENT ON COLUMN exchange.reconciliation.problem IS 'A word that says why it failed.';
COMMENT ON COLUMN exchange.reconciliation.links_told IS 'Links of which ids and tokens were sent, because their bucket differs.';
COMMENT ON COLUMN exchange.reconciliation.closed IS 'Findings of runs before that ended with this one.';
CREATE INDEX ON exchange.reconciliation (partner, began_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON exchange.reconciliation TO {service_role};
