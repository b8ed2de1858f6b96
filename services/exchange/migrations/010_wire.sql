-- What the door and the courier keep beside the fold: it proves, it decides nothing.

CREATE TABLE exchange.turned_away (
    partner text NOT NULL,
    signed_hash bytea NOT NULL,
    position bigint NOT NULL,
    previous_hash bytea NOT NULL,
    message_id uuid NOT NULL,
    code text NOT NULL,
    came_at timestamptz NOT NULL,
    PRIMARY KEY (partner, signed_hash)
);
COMMENT ON TABLE exchange.turned_away IS
    'Letters with a good signature that never came to the journal (their parts may not be kept): links of the chain.';

CREATE TABLE exchange.feed_cursor (
    member text PRIMARY KEY,
    position bigint NOT NULL,
    moved_at timestamptz NOT NULL
);
COMMENT ON TABLE exchange.feed_cursor IS 'To which position of our chain to it a member that pulls has acknowledged.';

CREATE TABLE exchange.root (
    root_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    made_at timestamptz NOT NULL,
    previous_root bytea NOT NULL,
    root bytea NOT NULL,
    leaves bytea[] NOT NULL
);
COMMENT ON TABLE exchange.root IS
    'Roots of trees over the hashes of letters, each with the one before it as its first leaf (services/exchange/wire/evidence.py).';

CREATE TABLE exchange.anchored (
    message_id uuid NOT NULL,
    is_ours boolean NOT NULL,
    root_no bigint NOT NULL,
    place integer NOT NULL,
    PRIMARY KEY (message_id, is_ours)
);

CREATE TABLE exchange.peer_root (
    partner text NOT NULL,
    signed_hash bytea NOT NULL,
    jws bytea NOT NULL,
    came_at timestamptz NOT NULL,
    PRIMARY KEY (partner, signed_hash)
);
COMMENT ON TABLE exchange.peer_root IS 'Roots of partners, signed by them: they cannot make others of their past any more.';

GRANT SELECT, INSERT, UPDATE, DELETE ON exchange.turned_away, exchange.feed_cursor, exchange.root, exchange.anchored,
    exchange.peer_root TO {service_role};
