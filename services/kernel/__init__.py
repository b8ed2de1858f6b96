"""What all three services share. Imports nothing of them."""
