"""The oracle of the fault tests: a journal that is kept outside the system, and what must be true of the log after it.

Like Kafka's own system tests: the driver writes down what it is about to send and what it heard; then everything is
read back. An attempt that was sent and never answered is *unknown*.

- lost: acknowledged, and not on the log;
- phantom: on the log, and never sent, or refused every time, or with another content than was sent;
- two_contents: one event id with two contents on the log;
- doubled: more than one copy of an event whose outcome was never unknown (a second copy of an unknown one is allowed:
  of several copies the earliest counts);
- unsettled: sent, and in the end neither acknowledged nor refused.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tests.office import Post
from tests.on_the_log import read_log

ACKNOWLEDGED, REFUSED, UNKNOWN = "acknowledged", "refused", "unknown"


class Copy(NamedTuple):
    """A record on the log. `content`: what it says, as `content_of_record` hashes it."""

    event_id: str
    content: str


@dataclass(frozen=True)
class Verdict:
    """What was found wrong, and how much was looked at. Of each fault the event ids."""

    lost: list[str]
    phantom: list[str]
    two_contents: list[str]
    doubled: list[str]
    unsettled: list[str]
    acknowledged: int
    was_unknown: int

    @property
    def faults(self) -> dict[str, list[str]]:
        """Empty when every promise was kept."""
        named = ("lost", "phantom", "two_contents", "doubled", "unsettled")
        return {name: getattr(self, name) for name in named if getattr(self, name)}


class Journal:
    """Lines of JSON, each written before or after the thing that it tells of."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1)
        self._attempts: dict[str, list[str]] = defaultdict(list)
        self._contents: dict[str, str] = {}
        self.acknowledged_count = 0

    def note_sent(self, post: Post) -> None:
        """Before it is sent."""
        event_id = post["event_id"]
        content = content_of_post(post)
        self._contents.setdefault(event_id, content)
        self._attempts[event_id].append(UNKNOWN)
        self._write("sent", event_id, content)

    def note_heard(self, event_id: str, outcome: str) -> None:
        """When it was answered. `outcome`: acknowledged, refused (surely not taken) or unknown."""
        self._attempts[event_id][-1] = outcome
        self.acknowledged_count += outcome == ACKNOWLEDGED
        self._write(outcome, event_id, "")

    def list_unsettled(self) -> list[str]:
        """Event ids that were never acknowledged."""
        return [event_id for event_id, heard in self._attempts.items() if ACKNOWLEDGED not in heard]

    def judge(self, copies: Iterable[Copy]) -> Verdict:
        """Compares the journal with the log. `copies`: all records of the journal's office."""
        found: dict[str, list[str]] = defaultdict(list)
        for copy in copies:
            found[copy.event_id].append(copy.content)
        return Verdict(
            lost=[i for i, heard in self._attempts.items() if ACKNOWLEDGED in heard and i not in found],
            phantom=[i for i, contents in found.items() if self._is_phantom(i, contents)],
            two_contents=[i for i, contents in found.items() if len(set(contents)) > 1],
            doubled=[i for i, contents in found.items() if len(contents) > 1 and UNKNOWN not in self._attempts[i]],
            unsettled=[i for i, heard in self._attempts.items() if heard[-1] == UNKNOWN],
            acknowledged=sum(ACKNOWLEDGED in heard for heard in self._attempts.values()),
            was_unknown=sum(UNKNOWN in heard for heard in self._attempts.values()),
        )

    def _is_phantom(self, event_id: str, contents: list[str]) -> bool:
        heard = self._attempts.get(event_id)
        if not heard or all(outcome == REFUSED for outcome in heard):
            return True
        return any(content != self._contents[event_id] for content in contents)

    def _write(self, what: str, event_id: str, content: str) -> None:
        self._file.write(json.dumps([what, event_id, content]) + "\n")


def content_of_post(post: Post) -> str:
    """A hash of what a birth says, computed without anything of the system."""
    day = (date.fromisoformat(post["occurred_on"]) - date(1970, 1, 1)).days
    at = int(datetime.fromisoformat(post["registered_at"]).timestamp() * 1000)
    roles = [subject["role"] for subject in post["subjects"]]
    return _hash(day, at, post["sex"], post["office"], post["residence_area"], roles)


def content_of_record(record: dict[str, Any]) -> str:
    """The same of a record of the log."""
    roles = [subject["role"] for subject in record["subjects"]]
    said = (record[name] for name in ("occurred_on", "registered_at", "sex", "office", "residence_area"))
    return _hash(*said, roles)


def read_copies(kafka: str, region: str, office: str) -> list[Copy]:
    """The records of births on the region's log that came from one office."""
    return [
        Copy(each.event_id, content_of_record(each.record))
        for each in read_log(kafka, region, ["registration"], holding=office.encode())
        if each.type == "BirthRegistered" and each.record["office"] == office
    ]


def _hash(*said: Any) -> str:
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
