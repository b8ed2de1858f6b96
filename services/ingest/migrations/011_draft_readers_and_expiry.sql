-- Whom a draft is about, so that everybody whose particulars are read is told; and an end for drafts that nobody settles.
ALTER TABLE ingest.correction_draft
    ADD COLUMN people text[] NOT NULL DEFAULT '{}',
    DROP CONSTRAINT correction_draft_status_check,
    DROP CONSTRAINT correction_draft_check,
    ADD CONSTRAINT correction_draft_status_known
        CHECK (status IN ('pending', 'approving', 'approved', 'withdrawn', 'expired')),
    ADD CONSTRAINT correction_draft_forgotten_when_settled
        CHECK ((sealed IS NULL) = (status IN ('approved', 'withdrawn', 'expired')));
COMMENT ON COLUMN ingest.correction_draft.people IS 'region/person_id of everybody named by its target or its replacement.';
