"""The read part of the Confluent Schema Registry, so that its clients can read the log."""
