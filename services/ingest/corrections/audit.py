"""No audit entry, no answer: a look at somebody's particulars stands on the log before it is granted."""

from services.ingest.corrections.draft import Draft
from services.ingest.corrections.reading import as_system, describe_reading
from services.ingest.pipeline import Pipeline
from services.kernel.clock import Clock
from services.kernel.errors import Unavailable
from services.kernel.identity.caller import Caller
from services.kernel.telemetry.logs import Log
from services.kernel.telemetry.trace import current_trace


class ReadAudit:
    """Appends PersonRead events for people who read drafts."""

    def __init__(self, pipeline: Pipeline, clock: Clock) -> None:
        self._pipeline = pipeline
        self._clock = clock
        self._log = Log("audit")

    async def record(self, draft: Draft, reader: Caller, purpose: str, route: str) -> None:
        """Return when the log has it. Unavailable("audit-unavailable") if that is not certain."""
        posts = describe_reading(draft, reader, purpose, route, self._clock.now())
        if not posts:
            return
        outcomes = await self._pipeline.submit(posts, as_system(reader), traceparent=str(current_trace()))
        for outcome in outcomes:
            if outcome.error is not None:
                self._log.error("read-not-recorded", outcome.error, event_id=outcome.event_id)
                raise Unavailable("audit-unavailable", retry_after_s=2.0)
