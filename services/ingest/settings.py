"""What a process of ingest is told by its environment."""

from dataclasses import dataclass

from services.kernel.service_settings import ServiceSettings
from services.kernel.settings import setting


@dataclass(frozen=True, kw_only=True)
class IngestSettings(ServiceSettings):
    """Declarations; read with `services.kernel.settings.read_settings`."""

    requests_max: int = setting("INGEST_REQUESTS_MAX", "requests served at one time", default=2000)
    bytes_max: int = setting("INGEST_BYTES_MAX", "bytes of request bodies held at one time", default=256 << 20)
    delivery_timeout_s: int = setting(
        "INGEST_DELIVERY_TIMEOUT_S",
        "seconds that an append waits for the broker before its outcome is unknown",
        default=20,
    )
    draft_days: int = setting("INGEST_DRAFT_DAYS", "days after which a draft that nobody settled expires", default=90)
    drain_s: int = setting("INGEST_DRAIN_S", "seconds that a stop waits for requests", default=25)
    echo: bool = setting("INGEST_ECHO", "serve POST /v1/echo, to measure the server itself", default=False)
