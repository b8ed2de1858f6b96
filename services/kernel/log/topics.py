"""The topics of a region. What is fixed for life is decided here, once: their names and partition counts."""

import time
from collections.abc import Mapping

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from services.kernel.log.quiet import QUIET

# Context -> partitions unless told otherwise. Every process reads geography from its start, in order.
PARTITIONS: Mapping[str, int] = {
    "registration": 4,
    "migration": 4,
    "service": 4,
    "geography": 1,
    "audit": 4,
    "exchange": 4,
}
CONTEXTS: tuple[str, ...] = tuple(PARTITIONS)

# Kept for ever and never compacted: an event stays even when a later one has the same key. Record time is
# the broker's, so that no sender's clock can rewrite the order in which things became known.
_SETTINGS: Mapping[str, str] = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "message.timestamp.type": "LogAppendTime",
    "compression.type": "producer",
    "unclean.leader.election.enable": "false",
}


def get_topic(region: str, context: str) -> str:
    """`<region>.<context>`. KeyError for a context that has no topic."""
    PARTITIONS[context]
    return f"{region}.{context}"


def ensure_topics(
    bootstrap: str,
    region: str,
    replication: int = 1,
    partitions: Mapping[str, int] | None = None,
    timeout_s: float = 30.0,
) -> None:
    """Creates what is missing of the region's topics and returns when every partition has a leader.

    `partitions`: context -> count, for topics that do not exist yet; an existing topic is never changed,
    because a key's place depends on the count. With three copies two must hold a record before it is
    acknowledged.
    Raises KafkaException when the broker refuses or does not answer within `timeout_s`.
    """
    admin = AdminClient({"bootstrap.servers": bootstrap}, logger=QUIET)
    counts = {**PARTITIONS, **(partitions or {})}
    wanted = [
        NewTopic(
            get_topic(region, context),
            num_partitions=counts[context],
            replication_factor=replication,
            config={**_SETTINGS, "min.insync.replicas": "2" if replication >= 3 else "1"},
        )
        for context in CONTEXTS
    ]
    deadline = time.monotonic() + timeout_s
    existing = admin.list_topics(timeout=timeout_s).topics
    missing = [topic for topic in wanted if topic.topic not in existing]
    if missing:
        for future in admin.create_topics(missing, operation_timeout=timeout_s).values():
            _accept_existing(future)
    while not _all_led(admin, [topic.topic for topic in wanted]):
        if time.monotonic() > deadline:
            raise KafkaException(KafkaError(KafkaError.LEADER_NOT_AVAILABLE))
        time.sleep(0.05)


def _accept_existing(future: object) -> None:
    try:
        future.result()  # type: ignore[attr-defined]
    except KafkaException as refused:
        # Two processes may both have found it missing.
        if refused.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise


def _all_led(admin: AdminClient, topics: list[str]) -> bool:
    known = admin.list_topics(timeout=5).topics
    return all(
        topic in known
        and known[topic].partitions
        and all(partition.leader >= 0 for partition in known[topic].partitions.values())
        for topic in topics
    )
