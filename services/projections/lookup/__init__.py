"""The index by which a named person is found: keyed hashes of names and addresses, and nothing that can be read."""
