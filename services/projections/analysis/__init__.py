"""What analysts read with SQL: protected figures in dated editions, in a database of their own."""
