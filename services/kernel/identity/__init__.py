"""Who is asking, and what they may do: tokens, the matrix of roles, areas and what lies under them."""
