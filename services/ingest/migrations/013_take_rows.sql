-- The same as the function of 012, which stays for processes of the release before: see 003_welcome_rows.sql of privacy.
-- `claims`: 32 bytes each, event id and content tag, in the order of ids; the place of an event is its number there.
-- Answers are kept as they come: compressing them cost five times as much as writing them.
ALTER TABLE ingest.batch ALTER COLUMN answers SET STORAGE EXTERNAL;

CREATE FUNCTION ingest.claims_of(packed bytea, OUT event_id uuid, OUT content_tag bytea, OUT place integer)
RETURNS SETOF record LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1000 AS $$
    SELECT encode(substr(packed, at * 32 + 1, 16), 'hex')::uuid, substr(packed, at * 32 + 17, 16), at
    FROM generate_series(0, length(packed) / 32 - 1) at
$$;

-- `fresh`: the places of those that were not claimed before; null when that is all of them.
CREATE FUNCTION ingest.take(
    of_owner integer, claims bytea, identifiers bytea, keys bytea, OUT number bigint, OUT fresh integer[],
    OUT known_indexes bytea[], OUT known_persons uuid[], OUT known_birth_dates text[], OUT keys_kept integer)
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ingest.batch AS b (owner) VALUES (of_owner) RETURNING b.number INTO take.number;
    BEGIN
        INSERT INTO ingest.claim (event_id, content_tag, batch, ordinal)
        SELECT c.event_id, c.content_tag, take.number, c.place FROM ingest.claims_of(claims) c;
    EXCEPTION WHEN unique_violation THEN
        WITH claimed AS (
            INSERT INTO ingest.claim AS c (event_id, content_tag, batch, ordinal)
            SELECT posted.event_id, posted.content_tag, take.number, posted.place FROM ingest.claims_of(claims) posted
            ON CONFLICT DO NOTHING RETURNING c.ordinal)
        SELECT coalesce(array_agg(claimed.ordinal), '{}') INTO fresh FROM claimed;
        RETURN;
    END;
    SELECT * INTO known_indexes, known_persons, known_birth_dates, keys_kept FROM privacy.welcome(identifiers, keys);
END $$;
