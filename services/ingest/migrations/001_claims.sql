-- Which event ids were taken, by whom, and what was answered. This is what makes a retry safe: an id is claimed
-- before its event is appended, and the answer is kept before it is given.
CREATE SCHEMA ingest;
GRANT USAGE ON SCHEMA ingest TO {service_role};

CREATE SEQUENCE ingest.instance AS integer CYCLE;
COMMENT ON SEQUENCE ingest.instance IS 'Numbers of ingest processes; each holds an advisory lock of its number while it lives.';

CREATE TABLE ingest.batch (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner      integer NOT NULL,
    claimed_at timestamptz NOT NULL DEFAULT now(),
    answers    bytea
);
CREATE INDEX batch_claimed_at ON ingest.batch USING brin (claimed_at);
COMMENT ON TABLE ingest.batch IS
    'Events that were claimed, appended and answered together. No answers: under way, or its outcome is unknown.';

CREATE TABLE ingest.claim (
    event_id    uuid PRIMARY KEY,
    content_tag bytea NOT NULL,
    batch       bigint NOT NULL,
    ordinal     integer NOT NULL
);
CREATE INDEX claim_batch ON ingest.claim USING brin (batch);
COMMENT ON TABLE ingest.claim IS 'Event ids of the last 400 days, with the keyed hash of what was said under them.';

GRANT USAGE ON SEQUENCE ingest.instance TO {service_role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ingest.batch, ingest.claim TO {service_role};
