"""Log lines: one JSON object per line on stderr, without personal data.

A line is an event word and fields. Only fields whose key stands in `KEYS` are written; any other is withheld,
and its *key* is named so that the loss is seen. Lines of libraries keep their message template but not its
arguments, and an exception keeps its type and place but not its text: both may quote what somebody posted.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

from services.kernel.errors import DomicileError
from services.kernel.telemetry.trace import current_trace

# key -> what it holds. Nothing that a person could be found by, except opaque ids of events.
KEYS: dict[str, str] = {
    "action": "route or action of the matrix",
    "address": "host and port of one of our own processes",
    "answer_id": "id of an answer that only says that something went wrong",
    "attempt": "how many times this was tried",
    "bytes": "how many bytes",
    "code": "error code",
    "count": "how many",
    "duration_ms": "how long it took, milliseconds",
    "error": "type of an exception",
    "event_id": "id of an event",
    "kid": "id of a token key",
    "method": "HTTP method",
    "offset": "offset on the log",
    "outcome": "recorded, repeated, checked or refused; or what became of something tried",
    "partition": "partition of a topic",
    "partner": "code of another region",
    "port": "TCP port",
    "projection": "name of a projection",
    "pid": "process id",
    "reason": "a word of ours that says why",
    "route": "route template, never the address as sent",
    "schema_id": "id of a schema",
    "setting": "name of a setting",
    "signal": "name of a signal",
    "status": "HTTP status",
    "topic": "topic",
    "type": "event type",
    "version": "version of a schema or of the software",
    "wait_s": "seconds to wait",
    "who": "pseudonymous id of a user who did something",
}
TEXT_LENGTH_MAX = 200


class Log:
    """Writes lines for one part of a service: `log.info("started", port=8080)`."""

    def __init__(self, part: str) -> None:
        self._logger = logging.getLogger(f"domicile.{part}")

    def debug(self, event: str, **fields: object) -> None:
        self._write(logging.DEBUG, event, None, fields)

    def info(self, event: str, **fields: object) -> None:
        self._write(logging.INFO, event, None, fields)

    def warning(self, event: str, error: BaseException | None = None, **fields: object) -> None:
        self._write(logging.WARNING, event, error, fields)

    def error(self, event: str, error: BaseException | None = None, **fields: object) -> None:
        self._write(logging.ERROR, event, error, fields)

    def _write(self, level: int, event: str, error: BaseException | None, fields: dict[str, object]) -> None:
        if self._logger.isEnabledFor(level):
            exc = (type(error), error, error.__traceback__) if error else None
            self._logger.log(level, event, exc_info=exc, extra={"domicile_fields": fields})


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object; see the module for what it leaves out."""

    def __init__(self, service: str, region: str) -> None:
        super().__init__()
        self._always = {"service": service, "region": region}

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            **self._always,
            "part": record.name.removeprefix("domicile."),
            "event": str(record.msg)[:TEXT_LENGTH_MAX],
        }
        trace = current_trace()
        if trace:
            line |= {"trace_id": trace.trace_id, "span_id": trace.span_id}
        line |= _allowed(getattr(record, "domicile_fields", {}))
        if record.exc_info and record.exc_info[1]:
            line |= _described(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def configure_logs(service: str, region: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send all logging of this process, libraries included, to `stream` (stderr) as JSON lines.

    `level`: a name that `logging` knows; ValueError else.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(service, region))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Libraries speak of single requests below WARNING.
    for name in ("httpx", "httpcore", "uvicorn", "uvicorn.error", "asyncio", "faust", "aiokafka"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)


def _allowed(fields: dict[str, object]) -> dict[str, object]:
    line: dict[str, object] = {}
    withheld = []
    for key, value in fields.items():
        if key not in KEYS:
            withheld.append(key)
        elif value is None or isinstance(value, bool | int | float):
            line[key] = value
        else:
            line[key] = str(value)[:TEXT_LENGTH_MAX]
    if withheld:
        line["withheld"] = sorted(withheld)
    return line


def _described(error: BaseException) -> dict[str, object]:
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    described: dict[str, object] = {
        "error": type(error).__qualname__,
        "where": [f"{frame.filename.split('/site-packages/')[-1]}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if isinstance(error, DomicileError):
        described["code"] = error.code
    return described
