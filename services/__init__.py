"""Three services that meet in the log, in the tables and over HTTP, and the kernel they share."""
