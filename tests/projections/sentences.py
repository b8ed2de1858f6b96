"""Facts for tests, made from a few words each: what a register would have read of a log."""

import hashlib
from collections.abc import Mapping
from datetime import date
from itertools import count
from typing import Any

from services.projections.register.life import HANDLERS, Fact, Subject
from services.projections.register.life.days import as_day

REGION = "north"
_DAY_MS = 86_400_000


def key(name: str) -> bytes:
    """An id for a name: of a person, an event, a household."""
    return hashlib.blake2b(name.encode(), digest_size=16).digest()


def day(text: str) -> int:
    """Days from 1970 of 2001-02-03, 2001-02 or 2001 (the first of the period)."""
    return as_day(date.fromisoformat(text + "-01" * (2 - text.count("-"))))


def precision(text: str) -> str:
    return ("year", "month", "day")[text.count("-")]


def make_fact(
    event_type: str,
    on: str,
    subjects: Mapping[str, str | bytes | Subject],
    *,
    event_id: bytes,
    position: int,
    values: Mapping[str, Any],
    registered: str | None = None,
    area: str | None = None,
    **envelope: Any,
) -> Fact:
    """A fact as a reader makes it. `values`: by field; what is left out is null. `registered`: by default `on`."""
    handler = HANDLERS.get(event_type)
    fields = () if handler is None else handler.fields
    first = day(on)
    fact = Fact(
        event_id=event_id,
        thread_id=event_id,
        recorded_at=1_000 + position,
        topic=f"{REGION}.registration",
        partition=0,
        offset=position,
        content_tag=event_id,
        type=event_type,
        occurred_on=first,
        precision=precision(on),
        registered_at=(first if registered is None else day(registered)) * _DAY_MS + position,
        residence_area=area,
        occurrence_area=None,
        office="A-1",
        source="office",
        caused_by=None,
        link_id=None,
        subjects=tuple(_subject(role, person) for role, person in subjects.items()),
        values=tuple(values.get(field) for field in fields),
    )
    return fact._replace(**envelope) if envelope else fact


def _subject(role: str, person: str | bytes | Subject) -> Subject:
    if isinstance(person, Subject):
        return person
    return Subject(role, REGION, key(person) if isinstance(person, str) else person, "person_id")


class Log:
    """Takes facts down one after the other. Every method gives the fact, which is on the log already.

    Field values that are dates are given as text: `birth_on="1980-05"` sets the precision beside it.
    """

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self._numbers = count()

    def say(
        self,
        event_type: str,
        on: str,
        *,
        area: str | None = None,
        registered: str | None = None,
        event: str | None = None,
        envelope: Mapping[str, Any] | None = None,
        **words: Any,
    ) -> Fact:
        """One event: words that are roles of it name people, the others are fields."""
        number = next(self._numbers)
        subjects = {role: who for role, who in words.items() if role in ROLES and who is not None}
        values: dict[str, Any] = {}
        for name, value in words.items():
            if name in ROLES:
                continue
            if name.endswith("_on") and isinstance(value, str):
                values[name], values[f"{name}_precision"] = day(value), precision(value)
            elif name.endswith("_id") and isinstance(value, str):
                values[name] = key(value)
            else:
                values[name] = value
        fact = make_fact(
            event_type,
            on,
            subjects,
            event_id=key(event or f"event {number}"),
            position=number,
            values=values,
            registered=registered,
            area=area,
            **(envelope or {}),
        )
        self.facts.append(fact)
        return fact

    def correct(self, target: Fact, on: str, replacement: Fact, **words: Any) -> Fact:
        """`replacement`: said on another log; it takes the target's id."""
        people = {s.person_id: s._replace(role="before") for s in (*target.subjects, *replacement.subjects)}
        act = self.say("EventCorrected", on, **words)
        instead = replacement._replace(event_id=target.event_id, thread_id=target.event_id, caused_by=act.event_id)
        return self._put(act._replace(thread_id=target.event_id, replacement=instead, subjects=tuple(people.values())))

    def annul(self, target: Fact, on: str, **words: Any) -> Fact:
        act = self.say("EventAnnulled", on, **words)
        people = tuple(s._replace(role="before") for s in target.subjects)
        return self._put(act._replace(thread_id=target.event_id, subjects=people))

    def _put(self, fact: Fact) -> Fact:
        self.facts[-1] = fact
        return fact


ROLES = frozenset({
    "child", "mother", "father", "parent", "person", "deceased", "surviving_spouse", "first_spouse", "second_spouse",
    "mover", "counterpart", "member", "holder", "kept", "merged", "spouse", "before", "after",
})  # fmt: skip
