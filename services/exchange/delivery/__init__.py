"""Bringing letters to partners, and proving what was said: the courier, what is fetched, trees of hashes."""
