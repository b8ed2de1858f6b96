"""One lint per file. Each is a pure function from a schema document to problems, and is tested with an offender."""
