"""Who is meant: from what a partner says about a person to the record in this region's register, or to nobody."""
