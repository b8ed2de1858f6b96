"""Batches, positions, what is set aside, rebuilds. Knows nothing of population."""
