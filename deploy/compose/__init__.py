"""The stack in containers, for people who have Docker: official images of Kafka and PostgreSQL."""
