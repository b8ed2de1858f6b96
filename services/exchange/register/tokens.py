"""The exchange's own token for the region's ingest: role `system`, the whole region."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.kernel.clock import Clock
from services.kernel.identity.local_keys import issue_token

OWN_NAME = "exchange"
_LIFETIME = timedelta(minutes=10)
_EARLY = timedelta(minutes=1)


class OwnToken:
    """`source`: a file that somebody keeps a token in, read again when it changes; or, on one machine, the folder of
    the key that tokens are signed with.
    """

    def __init__(self, source: Path, region: str, clock: Clock) -> None:
        self._source, self._region, self._clock = source, region, clock
        self._token, self._since = "", datetime.fromtimestamp(0, UTC)
        self._changed_ns = 0

    def get(self) -> str:
        """The token of this moment. OSError where there is none."""
        return self._read() if self._source.is_file() else self._issue()

    def _read(self) -> str:
        changed_ns = self._source.stat().st_mtime_ns
        if changed_ns != self._changed_ns:
            self._token, self._changed_ns = self._source.read_text("utf-8").strip(), changed_ns
        return self._token

    def _issue(self) -> str:
        """Anew, too, when the clock was set back: such a token is not valid yet."""
        now = self._clock.now()
        if not self._since <= now < self._since + _LIFETIME - _EARLY:
            self._token = issue_token(
                self._source, self._region, "system", ttl_s=_LIFETIME.total_seconds(), sub=OWN_NAME, clock=self._clock
            )
            self._since = now
        return self._token
