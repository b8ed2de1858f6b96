"""What people read: a record, a search, counts, worklists. Every look at a person is logged before it is granted."""
