"""What a process of projections is told by its environment."""

from dataclasses import dataclass
from pathlib import Path

from services.kernel.service_settings import ServiceSettings
from services.kernel.settings import setting


@dataclass(frozen=True, kw_only=True)
class ProjectionsSettings(ServiceSettings):
    """Declarations; read with `services.kernel.settings.read_settings`."""

    port: int = setting("PORT", "TCP port to listen on", default=8081)
    read_database_url: str | None = setting(
        "READ_DATABASE_URL",
        "PostgreSQL, a login that may only look: records are read with it; left out: with the service's login",
        default=None,
        secret=True,
    )
    analysis_database_url: str | None = setting(
        "ANALYSIS_DATABASE_URL",
        "PostgreSQL, a database of its own for analysts, with the service's login; left out: there are no editions",
        default=None,
        secret=True,
    )
    analyst_role: str | None = setting(
        "PROJECTIONS_ANALYST_ROLE", "the role in that database that may read what is published", default=None
    )
    edition_s: int = setting(
        "PROJECTIONS_EDITION_S",
        "seconds between editions of what analysts read, at least: two editions compared tell of few people",
        default=2_592_000,
    )
    workers: int = setting("PROJECTIONS_WORKERS", "worker processes; they share the partitions", default=1)
    batch_max: int = setting("PROJECTIONS_BATCH_MAX", "records that are applied in one transaction", default=2000)
    linger_ms: int = setting(
        "PROJECTIONS_LINGER_MS", "milliseconds that the first record of a batch waits for company", default=15
    )
    aside_max: int = setting(
        "PROJECTIONS_ASIDE_MAX",
        "records that may be set aside before the projection halts, if they are more than 1 % of the last 10,000",
        default=20,
    )
    disclosure: Path | None = setting(
        "PROJECTIONS_DISCLOSURE",
        "TOML or JSON file of the rules under which figures leave; left out: the 10-5 rule for analysts",
        default=None,
    )
    requests_max: int = setting("PROJECTIONS_REQUESTS_MAX", "requests served at one time", default=500)
    drain_s: int = setting("PROJECTIONS_DRAIN_S", "seconds that a stop waits for requests", default=25)
    rebuild_folder: Path | None = setting(
        "PROJECTIONS_REBUILD_FOLDER",
        "where a rebuild keeps its files, about as large as the log; a folder for temporary files unless it is said",
        default=None,
    )
    rebuild_processes: int = setting("PROJECTIONS_REBUILD_PROCESSES", "processes that share a rebuild", default=2)
