"""When a partner that does not answer is tried again."""

from dataclasses import dataclass
from time import monotonic

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0


@dataclass
class Breaker:
    """Open after a failure, for twice as long after each further one; then one knock says whether it may close."""

    failures: int = 0
    closed_at: float = 0.0

    @property
    def is_open(self) -> bool:
        """Whether nobody should knock now."""
        return self.failures > 0 and monotonic() < self.closed_at

    @property
    def must_knock(self) -> bool:
        """Whether the partner failed last, and it is time to look whether it is back."""
        return self.failures > 0 and not self.is_open

    @property
    def wait_s(self) -> float:
        """How long until it is time."""
        return max(0.0, self.closed_at - monotonic()) if self.failures else 0.0

    def fail(self, retry_after_s: float = 0.0) -> None:
        self.failures += 1
        wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(self.failures - 1, 10))
        self.closed_at = monotonic() + max(wait_s, min(retry_after_s, LONGEST_WAIT_S))

    def succeed(self) -> None:
        self.failures = 0
