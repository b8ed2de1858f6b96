-- Keys and links that make particulars readable and people findable. Everything here can be forgotten; the
-- log cannot. So this schema is backed up apart, with short retention.
CREATE SCHEMA privacy;
GRANT USAGE ON SCHEMA privacy TO {service_role};

CREATE TABLE privacy.data_key (
    key_id       uuid PRIMARY KEY,
    wrapped      bytea,
    created_at   timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
COMMENT ON TABLE privacy.data_key IS
    'One key per person and compartment, wrapped by the region key. A destroyed key keeps its row, not its bytes.';

CREATE TABLE privacy.identifier (
    blind_index bytea PRIMARY KEY,
    person_id   uuid NOT NULL,
    birth_on    text
);
COMMENT ON TABLE privacy.identifier IS
    'Who is meant by a natural identifier, by its keyed hash. The first person wins; birth_on is an ISO date, to the day, month or year.';

CREATE TABLE privacy.identifier_conflict (
    blind_index bytea NOT NULL,
    birth_on    text NOT NULL,
    person_id   uuid NOT NULL,
    PRIMARY KEY (blind_index, birth_on)
);
COMMENT ON TABLE privacy.identifier_conflict IS
    'Others who came with the same identifier and another birth date: never matched silently, a finding each.';

CREATE TABLE privacy.pseudonym (
    person_id uuid PRIMARY KEY,
    pseudonym uuid NOT NULL UNIQUE
);
COMMENT ON TABLE privacy.pseudonym IS
    'Under which random name a person stands in the service context. Destroying a row forgets who it was.';

GRANT SELECT, INSERT, UPDATE ON privacy.data_key, privacy.identifier TO {service_role};
GRANT SELECT, INSERT ON privacy.identifier_conflict, privacy.pseudonym TO {service_role};
