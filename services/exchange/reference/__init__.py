"""How messages travel, for people of a partner: a page made from the code that does it, with an example to try."""
