"""What waits for people: lists over folded tables. Reading them changes nothing."""
