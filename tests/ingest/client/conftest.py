"""A small ingest of its own for the client's tests: real HTTP, no log behind it."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from services.ingest.client.door import Door

Answer = tuple[int, dict[str, str], dict[str, Any]]


@dataclass
class SmallIngest:
    """Records every post once by its event_id; refuses what `refuses` names; first gives the
    `next_answers`.
    """

    url: str = ""
    recorded: dict[str, Any] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)
    next_answers: list[Answer | None] = field(default_factory=list)
    before: Callable[[int], None] = lambda count: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def door(self) -> Door:
        return Door("north", self.url, lambda: "a-token")

    def answer(self, path: str, body: bytes) -> Answer | None:
        with self.lock:
            self.bodies.append(body)
            if self.next_answers:
                return self.next_answers.pop(0)
            self.before(len(self.bodies))
            if len(body) > 1_000_000:
                return 413, {}, {"code": "too-large", "title": "Too large"}
            return 200, {}, self._record(body, "dry_run=true" in path)

    def _record(self, body: bytes, dry_run: bool) -> dict[str, Any]:
        counts = {"recorded": 0, "repeated": 0, "checked": 0, "refused": 0}
        told = []
        for index, line in enumerate(line for line in body.split(b"\n") if line.strip()):
            problem = self._refuses(line)
            if problem:
                counts["refused"] += 1
                told.append({"index": index, "outcome": "refused", "status": 422, **problem})
                continue
            post = json.loads(line)
            known = post["event_id"] in self.recorded
            counts["checked" if dry_run else "repeated" if known else "recorded"] += 1
            if not dry_run:
                self.recorded.setdefault(post["event_id"], post)
        return {**counts, "outcomes": told}

    def _refuses(self, line: bytes) -> dict[str, str] | None:
        try:
            post = json.loads(line)
        except ValueError:
            return {"code": "malformed-json", "path": "", "rule": "JSON.", "remedy": "Write JSON."}
        if post.get("sex") == "?":
            return {"code": "unknown-word", "path": "/sex", "rule": "A word.", "remedy": "Take one."}
        return None


@pytest.fixture
def ingest() -> Iterator[SmallIngest]:
    small = SmallIngest()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = small.answer(self.path, body)
            if answer is None:
                self.close_connection = True
                return
            status, headers, document = answer
            payload = json.dumps(document).encode()
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(payload))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    small.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield small
    server.shutdown()
    server.server_close()
