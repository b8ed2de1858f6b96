"""Reading somebody's data: what it is read for, and that it stands on the log before it is shown."""
