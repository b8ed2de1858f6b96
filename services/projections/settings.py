"""What a process of projections is told by its environment."""

from dataclasses import dataclass
from pathlib import Path

from services.kernel.settings import setting


@dataclass(frozen=True, kw_only=True)
class ProjectionsSettings:
    """Declarations; read with `services.kernel.settings.read_settings`."""

    region: str = setting("REGION", "name of the region")
    kafka: str = setting("KAFKA", "bootstrap servers, host:port[,host:port]")
    database_url: str = setting("DATABASE_URL", "PostgreSQL, the service's login", secret=True)
    owner_database_url: str | None = setting(
        "OWNER_DATABASE_URL",
        "PostgreSQL, the owner's login: migrations run and tables are made at the start",
        default=None,
        secret=True,
    )
    read_database_url: str | None = setting(
        "READ_DATABASE_URL",
        "PostgreSQL, a login that may only look: records are read with it; left out: with the service's login",
        default=None,
        secret=True,
    )
    jwks: str = setting("JWKS", "keys that tokens are signed with: a path or an https URL")
    token_issuer: str = setting("TOKEN_ISSUER", "the `iss` of tokens")
    token_audience: str = setting("TOKEN_AUDIENCE", "the `aud` of tokens")
    region_key_file: Path = setting("REGION_KEY_FILE", "file with the region's key, 64 hexadecimal digits")
    host: str = setting("HOST", "address to listen on", default="127.0.0.1")
    port: int = setting("PORT", "TCP port to listen on", default=8081)
    log_level: str = setting("LOG_LEVEL", "debug, info, warning or error", default="info")
    clock_offset_file: Path | None = setting(
        "CLOCK_OFFSET_FILE", "file with seconds to shift the clock by; for tests", default=None
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
    requests_max: int = setting("PROJECTIONS_REQUESTS_MAX", "requests served at one time", default=500)
    drain_s: int = setting("PROJECTIONS_DRAIN_S", "seconds that a stop waits for requests", default=25)
    rebuild_folder: Path | None = setting(
        "PROJECTIONS_REBUILD_FOLDER",
        "where a rebuild keeps its files, about as large as the log; a folder for temporary files unless it is said",
        default=None,
    )
    rebuild_processes: int = setting("PROJECTIONS_REBUILD_PROCESSES", "processes that share a rebuild", default=2)
