"""The demo: two counties of public Swedish tables become events in two regions."""
