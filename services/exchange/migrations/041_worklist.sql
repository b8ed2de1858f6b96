-- What people must see. Reading is never state: lists are questions to folded tables; here stands what none of them holds.

-- Told by the register's log, like exchange.tell: what is lost here the sweep puts in again.
CREATE TABLE exchange.unheard_move (
    event_id uuid PRIMARY KEY,
    region text NOT NULL,
    moved_on date NOT NULL,
    registered_at timestamptz NOT NULL,
    office text NOT NULL
);
COMMENT ON TABLE exchange.unheard_move IS
    'Arrivals from and departures to regions with which there is no corridor: nobody there hears of them.';

ALTER TABLE exchange.register_outbox ADD COLUMN refused_at timestamptz;
COMMENT ON COLUMN exchange.register_outbox.refused_at IS 'When ingest refused it for good; next_at is infinity then.';
CREATE INDEX ON exchange.register_outbox (refused_at) WHERE next_at = 'infinity';

-- The row of the outbox stays: events are offered again after a rebuild, and what was given up stays given up.
CREATE TABLE exchange.given_up (
    event_id uuid PRIMARY KEY,
    conversation_id uuid NOT NULL,
    type text NOT NULL,
    problem text NOT NULL,
    given_up_at timestamptz NOT NULL,
    given_up_by text NOT NULL,
    case_reference text NOT NULL,
    settled_at timestamptz,
    settled_by text,
    settled_case text
);
COMMENT ON TABLE exchange.given_up IS
    'Events that the register of this region will never have: who decided that, on which case, and who settled what was missing. Never deleted.';

CREATE INDEX ON exchange.conversation (duty_why, since) WHERE duty = 'PEOPLE';
CREATE INDEX ON exchange.obligation (clock) WHERE clock = 'PAUSED' AND ended IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON exchange.unheard_move TO {service_role};
GRANT SELECT, INSERT, UPDATE ON exchange.given_up TO {service_role};

ALTER TABLE exchange.conversation ADD COLUMN office text;
COMMENT ON COLUMN exchange.conversation.office IS 'The office of this region that spoke or was spoken to last, where one was named.';

ALTER TABLE exchange.conversation ADD COLUMN was_paused boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN exchange.conversation.was_paused IS 'Whether the clock of an obligation in it stands still or ever did: pauses are reported.';
CREATE INDEX ON exchange.conversation (since) WHERE was_paused;
