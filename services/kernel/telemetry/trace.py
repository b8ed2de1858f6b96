"""The trace that a request belongs to: W3C Trace Context, level 1 (https://www.w3.org/TR/trace-context/).

The context of the request being served lies in a context variable: log lines read it, and what is appended to
the log carries it as the header `traceparent`.
"""

import re
import secrets
from contextvars import ContextVar, Token
from dataclasses import dataclass

HEADER = "traceparent"

_FORM = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")


@dataclass(frozen=True, slots=True)
class Trace:
    """One span of one trace. `trace_id`: 32 hex digits, `span_id`: 16 hex digits, neither all zero."""

    trace_id: str
    span_id: str
    sampled: bool

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"

    def child(self) -> "Trace":
        """A new span of the same trace."""
        return Trace(self.trace_id, secrets.token_hex(8), self.sampled)


def new_trace() -> Trace:
    """A trace that begins here."""
    return Trace(secrets.token_hex(16), secrets.token_hex(8), sampled=False)


def parse_traceparent(text: str | None) -> Trace | None:
    """The trace that a header names; None if absent or not valid (the standard says: start a new one)."""
    found = _FORM.fullmatch(text) if text and len(text) <= 128 else None
    if not found:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    if version == "ff" or (version == "00" and more) or not trace_id.strip("0") or not span_id.strip("0"):
        return None
    return Trace(trace_id, span_id, bool(int(flags, 16) & 1))


def continue_trace(text: str | None) -> Trace:
    """A new span: of the trace that the header names, else of a new one."""
    parent = parse_traceparent(text)
    return parent.child() if parent else new_trace()


def current_trace() -> Trace | None:
    """The trace of what is being done now, if any."""
    return _CURRENT.get()


def enter_trace(trace: Trace) -> Token[Trace | None]:
    """Make `trace` the current one of this task; give the token to `leave_trace`."""
    return _CURRENT.set(trace)


def leave_trace(token: Token[Trace | None]) -> None:
    """Return to the trace before."""
    _CURRENT.reset(token)


def trace_headers() -> list[tuple[str, bytes]]:
    """Kafka headers that carry the current trace; none if there is none."""
    trace = current_trace()
    return [(HEADER, str(trace).encode("ascii"))] if trace else []


_CURRENT: ContextVar[Trace | None] = ContextVar("domicile_trace", default=None)
