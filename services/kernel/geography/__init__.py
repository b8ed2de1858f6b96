"""The map of a region, followed from its topic: which areas there are, and what lies in what."""
