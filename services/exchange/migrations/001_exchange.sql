-- What the exchange of a region knows, folded from its journal. Nothing here is written but by whoever folds, except
-- deliveries (send_at, tries), duties taken up (duty_at, duty_tries), and outboxes.
CREATE SCHEMA IF NOT EXISTS exchange;

CREATE TABLE exchange.conversation (
    conversation_id uuid PRIMARY KEY,
    partner text NOT NULL,
    talk text NOT NULL,
    role text NOT NULL,
    state text NOT NULL,
    link text NOT NULL,
    person_id uuid,
    person_rule text,
    link_id uuid,
    registration_id uuid,
    departure_event_id uuid,
    parent_id uuid,
    opened_at timestamptz NOT NULL,
    since timestamptz NOT NULL,
    wake_at timestamptz,
    ended boolean NOT NULL,
    duty text,
    duty_about text,
    duty_why text,
    duty_at timestamptz,
    duty_tries integer NOT NULL DEFAULT 0,
    revision bigint NOT NULL,
    document bytea NOT NULL
);
COMMENT ON COLUMN exchange.conversation.document IS 'The conversation as the protocol keeps it, JSON. No particulars.';
COMMENT ON COLUMN exchange.conversation.duty IS 'What the house must do next; PEOPLE: what no machine may decide.';
COMMENT ON COLUMN exchange.conversation.revision IS 'Entries that were applied to it.';
CREATE INDEX ON exchange.conversation (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX ON exchange.conversation (duty_at) WHERE duty IS NOT NULL;
CREATE INDEX ON exchange.conversation (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX ON exchange.conversation (registration_id) WHERE registration_id IS NOT NULL;
CREATE INDEX ON exchange.conversation (departure_event_id) WHERE departure_event_id IS NOT NULL;
CREATE INDEX ON exchange.conversation (link_id) WHERE link_id IS NOT NULL;
CREATE INDEX ON exchange.conversation (partner, state);

CREATE TABLE exchange.alias (
    other_id uuid PRIMARY KEY,
    conversation_id uuid NOT NULL
);
COMMENT ON TABLE exchange.alias IS 'Further ids of conversations that were joined.';
CREATE INDEX ON exchange.alias (conversation_id);

CREATE TABLE exchange.obligation (
    conversation_id uuid NOT NULL,
    obligation_id text NOT NULL,
    kind text NOT NULL,
    debtor text NOT NULL,
    creditor text NOT NULL,
    opened_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    calendar_region text NOT NULL,
    calendar_version integer NOT NULL,
    clock text NOT NULL,
    reminders integer NOT NULL,
    ended text,
    ended_at timestamptz,
    PRIMARY KEY (conversation_id, obligation_id)
);
CREATE INDEX ON exchange.obligation (due_at) WHERE ended IS NULL;

CREATE TABLE exchange.escalation (
    conversation_id uuid NOT NULL,
    obligation_id text NOT NULL,
    kind text NOT NULL,
    debtor text NOT NULL,
    creditor text NOT NULL,
    due_at timestamptz NOT NULL,
    escalated_at timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, obligation_id)
);
COMMENT ON TABLE exchange.escalation IS '703: what the supervisor of this region is told. Metadata only.';

CREATE TABLE exchange.message (
    message_id uuid NOT NULL,
    is_ours boolean NOT NULL,
    partner text NOT NULL,
    conversation_id uuid NOT NULL,
    message_type text NOT NULL,
    outcome text NOT NULL,
    in_reply_to uuid,
    chain_position bigint,
    signed_hash bytea,
    previous_hash bytea,
    payload bytea,
    jws bytea,
    said_at timestamptz NOT NULL,
    taken_at timestamptz,
    delivery text,
    error_code text,
    attempt integer NOT NULL DEFAULT 0,
    send_at timestamptz,
    answer bytea,
    answered_at timestamptz,
    PRIMARY KEY (message_id, is_ours)
);
COMMENT ON COLUMN exchange.message.payload IS 'Ours: the bytes to be signed, with their place in the chain, since it first left.';
COMMENT ON COLUMN exchange.message.send_at IS 'The courier must bring it now or from then on; NULL: nothing to be done.';
COMMENT ON COLUMN exchange.message.answer IS 'The signed receipt or rejection: the partner''s for ours, ours for theirs.';
COMMENT ON COLUMN exchange.message.taken_at IS 'Legal time of delivery, as its receipt says; NULL: not taken.';
CREATE INDEX ON exchange.message (partner, send_at) WHERE send_at IS NOT NULL;
CREATE INDEX ON exchange.message (conversation_id);
CREATE INDEX ON exchange.message (delivery) WHERE delivery IN ('DEAD_LETTERED', 'REJECTED_TECH');
CREATE UNIQUE INDEX ON exchange.message (partner, is_ours, chain_position) WHERE is_ours;

CREATE TABLE exchange.part (
    message_id uuid NOT NULL,
    is_ours boolean NOT NULL,
    role text NOT NULL,
    commitment text NOT NULL,
    holder uuid NOT NULL,
    key_id uuid NOT NULL,
    block_schema_id integer NOT NULL,
    nonce bytea NOT NULL,
    ciphertext bytea NOT NULL,
    PRIMARY KEY (message_id, is_ours, commitment)
);
CREATE INDEX ON exchange.part (holder);

CREATE TABLE exchange.chain (
    partner text NOT NULL,
    is_ours boolean NOT NULL,
    position bigint NOT NULL,
    signed_hash bytea NOT NULL,
    PRIMARY KEY (partner, is_ours)
);
COMMENT ON TABLE exchange.chain IS 'The letter that left last, and the one of the partner''s that is furthest.';

CREATE TABLE exchange.register_outbox (
    event_id uuid PRIMARY KEY,
    conversation_id uuid NOT NULL,
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    type text NOT NULL,
    post bytea NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL DEFAULT now(),
    problem text
);
COMMENT ON TABLE exchange.register_outbox IS 'What the register must log and ingest has not taken yet.';

CREATE TABLE exchange.journal_outbox (
    event_id uuid PRIMARY KEY,
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    record bytea NOT NULL
);
COMMENT ON TABLE exchange.journal_outbox IS 'Entries that follow from a decision and are not on the log yet, framed.';

CREATE TABLE exchange.applied (
    event_id uuid PRIMARY KEY,
    conversation_id uuid NOT NULL,
    applied_at timestamptz NOT NULL,
    outcome bytea NOT NULL
);
COMMENT ON TABLE exchange.applied IS 'What became of an entry: for whoever waits, and so that none counts twice.';

CREATE TABLE exchange.position (
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    moved_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition)
);

CREATE TABLE exchange.set_aside (
    topic text NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    event_id uuid,
    conversation_id uuid,
    reason text NOT NULL,
    error text,
    set_aside_at timestamptz NOT NULL DEFAULT now(),
    skipped_at timestamptz,
    skipped_by text,
    PRIMARY KEY (topic, partition, "offset")
);
COMMENT ON TABLE exchange.set_aside IS 'Records that could not be applied, by their place on the log.';

CREATE TABLE exchange.halt (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    reason text NOT NULL,
    halted_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE exchange.halt IS 'While there is a row nothing is applied; a start of the service takes it away.';

GRANT USAGE ON SCHEMA exchange TO {service_role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA exchange TO {service_role};
