"""Claims of a process that lives are waited for, unless it says that it gave them up."""

from collections.abc import AsyncIterator
from os import urandom
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from deploy.local.stack import Running
from services.ingest.pipeline.claim import LOCK_CLASS, Claimed, abandon, claim
from services.ingest.pipeline.entry import Entry
from services.kernel.contract.catalog import Catalog
from services.kernel.database import open_pool
from services.kernel.identity.caller import Caller
from services.kernel.privacy.data_keys import DataKeys
from services.kernel.privacy.newcomers import Newcomers
from services.kernel.privacy.region_key import RegionKey

LIVING, OTHER = 1_999_999_998, 1_999_999_999
"""Instance numbers that no process of the test's stack has."""


@pytest.fixture
async def pool(stack: Running) -> AsyncIterator[asyncpg.Pool]:
    async with await open_pool(stack.regions["south"].settings["DOMICILE_DATABASE_URL"], name="test") as opened:
        yield opened


def make_entry() -> Entry:
    event = Catalog.load().get_event("BirthRegistered")
    caller = Caller("tester", frozenset({"registrar"}), ("*",), None, "south")
    return Entry(event, uuid4().bytes, caller, urandom(16), "office", None, b"", b"", [])


async def claim_as(connection: Any, owner: int, entries: list[Entry]) -> Claimed:
    newcomers = Newcomers(DataKeys(RegionKey.derive(bytes(32))), [])
    return await claim(connection, owner, (), entries, newcomers)


async def test_what_a_living_process_gave_up_is_taken_over_and_nothing_else_of_it(pool: asyncpg.Pool) -> None:
    given_up, under_way = make_entry(), make_entry()
    async with pool.acquire() as living, pool.acquire() as other:
        await living.execute("SELECT pg_advisory_lock($1, $2)", LOCK_CLASS, LIVING)
        first = await claim_as(living, LIVING, [given_up])
        second = await claim_as(living, LIVING, [under_way])
        assert (len(first.mine), len(second.mine)) == (1, 1)
        assert (await claim_as(other, OTHER, [given_up])).under_way == [given_up]
        await abandon(living, {first.number})
        third = await claim_as(other, OTHER, [given_up, under_way])
        await living.execute("SELECT pg_advisory_unlock($1, $2)", LOCK_CLASS, LIVING)
    assert list(third.mine.values()) == [given_up]
    assert third.under_way == [under_way]
    assert third.taken_over == 1
