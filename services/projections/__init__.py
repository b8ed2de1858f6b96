"""From the log to tables: who lives where, and what is known of each life."""
