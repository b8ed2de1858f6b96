"""The state of all conversations in PostgreSQL: the fold of `decide` over the journal, and nothing else."""
