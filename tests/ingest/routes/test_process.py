"""`python -m services.ingest`: starts with a reason when it cannot, stops in good order when told."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx

from deploy.local.stack import Region
from tests.ingest.offices import birth

ROOT = Path(__file__).parents[3]


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def spawn(settings: Mapping[str, str], *words: str) -> "subprocess.Popen[str]":
    environ = {name: value for name, value in os.environ.items() if not name.startswith("DOMICILE_")}
    return subprocess.Popen(
        [sys.executable, "-m", "services.ingest", *words],
        cwd=ROOT,
        env=environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def failed_start(settings: Mapping[str, str]) -> tuple[int, str]:
    process = spawn(settings)
    _, said = process.communicate(timeout=60)
    lines = [line for line in said.splitlines() if not line.startswith("{")]
    assert len(lines) == 1, said
    assert "Traceback" not in said
    return process.returncode, lines[0]


def until_ready(url: str) -> None:
    for _ in range(600):
        with suppress(httpx.HTTPError):
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError("did not become ready")


def test_wrong_settings_are_named_and_stop_the_start(north: Region) -> None:
    settings = dict(north.settings)
    del settings["DOMICILE_KAFKA"]
    code, line = failed_start(settings | {"DOMICILE_INGEST_ECO": "1"})
    assert code == 2
    assert "DOMICILE_KAFKA is not set" in line
    assert "did you mean DOMICILE_INGEST_ECHO?" in line
    assert failed_start(north.settings | {"DOMICILE_LOG_LEVEL": "loud"})[0] == 2


def test_a_database_that_does_not_answer_stops_the_start(north: Region) -> None:
    url = f"postgresql://secret-user:secret-word@127.0.0.1:{free_port()}/x"
    code, line = failed_start(
        north.settings | {"DOMICILE_DATABASE_URL": url, "DOMICILE_OWNER_DATABASE_URL": url, "DOMICILE_PORT": "0"}
    )
    assert code == 1
    assert line.startswith("ingest does not start: ")
    assert "secret" not in line


def test_a_region_key_that_cannot_be_used_stops_the_start(north: Region, tmp_path: Path) -> None:
    key = tmp_path / "region.key"
    key.write_text("not a key")
    code, line = failed_start(north.settings | {"DOMICILE_REGION_KEY_FILE": str(key)})
    assert (code, "not a key" in line) == (1, False)


def test_an_address_that_is_taken_stops_the_start(north: Region) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = str(listening.getsockname()[1])
        code, line = failed_start(north.settings | {"DOMICILE_PORT": port})
    assert code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in line


def until_at_work(url: str, answers: list[Future[dict[str, int] | None]]) -> None:
    """Until a batch is being served, or one was already."""
    while not any(answer.done() for answer in answers):
        metrics = httpx.get(f"{url}/metrics").text
        if "domicile_http_in_flight 1.0" not in metrics:  # more than the one that asks
            return


def test_told_to_stop_it_finishes_what_it_has_and_ends_well(north: Region) -> None:
    port = free_port()
    process = spawn(north.settings | {"DOMICILE_PORT": str(port)})
    try:
        url = f"http://127.0.0.1:{port}"
        until_ready(url)
        headers = {"authorization": f"Bearer {north.token('registrar')}", "content-type": "application/x-ndjson"}
        events = [[birth() for _ in range(300)] for _ in range(4)]
        bodies = ["\n".join(map(json.dumps, batch)) for batch in events]

        def post(body: str) -> dict[str, int] | None:
            with suppress(httpx.TransportError):
                answer = httpx.post(
                    f"{url}/v1/events:batch?outcomes=refused", content=body, headers=headers, timeout=60
                )
                return dict(answer.json()) if answer.status_code == 200 else None
            return None

        with ThreadPoolExecutor(4) as pool:
            answers = [pool.submit(post, body) for body in bodies]
            until_at_work(url, answers)
            process.send_signal(signal.SIGTERM)
            told = [answer.result() for answer in answers]
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
        assert [json.loads(line)["event"] for line in said.splitlines()][-2:] == ["stopping", "stopped"]
        # Whoever was taken in was answered; all of it stands on the log.
        assert any(told)
        again = [httpx.post(f"{north.ingest}/v1/events:batch", content=b, headers=headers).json() for b in bodies]
        for before, after in zip(told, again, strict=True):
            if before is not None and before["recorded"] == 300:
                assert after["repeated"] == 300
    finally:
        process.kill()
        process.wait()


def test_the_help_lists_the_settings() -> None:
    process = spawn({}, "--help")
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "DOMICILE_REGION_KEY_FILE" in said
