"""What the house does not confirm, however well somebody was found."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from services.exchange.clerk.answering import Answering
from services.exchange.clerk.desk import Case
from services.exchange.clerk.duties import SEEN_LATER, duty_of
from services.exchange.clerk.settling import Settling
from services.exchange.protocol.stimuli import Finding, Say
from services.exchange.register.snapshots import Look
from tests.exchange.protocol.two_sides import Sides
from tests.exchange.protocol.words import body_of

PERSON = UUID(int=7)


class _NoParts:
    async def open_parts(self, message_ids: list[str]) -> dict[str, Any]:
        return {}


class _Today:
    def now(self) -> datetime:
        return datetime(2026, 3, 2, 23, tzinfo=UTC)


def _paired(moved_in_on: str) -> Case:
    sides = Sides()
    sides.say("north", "201", moved_in_on=moved_in_on)
    sides.find("south", Finding.PAIRED)
    conversation = sides.sides["south"]
    duty = duty_of(conversation, knows_person=True)
    assert duty is not None
    return Case(conversation, duty, PERSON, 3, 0)


@pytest.mark.parametrize(
    ("day", "is_ahead"), [("2026-03-01", False), ("2026-03-03", False), ("2026-03-04", True), ("2030-01-01", True)]
)
async def test_a_move_that_lies_in_the_future_is_for_people(day: str, is_ahead: bool) -> None:
    """The register would not take its day, and the two books would differ."""
    nothing: Any = None
    answering = Answering(nothing, nothing, _NoParts(), nothing, nothing, nothing, _Today(), nothing)  # type: ignore[arg-type]
    case = _paired(day)
    assert answering._is_ahead(case) is is_ahead
    if is_ahead:
        work = await answering.answer([case])
        assert (work.plans, work.later, work.people) == ([], [], {case.id: "in-the-future"})
        assert "in-the-future" in SEEN_LATER


class _Register:
    """Holds everybody, and lets nobody more go."""

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[None]:
        yield

    async def read(self, connection: None, looks: Sequence[Look], what_for: str) -> dict[str, Any]:
        return {look.conversation_id: object() for look in looks}

    async def find_room(self, partners: list[str], now: datetime) -> dict[str, int]:
        return dict.fromkeys(partners, 0)

    def tell(self, partner: str, now: datetime) -> None:
        """It is told."""


async def test_a_partner_that_claims_too_many_in_a_day_is_looked_at_by_people() -> None:
    nothing: Any = None
    register: Any = _Register()
    parts: Any = _NoParts()
    answering = Answering(nothing, register, parts, nothing, nothing, register, _Today(), register)
    case = _paired("2026-03-01")
    work = await answering.answer([case])
    assert (work.plans, work.later, work.people) == ([], [], {case.id: "many-outflows"})
    assert "many-outflows" in SEEN_LATER


@pytest.mark.parametrize(
    ("day", "is_doubtful"),
    [(None, True), (date(2026, 1, 1), True), (date(2026, 3, 9), True), (date(2026, 2, 20), False)],
)
async def test_a_death_without_a_day_that_can_be_is_for_people(day: date | None, is_doubtful: bool) -> None:
    sides = Sides()
    sides.say("north", "201")
    sides.find("south", Finding.PAIRED)
    sides.say("south", "203", "CONFIRMED")
    sides.say("north", "213")
    body = body_of("401", "ENDS_STAY", change_kind="DEATH")
    sides.happen("north", Say("401", body, "m-death", effective_on=day))
    conversation = sides.sides["south"]
    duty = duty_of(conversation)
    assert duty is not None
    nothing: Any = None
    settling = Settling(nothing, nothing, nothing, nothing, _Today())
    work = await settling.close([Case(conversation, duty, PERSON, 5, 0)])
    assert (len(work.plans), work.people) == ((0, {conversation.id: "death-without-day"}) if is_doubtful else (1, {}))
