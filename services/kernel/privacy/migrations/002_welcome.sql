-- What a burst says of people who may be new, in one go: identifiers go to whoever comes first with them, and those who
-- are new by that get the keys that were made for them. What belonged to somebody already is returned.
-- All arrays are in the order of ids, so that concurrent callers wait for one another and never lock each other out.
-- Plans are made while tables and bursts are small and are kept by a session for long: so known identifiers are looked up
-- one by one (LIMIT keeps the look-ups apart) instead of reading all of the table, and whose identifier was claimed is
-- looked up in a hash instead of comparing each with each.
CREATE FUNCTION privacy.welcome(
    indexes bytea[], persons uuid[], birth_dates text[], key_ids uuid[], wrapped_keys bytea[], named_by bytea[],
    OUT known_indexes bytea[], OUT known_persons uuid[], OUT known_birth_dates text[], OUT keys_kept integer)
LANGUAGE plpgsql AS $$
DECLARE
    claimed_indexes bytea[];
BEGIN
    WITH claimed AS (
        INSERT INTO privacy.identifier AS i (blind_index, person_id, birth_on)
        SELECT * FROM unnest(indexes, persons, birth_dates)
        ON CONFLICT DO NOTHING RETURNING i.blind_index)
    SELECT coalesce(array_agg(c.blind_index), '{}') INTO claimed_indexes FROM claimed c;

    known_indexes := '{}';
    IF cardinality(claimed_indexes) < cardinality(indexes) THEN  -- another statement, so that it sees what it waited for
        SELECT array_agg(i.blind_index), array_agg(i.person_id), array_agg(i.birth_on)
        INTO known_indexes, known_persons, known_birth_dates
        FROM (SELECT unnest(indexes) EXCEPT SELECT unnest(claimed_indexes)) w(wanted)
        CROSS JOIN LATERAL (SELECT * FROM privacy.identifier WHERE blind_index = w.wanted LIMIT 1) i;
    END IF;

    INSERT INTO privacy.data_key (key_id, wrapped)
    SELECT k.key_id, k.wrapped FROM unnest(key_ids, wrapped_keys, named_by) k(key_id, wrapped, named_by)
    WHERE k.named_by IS NULL OR k.named_by IN (SELECT unnest(claimed_indexes))
    ORDER BY k.key_id
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS keys_kept = ROW_COUNT;
END $$;

COMMENT ON FUNCTION privacy.welcome IS
    'Claims identifiers and keeps keys for newcomers. named_by: the identifier by which the owner of a key is new, or null.';
