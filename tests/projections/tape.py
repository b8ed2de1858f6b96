"""Choices read off a tape of bytes: one draw makes a whole history, and a shorter or smaller tape a simpler one."""

from dataclasses import dataclass
from typing import Any

from services.projections.register.life.days import as_date
from tests.projections.sentences import Log, day

PEOPLE = ("ada", "ben", "cyd", "dan", "eve")
PSEUDONYM = "p-1"
AREAS = ("A", "B", "C")
_FIRST_DAY = day("2001-01-01")


@dataclass
class Tape:
    """Choices, and only the first of each once the tape is at its end."""

    left: bytes
    at: int = 0

    def number(self, below: int) -> int:
        self.at += 1
        return self.left[self.at - 1] % below if self.at <= len(self.left) else 0

    def one_of(self, choices: Any) -> Any:
        return choices[self.number(len(choices))]

    def seldom(self) -> bool:
        return self.number(6) == 5


def choose_day(tape: Tape) -> str:
    """Days close enough to collide; sometimes of other years, sometimes the month or year only."""
    days = tape.number(40) if tape.number(4) else tape.number(256) * 19
    text = as_date(_FIRST_DAY + days).isoformat()
    exactness = tape.number(12)
    return text[:7] if exactness == 11 else text[:4] if exactness == 10 else text


def choose_birth(tape: Tape) -> str | None:
    return tape.one_of(("1980-05-03", "1980-05-03", "1980-05", "1980", "2001-01-09", "1979-01-01", None))


def choose_identity(tape: Tape) -> dict[str, Any]:
    born = choose_birth(tape)
    sex = tape.one_of(("female", "female", "female", "male", "unknown"))
    return {"sex": sex} if born is None else {"sex": sex, "birth_on": born}


def choose_person(tape: Tape) -> str:
    return str(tape.one_of(PEOPLE))


def choose_place(tape: Tape, end: str) -> dict[str, Any]:
    choice = tape.number(5)
    known = (
        {f"{end}_kind": "region", f"{end}_region": "south", f"{end}_area": "S1"},
        {f"{end}_kind": "region", f"{end}_region": "south"},
        {f"{end}_kind": "abroad", f"{end}_country": "NO"},
        {f"{end}_kind": "abroad"},
        {f"{end}_kind": "unknown"},
    )
    return known[choice]


def choose_registered(tape: Tape) -> dict[str, Any]:
    choice: dict[str, Any] = tape.one_of(
        (
            {},
            {},
            {},
            {"registered_area": "B"},
            {"registered_region": "unknown"},
            {"registered_region": "south", "registered_area": "S1"},
        )
    )
    return choice


def choose_status(tape: Tape) -> str | None:
    return tape.one_of((None, None, "never-married", "married", "divorced", "widowed", "unknown"))


def choose_earlier(tape: Tape, log: Log, event_type: str) -> bytes | None:
    found = [fact.event_id for fact in log.facts if fact.type == event_type]
    return tape.one_of([None, *found]) if found else None
