"""The register: one life course per person, folded from what was logged, and the tables that show it."""
