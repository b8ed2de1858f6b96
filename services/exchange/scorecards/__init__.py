"""How two regions keep their word to each other, worked out from obligations and nothing else."""
