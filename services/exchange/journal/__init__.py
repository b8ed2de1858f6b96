"""The journal: every stimulus of every conversation, in order, on the region's own log."""
