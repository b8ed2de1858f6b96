"""Two regions that talk as in the tests of the protocol, with ids as they are in earnest."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from services.exchange.protocol import Decision
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.envelope import derive_id
from services.exchange.protocol.stimuli import RegisterEvent, Say
from tests.exchange.protocol.two_sides import MONDAY, Sides
from tests.exchange.protocol.words import body_of

ARRIVAL = derive_id(MONDAY, "arrival")
DEPARTURE = derive_id(MONDAY, "departure")
PERSON = UUID(derive_id(MONDAY, "person"))


class Spoken(Sides):
    """`decisions`: of each side, with the events that they made."""

    def __init__(self, first: str = "201") -> None:
        super().__init__(first)
        self.decisions: dict[str, list[Decision]] = {"north": [], "south": []}
        north = self.sides["north"]
        self.sides["north"] = replace(north, ids=(derive_id(MONDAY, "conversation"),))

    def say(self, side: str, code: str, outcome: str = "", to: str | None = None, **facts: Any) -> Decision:
        self._said += 1
        answers = CATALOGUE[code].answers if to is None else {to}
        reply_to = next((each.id for each in reversed(self.sides[side].taken) if each.code in answers), None)
        asked = facts.pop("response_required", False)
        ids = {
            "201": {"registration_id": ARRIVAL},
            "211": {"registration_id": ARRIVAL},
            "202": {"departure_event_id": DEPARTURE},
        }
        body = body_of(code, outcome, **(ids.get(code, {}) | facts))
        wish = Say(code, body, derive_id(self.now, self._said), "0980-1", reply_to, response_required=asked)
        return self.happen(side, wish)

    def happen(self, side: str, stimulus: Any) -> Decision:
        decision = super().happen(side, stimulus)
        self.decisions[side].append(decision)
        return decision

    def events_of(self, side: str, type_: str) -> list[RegisterEvent]:
        return [event for event in self.events[side] if event.type == type_]
