"""Keys at a URL: kept, asked for again with restraint, never waited for for ever."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.kernel.errors import Unavailable
from services.kernel.identity.jwks import UrlKeys, open_keys
from services.kernel.identity.local_keys import ensure_signing_key


class KeyServer:
    """A real, small HTTP server that serves one document and counts."""

    def __init__(self) -> None:
        self.body, self.asked, self.url = b"{}", 0, ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(self.body))
        writer.write(self.body)
        await writer.drain()
        writer.close()


@pytest.fixture
async def key_server() -> AsyncIterator[KeyServer]:
    serving = KeyServer()
    async with await asyncio.start_server(serving.answer, "127.0.0.1", 0) as server:
        serving.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks.json"
        yield serving


async def test_keys_are_asked_for_once_and_kept(key_server: KeyServer, tmp_path: Path) -> None:
    key_server.body = ensure_signing_key(tmp_path).read_bytes()
    kid = json.loads(key_server.body)["keys"][0]["kid"]
    keys = UrlKeys(key_server.url)
    assert await asyncio.gather(*(keys.find_key(kid) for _ in range(20)))
    assert key_server.asked == 1
    assert keys.generation == 1


async def test_an_unknown_key_asks_again_but_not_for_every_token(key_server: KeyServer, tmp_path: Path) -> None:
    key_server.body = ensure_signing_key(tmp_path / "old").read_bytes()
    keys = UrlKeys(key_server.url, ask_every_s=3600)
    for _ in range(20):
        assert await keys.find_key("unknown") is None
    assert key_server.asked == 1
    keys = UrlKeys(key_server.url, ask_every_s=0)
    await keys.refresh()
    key_server.body = ensure_signing_key(tmp_path / "new").read_bytes()
    assert await keys.find_key(json.loads(key_server.body)["keys"][0]["kid"])


async def test_a_server_that_is_away_leaves_the_keys_as_they_are(key_server: KeyServer, tmp_path: Path) -> None:
    key_server.body = ensure_signing_key(tmp_path).read_bytes()
    kid = json.loads(key_server.body)["keys"][0]["kid"]
    keys = UrlKeys(key_server.url, keep_s=0, ask_every_s=0)
    assert await keys.find_key(kid)
    key_server.body = b"<html>"
    assert await keys.find_key(kid)


async def test_without_an_answer_at_all_the_caller_is_told_to_wait() -> None:
    with pytest.raises(Unavailable):
        await UrlKeys("http://127.0.0.1:9/jwks.json", timeout_s=0.5).find_key("k")


def test_a_setting_names_a_url_or_a_path() -> None:
    assert isinstance(open_keys("https://example.org/jwks.json"), UrlKeys)
    assert not isinstance(open_keys("/tmp/jwks.json"), UrlKeys)
