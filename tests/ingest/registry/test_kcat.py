"""`kcat`, a tool that knows nothing of us, reads keys, headers and framing from the log.

Debian's cannot read Avro, so the fields are not its business here.
"""

import shutil
import subprocess
from typing import Any

import pytest

from deploy.local.stack import Running
from services.kernel.contract.catalog import Catalog
from tests.ingest.offices import Office, area, birth, new_id

KCAT = shutil.which("kcat") or shutil.which("kafkacat")
pytestmark = pytest.mark.skipif(KCAT is None, reason="kcat is not on the PATH (Debian: apt-get install kcat)")


def kcat(stack: Running, position: dict[str, Any], *options: str) -> list[str]:
    """What kcat prints for the record at a position, by lines."""
    place = ["-t", position["topic"], "-p", str(position["partition"]), "-o", str(position["offset"])]
    command = [str(KCAT), "-b", stack.kafka, "-C", "-q", "-c", "1", *place, *options]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout.splitlines()


def test_kcat_reads_a_record_s_key(stack: Running, registrar: Office, open_office: Any) -> None:
    answer = registrar.post(birth()).json()
    child = answer["subjects"][0]["person_id"]
    assert kcat(stack, answer["position"], "-f", "%k\n") == [child.replace("-", "")]
    code = f"x-{new_id()[-8:]}"
    established = open_office("geographer").post(area(code)).json()
    assert kcat(stack, established["position"], "-f", "%k\n") == [code]


def test_kcat_reads_a_record_s_headers(stack: Running, registrar: Office) -> None:
    event = birth()
    answer = registrar.post(event).json()
    (line,) = kcat(stack, answer["position"], "-f", "%h\n")
    headers = dict(pair.split("=", 1) for pair in line.split(","))
    assert (headers["ce_specversion"], headers["ce_id"]) == ("1.0", event["event_id"])
    assert headers["ce_type"] == "domicile.registration.BirthRegistered"
    assert (headers["ce_source"], headers["content-type"]) == ("/north", "application/vnd.confluent.avro")
    assert "Ample" not in line


def test_kcat_reads_a_record_s_framing(stack: Running, registrar: Office) -> None:
    answer = registrar.post(birth()).json()
    event = Catalog.load().get_event("BirthRegistered")
    # One byte, then a big-endian integer; what follows is passed over.
    (unpacked,) = kcat(stack, answer["position"], "-s", "value=>bi", "-f", "%s\n")
    assert unpacked == f"0{event.schema_id}"  # it prints both numbers without a space
