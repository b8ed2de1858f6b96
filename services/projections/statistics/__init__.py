"""Statistics: cells to which lives add, indicators computed of them, and what may be published of those. Pure."""
