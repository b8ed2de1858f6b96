"""HTTP to log: the only writer on behalf of offices."""
