"""The log: what is appended, how it is read, and which topics there are. Apache Kafka through confluent-kafka."""
