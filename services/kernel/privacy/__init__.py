"""Particulars that can be forgotten: keys per person, sealed blocks, blind indexes, pseudonyms (docs/privacy.md)."""
