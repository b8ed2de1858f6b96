"""The running stack, as its users see it."""

import asyncpg
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from deploy.local.stack import Running
from services.kernel.log.topics import CONTEXTS, ensure_topics, get_topic


async def test_each_region_has_a_database_that_its_owner_can_use(stack: Running) -> None:
    for name, region in stack.regions.items():
        connection = await asyncpg.connect(region.database)
        assert await connection.fetchval("SELECT current_database()") == f"domicile_{name}"
        await connection.execute("CREATE TABLE probe (x int)")
        await connection.execute("DROP TABLE probe")
        await connection.close()


async def test_a_service_may_not_enter_the_database_of_another_region(stack: Running) -> None:
    url = stack.regions["north"].settings["DOMICILE_DATABASE_URL"]
    connection = await asyncpg.connect(url)
    await connection.close()
    try:
        await asyncpg.connect(url.rpartition("/")[0] + "/domicile_south")
    except asyncpg.InsufficientPrivilegeError:
        return
    raise AssertionError("the service of north may connect to the database of south")


def test_topics_keep_everything_for_ever_and_carry_the_brokers_time(stack: Running) -> None:
    admin = AdminClient({"bootstrap.servers": stack.kafka})
    names = [get_topic("north", context) for context in CONTEXTS]
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
    for future in admin.describe_configs(resources).values():
        settings = {name: entry.value for name, entry in future.result().items()}
        assert settings["retention.ms"] == "-1"
        assert settings["cleanup.policy"] == "delete"
        assert settings["message.timestamp.type"] == "LogAppendTime"


def test_topics_are_made_once_and_never_changed(stack: Running) -> None:
    ensure_topics(stack.kafka, "north", partitions={"migration": 9})
    topics = AdminClient({"bootstrap.servers": stack.kafka}).list_topics(timeout=10).topics
    assert len(topics["north.migration"].partitions) == 4
    assert len(topics["north.geography"].partitions) == 1
