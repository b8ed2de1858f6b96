-- What the register says and conversations that exist have not been told yet. Derived from the log of the register:
-- what is lost here the sweep puts in again.
CREATE TABLE exchange.tell (
    event_id uuid NOT NULL,
    news text NOT NULL,
    person_id uuid,
    target_id uuid,
    document bytea NOT NULL,
    next_at timestamptz NOT NULL DEFAULT now(),
    tries integer NOT NULL DEFAULT 0,
    PRIMARY KEY (event_id, news)
);
COMMENT ON COLUMN exchange.tell.target_id IS 'The arrival or departure that was corrected or annulled.';
CREATE INDEX ON exchange.tell (next_at);

CREATE TABLE exchange.swept (
    topic text PRIMARY KEY,
    recorded_at bigint NOT NULL
);
COMMENT ON COLUMN exchange.swept.recorded_at IS 'Up to where the sweep has compared; milliseconds since 1970, UTC.';

GRANT SELECT, INSERT, UPDATE, DELETE ON exchange.tell, exchange.swept TO {service_role};
