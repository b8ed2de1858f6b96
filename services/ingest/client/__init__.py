"""The sender's side of ingest: the commands `post`, `import`, `log tail` and `geography load`."""
