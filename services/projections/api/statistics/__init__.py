"""Figures over HTTP: the catalogue, indicators, populations, flows and the map, each with what it is made of."""
