-- Corrections and annulments that wait for a second person. What is drafted is sealed with a key of its own, which
-- goes when the draft is settled.
CREATE TABLE ingest.correction_draft (
    draft_id    uuid PRIMARY KEY,
    content_tag bytea NOT NULL,
    event_type  text NOT NULL,
    areas       text[] NOT NULL,
    author      text NOT NULL,
    author_roles text[] NOT NULL,
    author_areas text[] NOT NULL,
    purpose     text,
    drafted_at  timestamptz NOT NULL,
    status      text NOT NULL CHECK (status IN ('pending', 'approving', 'approved', 'withdrawn')),
    settled_by  text,
    settled_at  timestamptz,
    key_id      uuid,
    nonce       bytea,
    sealed      bytea,
    answer      bytea,
    CHECK ((sealed IS NULL) = (status IN ('approved', 'withdrawn')))
);
CREATE INDEX correction_draft_open ON ingest.correction_draft (drafted_at) WHERE sealed IS NOT NULL;
COMMENT ON TABLE ingest.correction_draft IS
    'Drafts by the id of the event that they would become. A settled draft keeps who and when, not what.';
GRANT SELECT, INSERT, UPDATE ON ingest.correction_draft TO {service_role};
