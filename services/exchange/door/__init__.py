"""HTTP: for partners on a port of its own, for offices and operators on another."""
