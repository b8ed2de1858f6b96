"""Corrections and annulments: drafted by one person, appended only after another approved."""
