"""Statistics: the cells to which lives add, the indicators computed of them, and what may be published of those. Pure."""
