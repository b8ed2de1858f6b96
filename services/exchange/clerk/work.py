"""What came of a round of duties."""

from dataclasses import dataclass, field
from datetime import datetime

from services.exchange.clerk.desk import Case
from services.exchange.clerk.plans import Plan


@dataclass(slots=True)
class Work:
    """`later`: nothing can be done yet. `until`: by conversation, when to look again. `people`: by conversation, why
    people must see to it. `arrived_from`: partners from whom somebody has arrived.
    """

    plans: list[Plan] = field(default_factory=list)
    later: list[Case] = field(default_factory=list)
    until: dict[str, datetime] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    arrived_from: set[str] = field(default_factory=set)

    def add(self, other: "Work") -> None:
        self.plans += other.plans
        self.later += other.later
        self.until |= other.until
        self.people |= other.people
        self.arrived_from |= other.arrived_from
