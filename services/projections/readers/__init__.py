"""Who read whom: the person can see it."""
