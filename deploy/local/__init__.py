"""The local stack: a real broker, a real database and every region's services on one machine."""
