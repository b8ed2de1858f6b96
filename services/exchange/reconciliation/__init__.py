"""What the registers of two regions hold of their links, compared without sending lists of people."""
