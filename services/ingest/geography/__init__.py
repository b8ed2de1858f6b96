"""The map as ingest knows it: followed from the log."""
