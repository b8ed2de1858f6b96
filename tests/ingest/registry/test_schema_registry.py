"""The read part of the Schema Registry: its own clients can read the log."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext

from deploy.local.stack import Region, Running
from services.kernel.contract.catalog import Catalog
from tests.ingest.offices import Office, birth, new_id, refusal


@pytest.fixture(scope="module")
def client(north: Region) -> Iterator[SchemaRegistryClient]:
    with SchemaRegistryClient({"url": north.ingest}) as opened:
        yield opened


def read(stack: Running, position: dict[str, Any]) -> bytes:
    consumer = Consumer({"bootstrap.servers": stack.kafka, "group.id": new_id(), "enable.auto.commit": False})
    try:
        consumer.assign([TopicPartition(position["topic"], position["partition"], position["offset"])])
        message = consumer.poll(10)
        assert message is not None
        return message.value() or b""
    finally:
        consumer.close()


def test_confluent_s_own_deserializer_reads_the_log(
    stack: Running, client: SchemaRegistryClient, registrar: Office
) -> None:
    event = birth()
    position = registrar.post(event).json()["position"]
    deserialize = AvroDeserializer(client)
    context = SerializationContext(position["topic"], MessageField.VALUE)
    record = deserialize(read(stack, position), context)
    assert record["event_id"] in (UUID(event["event_id"]), UUID(event["event_id"]).bytes)
    assert record["occurred_on"].isoformat() == "2003-05-17"
    assert [subject["role"] for subject in record["subjects"]] == ["child", "mother"]
    assert record["subjects"][0]["blocks"][0]["ciphertext"]


def test_every_published_schema_is_served_under_its_id(client: SchemaRegistryClient) -> None:
    catalog = Catalog.load()
    subjects = client.get_subjects()
    for schema in (*catalog.events, *catalog.blocks):
        assert schema.subject_name in subjects
        assert schema.version in client.get_versions(schema.subject_name)
        version = client.get_version(schema.subject_name, schema.version)
        assert version.schema_id == schema.schema_id
        served = client.get_schema(schema.schema_id)
        assert json.loads(served.schema_str) == schema.document


def test_the_latest_version_has_a_name_of_its_own(client: SchemaRegistryClient) -> None:
    for event in Catalog.load().latest_events:
        assert client.get_latest_version(event.subject_name).version == event.version


def test_an_id_tells_where_it_is_used(registrar: Office) -> None:
    block = Catalog.load().latest_block("civil")
    assert registrar.get(f"/schemas/ids/{block.schema_id}/versions").json() == [
        {"subject": block.subject_name, "version": block.version}
    ]


def test_ids_are_equal_in_every_region(stack: Running, north: Region) -> None:
    south = Office(stack.regions["south"], "registrar")
    for subject in ("domicile.registration.BirthRegistered", "domicile.blocks.CivilParticulars"):
        path = f"/subjects/{subject}/versions/1"
        assert south.get(path).json() == Office(north, "registrar").get(path).json()


def test_the_answers_have_the_registry_s_media_type(registrar: Office) -> None:
    for path in ("/subjects", "/schemas/types", "/config", "/schemas/ids/1"):
        assert registrar.get(path).headers["content-type"] == "application/vnd.schemaregistry.v1+json"
    assert registrar.get("/config").json() == {"compatibilityLevel": "BACKWARD_TRANSITIVE"}
    assert registrar.get("/schemas/types").json() == ["AVRO"]


@pytest.mark.parametrize(
    ("path", "code", "error_code"),
    [
        ("/schemas/ids/999999", "unknown-schema", 40403),
        ("/schemas/ids/one", "unknown-schema", 40403),
        ("/schemas/ids/-1", "unknown-schema", 40403),
        ("/schemas/ids/99999999999999999999", "unknown-schema", 40403),
        ("/subjects/nobody/versions", "unknown-subject", 40401),
        ("/subjects/nobody/versions/1", "unknown-subject", 40401),
        ("/subjects/domicile.blocks.CivilParticulars/versions/99", "unknown-schema-version", 40402),
        ("/subjects/domicile.blocks.CivilParticulars/versions/first", "unknown-schema-version", 40402),
    ],
)
def test_what_is_not_there_is_told_in_both_languages(registrar: Office, path: str, code: str, error_code: int) -> None:
    answer = registrar.get(path)
    assert refusal(answer)[:2] == (404, code)
    assert answer.json()["error_code"] == error_code


def test_the_registry_s_client_understands_a_refusal(client: SchemaRegistryClient) -> None:
    with pytest.raises(SchemaRegistryError) as caught:
        client.get_version("nobody", 1)
    assert caught.value.error_code == 40401


def test_nothing_can_be_written(registrar: Office) -> None:
    for method, path in (("POST", "/subjects/x/versions"), ("DELETE", "/subjects/x/versions/1"), ("PUT", "/config")):
        assert refusal(registrar.http.request(method, path))[1] in ("method-not-allowed", "not-found")
