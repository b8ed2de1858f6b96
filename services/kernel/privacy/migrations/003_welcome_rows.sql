-- The same as the function of 002, which stays for processes of the release before: what is said of a burst comes in one
-- value each, in rows of one length, because reading ten arrays cost as much as the work; and rows are inserted without
-- ON CONFLICT, which writes each of them twice, as long as nobody else comes with the same at the same moment.
CREATE FUNCTION privacy.identifiers_of(packed bytea, OUT blind_index bytea, OUT person_id uuid, OUT birth_on text)
RETURNS SETOF record LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1000 AS $$
    SELECT substr(packed, at + 1, 16), encode(substr(packed, at + 17, 16), 'hex')::uuid,
           nullif(rtrim(encode(substr(packed, at + 33, 10), 'escape')), '')
    FROM generate_series(0, length(packed) - 42, 42) at
$$;
COMMENT ON FUNCTION privacy.identifiers_of IS '42 bytes each: blind index, person id, birth date (blanks: not known).';

CREATE FUNCTION privacy.keys_of(packed bytea, OUT key_id uuid, OUT wrapped bytea, OUT named_by bytea)
RETURNS SETOF record LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1000 AS $$
    SELECT encode(substr(packed, at + 1, 16), 'hex')::uuid, substr(packed, at + 17, 60), substr(packed, at + 77, 16)
    FROM generate_series(0, length(packed) - 92, 92) at
$$;
COMMENT ON FUNCTION privacy.keys_of IS
    '92 bytes each: key id, wrapped key, the identifier by which its owner is new (zeros: new without one).';

CREATE FUNCTION privacy.welcome(
    identifiers bytea, keys bytea,
    OUT known_indexes bytea[], OUT known_persons uuid[], OUT known_birth_dates text[], OUT keys_kept integer)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT coalesce(array_agg(i.blind_index), '{}'), array_agg(i.person_id), array_agg(i.birth_on)
    INTO known_indexes, known_persons, known_birth_dates
    FROM privacy.identifiers_of(identifiers) p
    CROSS JOIN LATERAL (SELECT * FROM privacy.identifier WHERE blind_index = p.blind_index LIMIT 1) i;

    INSERT INTO privacy.identifier (blind_index, person_id, birth_on)
    SELECT * FROM privacy.identifiers_of(identifiers) p WHERE p.blind_index NOT IN (SELECT unnest(known_indexes));

    INSERT INTO privacy.data_key (key_id, wrapped)
    SELECT k.key_id, k.wrapped FROM privacy.keys_of(keys) k
    WHERE k.named_by NOT IN (SELECT unnest(known_indexes));
    GET DIAGNOSTICS keys_kept = ROW_COUNT;
EXCEPTION WHEN unique_violation THEN  -- somebody was faster, or has a key already
    SELECT w.known_indexes, w.known_persons, w.known_birth_dates, w.keys_kept
    INTO known_indexes, known_persons, known_birth_dates, keys_kept
    FROM (SELECT array_agg(p.blind_index), array_agg(p.person_id), array_agg(p.birth_on)
          FROM privacy.identifiers_of(identifiers) p) i(indexes, persons, birth_dates),
         (SELECT array_agg(k.key_id), array_agg(k.wrapped), array_agg(nullif(k.named_by, decode(repeat('00', 16), 'hex')))
          FROM privacy.keys_of(keys) k) k(key_ids, wrapped_keys, named_by),
         privacy.welcome(
             coalesce(i.indexes, '{}'), coalesce(i.persons, '{}'), coalesce(i.birth_dates, '{}'),
             coalesce(k.key_ids, '{}'), coalesce(k.wrapped_keys, '{}'), coalesce(k.named_by, '{}')) w;
END $$;
COMMENT ON FUNCTION privacy.welcome(bytea, bytea) IS
    'Claims identifiers and keeps keys for newcomers; what belonged to somebody already is returned.';
