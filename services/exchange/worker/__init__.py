"""What works by itself: the agents that apply the journal and follow the register, timers, and the loops of others."""
