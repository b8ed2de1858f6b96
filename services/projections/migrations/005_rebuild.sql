-- A build that is being made beside the live one, how far it is, and what it could not apply.
CREATE TABLE projection.rebuild (
    projection      text NOT NULL,
    number          integer NOT NULL,
    phase           text NOT NULL,
    plan            jsonb NOT NULL,
    done            bigint NOT NULL DEFAULT 0,
    total           bigint NOT NULL DEFAULT 0,
    begun_at        timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    cancel_asked_at timestamptz,
    PRIMARY KEY (projection, number),
    FOREIGN KEY (projection, number) REFERENCES projection.version ON DELETE CASCADE
);
COMMENT ON TABLE projection.rebuild IS
    'A rebuild under way or interrupted. plan: what was fixed at its start. done, total: records, of this phase.';

CREATE TABLE projection.rebuild_part (
    projection text NOT NULL,
    number     integer NOT NULL,
    part       integer NOT NULL,
    PRIMARY KEY (projection, number, part),
    FOREIGN KEY (projection, number) REFERENCES projection.rebuild ON DELETE CASCADE
);
COMMENT ON TABLE projection.rebuild_part IS 'Parts whose rows are written; committed together with the rows.';

CREATE TABLE projection.found_aside (
    projection  text NOT NULL,
    number      integer NOT NULL,
    topic       text NOT NULL,
    partition   integer NOT NULL,
    "offset"    bigint NOT NULL,
    reason      text NOT NULL,
    error       text,
    subjects    text[] NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (projection, number, topic, partition, "offset"),
    FOREIGN KEY (projection, number) REFERENCES projection.version ON DELETE CASCADE
);
COMMENT ON TABLE projection.found_aside IS
    'What a build that is not live could not apply. A switch puts it into set_aside in place of what waits there.';

GRANT SELECT ON projection.rebuild, projection.rebuild_part, projection.found_aside TO {service_role};
