"""HTTP as every service speaks it: the door, the answers to errors, bodies, what probes ask, serving."""
