"""What every service of a region is told by its environment, whatever else it is told."""

from dataclasses import dataclass
from pathlib import Path

from services.kernel.settings import setting


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """Declarations; a service adds its own, under names that begin with its own."""

    region: str = setting("REGION", "name of the region")
    kafka: str = setting("KAFKA", "bootstrap servers, host:port[,host:port]")
    database_url: str = setting("DATABASE_URL", "PostgreSQL, the service's login", secret=True)
    owner_database_url: str | None = setting(
        "OWNER_DATABASE_URL",
        "PostgreSQL, the owner's login: migrations run and tables are made at the start",
        default=None,
        secret=True,
    )
    jwks: str = setting("JWKS", "keys that tokens are signed with: a path or an https URL")
    token_issuer: str = setting("TOKEN_ISSUER", "the `iss` of tokens")
    token_audience: str = setting("TOKEN_AUDIENCE", "the `aud` of tokens")
    region_key_file: Path = setting("REGION_KEY_FILE", "file with the region's key, 64 hexadecimal digits")
    host: str = setting("HOST", "address to listen on", default="127.0.0.1")
    port: int = setting("PORT", "TCP port to listen on", default=8080)
    log_level: str = setting("LOG_LEVEL", "debug, info, warning or error", default="info")
    clock_offset_file: Path | None = setting(
        "CLOCK_OFFSET_FILE", "file with seconds to shift the clock by; for tests", default=None
    )
