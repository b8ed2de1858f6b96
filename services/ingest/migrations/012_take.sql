-- Claims a burst of events and, if none of them was claimed before, welcomes the people in it: one round trip and one
-- commit for what nearly every burst needs. A burst with known ids is rare; its caller goes on step by step.
CREATE FUNCTION ingest.take(
    of_owner integer, event_ids uuid[], content_tags bytea[], places integer[],
    indexes bytea[], persons uuid[], birth_dates text[], key_ids uuid[], wrapped_keys bytea[], named_by bytea[],
    OUT number bigint, OUT fresh integer[],
    OUT known_indexes bytea[], OUT known_persons uuid[], OUT known_birth_dates text[], OUT keys_kept integer)
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ingest.batch AS b (owner) VALUES (of_owner) RETURNING b.number INTO take.number;

    WITH claimed AS (
        INSERT INTO ingest.claim AS c (event_id, content_tag, batch, ordinal)
        SELECT posted.event_id, posted.content_tag, take.number, posted.place
        FROM unnest(event_ids, content_tags, places) posted(event_id, content_tag, place)
        ON CONFLICT DO NOTHING RETURNING c.ordinal)
    SELECT coalesce(array_agg(claimed.ordinal), '{}') INTO fresh FROM claimed;

    IF cardinality(fresh) = cardinality(event_ids) THEN
        SELECT * INTO known_indexes, known_persons, known_birth_dates, keys_kept
        FROM privacy.welcome(indexes, persons, birth_dates, key_ids, wrapped_keys, named_by);
    END IF;
END $$;
