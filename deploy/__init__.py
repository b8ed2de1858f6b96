"""How Domicile is put to work: the command line, one machine, containers."""
