"""What a process of the exchange is told by its environment."""

from dataclasses import dataclass
from pathlib import Path

from services.kernel.service_settings import ServiceSettings
from services.kernel.settings import setting


@dataclass(frozen=True, kw_only=True)
class ExchangeSettings(ServiceSettings):
    """Declarations; read with `services.kernel.settings.read_settings`."""

    port: int = setting("PORT", "TCP port to listen on, for offices and operations", default=8082)
    read_database_url: str | None = setting(
        "READ_DATABASE_URL",
        "PostgreSQL, a login that may only look: the register is read with it; left out: with the service's login",
        default=None,
        secret=True,
    )
    members: Path | None = setting(
        "EXCHANGE_MEMBERS", "the federation's signed file of members; left out: there are no partners", default=None
    )
    keys: Path | None = setting("EXCHANGE_KEYS", "folder with this member's own keys and certificates", default=None)
    partners_host: str = setting("EXCHANGE_PARTNERS_HOST", "address on which partners are served", default="127.0.0.1")
    partners_port: int = setting(
        "EXCHANGE_PARTNERS_PORT", "TCP port on which partners are served; 0: none are", default=0
    )
    ingest_url: str | None = setting(
        "EXCHANGE_INGEST_URL", "the region's own ingest; left out: nothing is written to the register", default=None
    )
    token_key: Path | None = setting(
        "EXCHANGE_TOKEN_KEY",
        "folder with the key that signs the exchange's own token for ingest (role system)",
        default=None,
    )
    workers: int = setting("EXCHANGE_WORKERS", "worker processes; they share the partitions", default=1)
    batch_max: int = setting("EXCHANGE_BATCH_MAX", "entries that are applied in one transaction", default=500)
    linger_ms: int = setting(
        "EXCHANGE_LINGER_MS", "milliseconds that the first entry of a batch waits for company", default=5
    )
    aside_max: int = setting(
        "EXCHANGE_ASIDE_MAX",
        "entries that may be set aside before the exchange halts, if they are more than 1 % of the last 10,000",
        default=20,
    )
    outflows_max: int = setting(
        "EXCHANGE_OUTFLOWS_MAX",
        "outflows that are confirmed to each partner in 24 hours without people; beyond it people look at each",
        default=10_000,
    )
    session_timeout_s: int = setting(
        "EXCHANGE_SESSION_TIMEOUT_S", "seconds after which a silent worker's partitions go to another", default=8
    )
    requests_max: int = setting("EXCHANGE_REQUESTS_MAX", "requests served at one time", default=500)
    drain_s: int = setting("EXCHANGE_DRAIN_S", "seconds that a stop waits for requests", default=25)
