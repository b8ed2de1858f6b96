"""The containers' description, and what prepares them."""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

import asyncpg
import pytest
import yaml
from confluent_kafka.admin import AdminClient

from deploy.compose.prepare import prepare
from deploy.compose.serve import make_environment
from deploy.local.layout import Layout, StackError, find_json
from deploy.local.services import SERVICES
from deploy.local.stack import Running

_FILE = Path(__file__).parents[3] / "deploy" / "compose" / "compose.yaml"


def _has_compose() -> bool:
    docker = shutil.which("docker")
    return bool(docker) and subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0


@pytest.mark.skipif(not _has_compose(), reason="docker compose is not installed")
def test_docker_compose_accepts_the_file() -> None:
    ran = subprocess.run(
        ["docker", "compose", "-f", str(_FILE), "config", "--quiet"],
        env={**os.environ, "POSTGRES_PASSWORD": "x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


def test_what_the_containers_run_and_wait_for_exists() -> None:
    described = yaml.safe_load(_FILE.read_text())
    names = set(described["services"])
    for service in described["services"].values():
        assert set(service.get("depends_on", ())) <= names
        volumes = {volume.split(":")[0] for volume in service.get("volumes", ())}
        assert volumes <= set(described["volumes"])
        if "deploy.compose.serve" in service.get("command", ()):
            assert service["command"][-1] in {one.module for one in SERVICES}


async def test_a_region_is_prepared_on_servers_that_others_run(stack: Running, tmp_path: Path) -> None:
    server = stack.regions["north"].database.rpartition("@")[2].split("/")[0]
    password = (find_json(Layout(stack.home).postgres) or {})["password"]
    admin_url = f"postgresql://postgres:{password}@{server}/postgres"
    for _ in range(2):
        await asyncio.to_thread(prepare, tmp_path, ["east"], stack.kafka, admin_url)
    environment = make_environment("east", {"DOMICILE_HOME": str(tmp_path), "DOMICILE_PORT": "9000"})
    assert "DOMICILE_HOME" not in environment
    assert environment["DOMICILE_PORT"] == "9000"
    connection = await asyncpg.connect(environment["DOMICILE_DATABASE_URL"])
    await connection.close()
    topics = AdminClient({"bootstrap.servers": stack.kafka}).list_topics(timeout=10).topics
    assert "east.registration" in topics


def test_a_service_of_a_region_that_nobody_prepared_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="prepare west"):
        make_environment("west", {"DOMICILE_HOME": str(tmp_path)})
