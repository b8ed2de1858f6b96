"""Refused letters are seen: counted by partner and code, and told to the log, once a minute for each pair at most."""

from time import monotonic

from services.kernel.telemetry.logs import Log
from services.kernel.telemetry.metrics import Metrics

NOBODY = "unknown"
_EVERY_S = 60.0


class Refusals:
    """`partner`: a member by its certificate or a good signature; `unknown` for everybody else."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._log = Log("partners")
        self._told: dict[tuple[str, str], float] = {}
        self._since: dict[tuple[str, str], int] = {}

    def note(self, partner: str | None, code: str) -> None:
        """One refused letter, or one refused request (then `code` is a word)."""
        pair = partner or NOBODY, code
        self._metrics.counter("domicile_letters_refused_total", partner=pair[0], code=code).inc()
        self._since[pair] = self._since.get(pair, 0) + 1
        now = monotonic()
        if now - self._told.get(pair, float("-inf")) >= _EVERY_S:
            self._told[pair] = now
            self._log.warning("letters-refused", partner=pair[0], code=code, count=self._since.pop(pair))
