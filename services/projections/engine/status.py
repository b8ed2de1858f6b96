"""How far every projection is, for operators and their machines."""

import time
from collections.abc import Sequence
from typing import Any

import asyncpg

from services.kernel.log.reader import Partition
from services.kernel.processes.workers import Workers
from services.kernel.telemetry.metrics import Metrics
from services.projections.engine.figures import Figures
from services.projections.engine.log_ends import LogEnds
from services.projections.engine.projection import Projection

_VERSIONS = """
SELECT projection, number, edition, topics, made_at, switched_at, halted_at, halted_reason
FROM projection.version WHERE state = 'live' AND projection = ANY($1)
"""
_POSITIONS = """
SELECT p.projection, p.topic, p.partition, p.next_offset, p.recorded_at, p.updated_at
FROM projection.position AS p JOIN projection.version AS v USING (projection, number)
WHERE v.state = 'live' AND projection = ANY($1) ORDER BY p.topic, p.partition
"""
_ASIDE = """
SELECT projection, count(*) FILTER (WHERE state = 'waiting') AS waiting,
    count(*) FILTER (WHERE state = 'skipped') AS skipped
FROM projection.set_aside WHERE projection = ANY($1) GROUP BY projection
"""
_REBUILDS = """
SELECT r.projection, r.number, r.phase, r.done, r.total, r.begun_at, r.updated_at,
    r.cancel_asked_at IS NOT NULL AS cancel_asked, now() - r.updated_at > interval '30 seconds' AS silent
FROM projection.rebuild AS r JOIN projection.version AS v USING (projection, number)
WHERE v.state = 'building' AND projection = ANY($1) ORDER BY r.projection, r.number
"""


class Status:
    """Puts together what the database, the log and the workers say."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        ends: LogEnds,
        workers: Workers[Figures],
        projections: Sequence[Projection],
        metrics: Metrics,
    ) -> None:
        self._pool = pool
        self._ends = ends
        self._workers = workers
        self._projections = {projection.name: projection for projection in projections}
        self._metrics = metrics

    async def describe(self) -> list[dict[str, Any]]:
        """One object for each projection, in the order of registration."""
        names = list(self._projections)
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            versions = {row["projection"]: row for row in await connection.fetch(_VERSIONS, names)}
            positions = await connection.fetch(_POSITIONS, names)
            aside = {row["projection"]: row for row in await connection.fetch(_ASIDE, names)}
            rebuilds = {row["projection"]: row for row in await connection.fetch(_REBUILDS, names)}
        described = []
        for name in names:
            own = [self._describe_partition(row) for row in positions if row["projection"] == name]
            told = self._describe(name, versions.get(name), own, aside.get(name))
            described.append(told | {"rebuild": _describe_rebuild(rebuilds.get(name))})
        return described

    async def halted(self) -> list[str]:
        """The names of those that take in nothing more."""
        rows = await self._pool.fetch(
            "SELECT projection FROM projection.version WHERE state = 'live' AND halted_at IS NOT NULL"
            " AND projection = ANY($1)",
            list(self._projections),
        )
        return [row["projection"] for row in rows]

    def describe_workers(self) -> list[dict[str, Any]]:
        """The worker processes."""
        now_s = time.monotonic()
        return [
            {
                "number": worker.number,
                "pid": worker.pid,
                "restarts": worker.restarts,
                "silent_s": round(now_s - worker.heard_at_s, 1) if worker.figures else None,
            }
            for worker in self._workers.workers
        ]

    async def measure(self) -> None:
        """Sets the gauges."""
        for one in await self.describe():
            name = one["projection"]
            gauge = self._metrics.gauge
            gauge("domicile_projection_lag_events", projection=name).set(one["lag_events"])
            gauge("domicile_projection_lag_seconds", projection=name).set(one["lag_s"])
            gauge("domicile_projection_set_aside", projection=name, state="waiting").set(one["set_aside"]["waiting"])
            gauge("domicile_projection_set_aside", projection=name, state="skipped").set(one["set_aside"]["skipped"])
            gauge("domicile_projection_halted", projection=name).set(one["halted"] is not None)
            gauge("domicile_projection_troubled_seconds", projection=name).set(one["troubled_s"])
            gauge("domicile_projection_rebuild_wanted", projection=name).set(one["rebuild_wanted"])
        restarts = sum(worker.restarts for worker in self._workers.workers)
        self._metrics.gauge("domicile_projection_worker_restarts").set(restarts)

    def _describe_partition(self, row: asyncpg.Record) -> dict[str, Any]:
        partition = Partition(row["topic"], row["partition"])
        position = row["next_offset"]
        end = self._ends.ends.get(partition)
        behind = 0 if end is None else max(0, end - position)
        return {
            "topic": partition.topic,
            "partition": partition.number,
            "next_offset": position,
            "end_offset": end,
            "lag_events": behind,
            "lag_s": round(self._ends.lag_s(partition, position), 3) if behind else 0.0,
            "recorded_at": row["recorded_at"],
            "updated_at": row["updated_at"],
        }

    def _describe(
        self,
        name: str,
        version: asyncpg.Record | None,
        partitions: Sequence[dict[str, Any]],
        aside: asyncpg.Record | None,
    ) -> dict[str, Any]:
        told = [each for each in self._workers.workers if name in each.figures and each.pid is not None]
        figures = [worker.figures[name] for worker in told]
        # What a frozen worker told last is not true any more.
        states = {"silent" if worker.is_silent() else worker.figures[name].state for worker in told}
        edition = self._projections[name].edition
        halted = version is not None and version["halted_at"] is not None
        return {
            "projection": name,
            "version": version["number"] if version else None,
            "edition": version["edition"] if version else None,
            "edition_wanted": edition,
            "rebuild_wanted": version is not None and version["edition"] != edition,
            "live_since": version["switched_at"] if version else None,
            "halted": {"reason": version["halted_reason"], "at": version["halted_at"]} if version and halted else None,
            "states": sorted(states),
            "lag_events": sum(one["lag_events"] for one in partitions),
            "lag_s": max((one["lag_s"] for one in partitions), default=0.0),
            "set_aside": {
                "waiting": aside["waiting"] if aside else 0,
                "skipped": aside["skipped"] if aside else 0,
            },
            "applied": sum(one.records for one in figures),
            "batches": sum(one.batches for one in figures),
            "retries": sum(one.retries for one in figures),
            "troubled_s": round(max((one.troubled_s for one in figures), default=0.0), 1),
            "restarts": sum(worker.restarts for worker in self._workers.workers),
            "partitions": partitions,
        }


def _describe_rebuild(row: asyncpg.Record | None) -> dict[str, Any] | None:
    """How far a build is that is being made; `silent`: nobody has said anything of it for long, so it was interrupted,
    or is at a step that tells nothing on its way. Counts are of the phase.
    """
    if row is None:
        return None
    return {
        name: row[name] for name in ("number", "phase", "done", "total", "begun_at", "updated_at", "cancel_asked")
    } | {"silent": row["silent"]}
