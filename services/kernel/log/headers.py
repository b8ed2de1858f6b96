"""The headers of a record: CloudEvents 1.0 (Kafka binding, binary mode) where it has a name; nothing personal."""

from services.kernel.contract.catalog import EventVersion
from services.kernel.log.producer import Headers


def headers_of_version(event: EventVersion, region: str) -> Headers:
    """What all records of one version of an event have in common. `ce_id` and `ce_office` follow them in a record."""
    return [
        ("ce_specversion", b"1.0"),
        ("ce_type", event.subject_name.encode()),
        ("ce_source", f"/{region}".encode()),
        ("ce_version", b"%d" % event.version),
        ("content-type", b"application/vnd.confluent.avro"),
    ]
