"""What a running process tells about itself: log lines, metrics, and the trace that a request belongs to."""
