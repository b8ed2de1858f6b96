"""The peer of the live row: a stock Faust agent, event by event, that does the same fold and writes the same rows.

    python -m tests.benchmarks.faust_agent KAFKA DATABASE TOPIC EVENTS GROUP

It prints how many events a second it applied and what processor time it took, once it has seen EVENTS of them. It has
tables of its own (`faust_peer`), keeps no position with its rows, and sets nothing aside.
"""

import json
import os
import sys
import time
from typing import Any

import asyncpg
import faust

from services.kernel.contract.catalog import Catalog
from services.projections.engine.projection import Place, Record
from services.projections.register.projection import RegisterProjection
from services.projections.register.tables import TABLES

SCHEMA = "faust_peer"


def make_app(kafka: str, database: str, topic: str, events: int, group: str) -> faust.App:
    app = faust.App(
        group,
        broker=f"kafka://{kafka}",
        store="memory://",
        datadir=".local/bench/faust",
        value_serializer="raw",
        topic_disable_leader=True,
        web_enabled=False,
        consumer_auto_offset_reset="earliest",
    )
    register = RegisterProjection(Catalog.load())

    @app.agent(app.topic(topic, value_type=bytes, value_serializer="raw"))
    async def apply(stream: Any) -> None:
        connection = await _open(database)
        seen, began, cpu = 0, time.perf_counter(), time.process_time()
        async for event in stream.events():
            if not seen:
                began, cpu = time.perf_counter(), time.process_time()
            message = event.message
            place = Place(message.topic, message.partition, message.offset)
            batch = register.read([Record(place, int(message.timestamp * 1000), "", event.value)])
            async with connection.transaction():
                await register.apply(connection, SCHEMA, batch.content)
            seen += 1
            if seen == events:
                rate, cpu_s = seen / (time.perf_counter() - began), time.process_time() - cpu
                # Faust has taken standard output for its log.
                os.write(1, json.dumps({"rate": rate, "cpu_us": cpu_s / seen * 1e6}).encode() + b"\n")
                os._exit(0)

    return app


async def _open(database: str) -> "asyncpg.Connection[asyncpg.Record]":
    connection = await asyncpg.connect(database)
    await connection.execute("SET synchronous_commit = off")
    await connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
    for statement in (*(table.create for table in TABLES), *(index for table in TABLES for index in table.indexes)):
        await connection.execute(statement.replace("{schema}", SCHEMA))
    return connection


if __name__ == "__main__":
    kafka, database, topic, events, group = sys.argv[1:]
    worker = faust.Worker(make_app(kafka, database, topic, int(events), group), loglevel="WARNING")
    worker.execute_from_commandline()
