"""The map over HTTP."""
