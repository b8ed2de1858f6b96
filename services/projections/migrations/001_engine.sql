-- How far each projection has come, which of its builds is read, and what was set aside on the way.
CREATE SCHEMA projection;
GRANT USAGE ON SCHEMA projection TO {service_role};

CREATE TABLE projection.version (
    projection    text NOT NULL,
    number        integer NOT NULL,
    state         text NOT NULL CHECK (state IN ('building', 'live', 'retired', 'failed')),
    edition       integer NOT NULL,
    topics        text[] NOT NULL,
    made_at       timestamptz NOT NULL DEFAULT now(),
    switched_at   timestamptz,
    halted_at     timestamptz,
    halted_reason text,
    PRIMARY KEY (projection, number)
);
CREATE UNIQUE INDEX version_live ON projection.version (projection) WHERE state = 'live';
COMMENT ON TABLE projection.version IS
    'Builds of each projection. Build n of P lies in the schema "P_vn"; the views in the schema "P" show the live one.';

CREATE TABLE projection.position (
    projection  text NOT NULL,
    number      integer NOT NULL,
    topic       text NOT NULL,
    partition   integer NOT NULL,
    next_offset bigint NOT NULL,
    recorded_at timestamptz,
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (projection, number, topic, partition),
    FOREIGN KEY (projection, number) REFERENCES projection.version ON DELETE CASCADE
) WITH (fillfactor = 50);
COMMENT ON TABLE projection.position IS
    'The offset that each build applies next; changes in one transaction with the rows. recorded_at: of the last one applied.';

CREATE TABLE projection.set_aside (
    projection   text NOT NULL,
    topic        text NOT NULL,
    partition    integer NOT NULL,
    "offset"     bigint NOT NULL,
    reason       text NOT NULL,
    error        text,
    subjects     text[] NOT NULL,
    state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'skipped')),
    attempts     integer NOT NULL DEFAULT 1,
    recorded_at  timestamptz NOT NULL,
    set_aside_at timestamptz NOT NULL DEFAULT now(),
    tried_at     timestamptz NOT NULL DEFAULT now(),
    who          text,
    why          text,
    settled_at   timestamptz,
    PRIMARY KEY (projection, topic, partition, "offset")
);
CREATE INDEX set_aside_subjects ON projection.set_aside USING gin (subjects);
COMMENT ON TABLE projection.set_aside IS
    'Records that could not be applied, by their place on the log and never by their content. error: the type of an exception.';

CREATE TABLE projection.set_aside_action (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    who        text NOT NULL,
    action     text NOT NULL CHECK (action IN ('retry', 'skip')),
    why        text,
    outcome    text NOT NULL,
    projection text NOT NULL,
    topic      text NOT NULL,
    partition  integer NOT NULL,
    "offset"   bigint NOT NULL
);
CREATE INDEX set_aside_action_place ON projection.set_aside_action (projection, topic, partition, "offset");
COMMENT ON TABLE projection.set_aside_action IS 'Who did what about records that were set aside, and why. Rows are only added.';

GRANT SELECT ON projection.version TO {service_role};
-- Also what a lock on the row of a version asks for.
GRANT UPDATE (halted_at, halted_reason) ON projection.version TO {service_role};
GRANT SELECT, INSERT, UPDATE ON projection.position TO {service_role};
GRANT SELECT, INSERT, UPDATE, DELETE ON projection.set_aside TO {service_role};
GRANT SELECT, INSERT ON projection.set_aside_action TO {service_role};
