"""How well pairing pairs: people made up with a seed, what partners would write of them, and what comes of it."""
