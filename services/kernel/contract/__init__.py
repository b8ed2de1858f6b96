"""The contract: sealed Avro schemas, what they say about themselves, and the lints that keep them so."""
