"""The map of a region in time: areas with their versions, what became of them, and what lies in what."""
