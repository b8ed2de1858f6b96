"""`domicile post`: a few events by hand, and what became of each of them."""

import hashlib
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from services.ingest.client.door import Door
from services.ingest.client.event_ids import make_row_ids
from services.ingest.client.ndjson import with_event_id
from services.ingest.client.transport import JSON, NDJSON, Answer, Connection, NoAnswer
from services.kernel.asking import CannotGoOn

ITEMS_MAX = 5000
_PATIENCE_S = 30.0
_WAITING = (429, 503)
_STDIN = "-"


@dataclass(frozen=True, slots=True)
class Posted:
    """`outcomes`: one object per event, in order, as ingest told it (a refused one has `code` and
    `status`).
    """

    outcomes: list[dict[str, Any]]

    @property
    def refused(self) -> int:
        return sum(1 for outcome in self.outcomes if outcome.get("code"))


def read_posts(name: str) -> bytes:
    """The bytes of a file, or of standard input for `-`."""
    if name == _STDIN:
        return sys.stdin.buffer.read()
    path = Path(name)
    if not path.is_file():
        raise CannotGoOn(f"There is no file {path}.", "A single `-` reads from standard input.")
    return path.read_bytes()


def post(door: Door, text: bytes, dry_run: bool = False) -> Posted:
    """Posts one JSON event, an array of them, or one per line.

    Events without an event_id get one that follows from the whole text, so that posting it again is a repeat.
    """
    body = text.strip(b"\xef\xbb\xbf \t\r\n")
    if not body:
        raise CannotGoOn("There is nothing to post.")
    row_id = make_row_ids(f"post/{hashlib.sha256(body).hexdigest()}")
    query = "?dry_run=true" if dry_run else ""
    items, kind = _items(body)
    if len(items) > ITEMS_MAX:
        raise CannotGoOn(f"{len(items):,} events are too many for `post`.", "Use `domicile import`.")
    posts = [with_event_id(item, lambda n=number: row_id(n)) for number, item in enumerate(items)]  # type: ignore[misc]
    if kind == "one":
        return Posted([_outcome(_ask(door, f"/v1/events{query}", posts[0], JSON))])
    if kind == "array":
        answer = _ask(door, f"/v1/events:batch{query}", b"[" + b",".join(posts) + b"]", JSON)
    else:
        answer = _ask(door, f"/v1/events:batch{query}", b"\n".join(posts) + b"\n", NDJSON)
    if answer.status != 200:
        return Posted([_outcome(answer)])
    return Posted([dict(outcome) for outcome in answer.json().get("outcomes", [])])


def _items(body: bytes) -> tuple[list[bytes], str]:
    if body.startswith(b"["):
        try:
            return [bytes(item) for item in msgspec.json.decode(body, type=list[msgspec.Raw])], "array"
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise CannotGoOn("The array is not valid JSON.", "Check it with a JSON validator.") from None
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
        return [body], "one"
    except (msgspec.DecodeError, UnicodeDecodeError):
        lines = [line for line in body.split(b"\n") if line.strip()]
        if len(lines) > 1 and all(line.lstrip().startswith(b"{") for line in lines):
            return lines, "lines"
        return [body], "one"  # ingest says what is wrong with it


def _ask(door: Door, path: str, body: bytes, content_type: str) -> Answer:
    connection = Connection(door.url)
    until = time.monotonic() + _PATIENCE_S
    try:
        while True:
            answer = connection.post(path, body, content_type, door.token())
            if answer.status not in _WAITING or time.monotonic() + answer.retry_after_s > until:
                return answer
            time.sleep(answer.retry_after_s)
    except NoAnswer as wrong:
        raise CannotGoOn(f"Nobody answers at {door.url} ({wrong}).", "Look at `domicile status`.") from None
    finally:
        connection.close()


def _outcome(answer: Answer) -> dict[str, Any]:
    told = answer.json()
    if answer.status >= 500 or (answer.status in (401, 404, 429) and "code" not in told):
        waiting = answer.status == 503
        raise CannotGoOn(
            f"Ingest answers {answer.status}: {told.get('detail') or told.get('title') or 'no reason given'}",
            "Post the same again later; a repeat is harmless." if waiting else "",
        )
    return {"status": answer.status, **told}


def as_text(outcome: dict[str, Any]) -> str:
    """What became of one event, for people."""
    if outcome.get("code"):
        where = f" at {outcome['path']}" if outcome.get("path") else ""
        said = f"refused {outcome.get('event_id') or ''}".rstrip()
        lines = [f"{said}: {outcome['code']}{where}"]
        lines += [f"  rule:   {outcome['rule']}"] if outcome.get("rule") else []
        lines += [f"  remedy: {outcome['remedy']}"] if outcome.get("remedy") else []
        lines += [f"  also:   {e.get('code')} at {e.get('path')}" for e in outcome.get("errors", [])]
        return "\n".join(lines)
    position = outcome.get("position") or {}
    where = "{topic}/{partition}@{offset}".format(**position) if "offset" in position else ""
    lines = [f"{outcome.get('outcome', 'recorded')} {outcome.get('event_id', '')}  {where}".rstrip()]
    for subject in outcome.get("subjects", []):
        if isinstance(subject, dict):
            how = subject.get("identified_by", "")
            lines.append(f"  {subject.get('role')}: {subject.get('person_id')}" + (f"  by {how}" if how else ""))
    lines += [f"  finding: {finding}" for finding in outcome.get("findings", [])]
    return "\n".join(lines)
