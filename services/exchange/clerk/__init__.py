"""What the house does by itself in a conversation, and what it leaves to people."""
