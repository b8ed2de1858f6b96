"""What the parts of messages may say of people, and how the exchange holds it. Pure."""
