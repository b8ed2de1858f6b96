-- What the index by names needs to open particulars, and what readers need to find people: keys and links can be
-- read, never changed. The tables of `privacy` are made by ingest.
GRANT USAGE ON SCHEMA privacy TO {service_role};
GRANT SELECT ON privacy.data_key, privacy.identifier, privacy.identifier_conflict, privacy.pseudonym TO {service_role};
