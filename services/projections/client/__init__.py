"""The command-line side of projections: over HTTP only, like any other client."""
