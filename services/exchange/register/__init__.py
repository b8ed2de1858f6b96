"""The region's own register, as the exchange sees it: what is told of it, and what it is told."""
