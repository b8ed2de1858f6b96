"""The command line of the exchange: it knows the exchange by its HTTP interface only."""
