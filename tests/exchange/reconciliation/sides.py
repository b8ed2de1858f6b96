"""Two registers that agree, and differences planted into them, of every kind, with what must be found."""

import random
from dataclasses import dataclass, field
from typing import Self

from services.exchange.journal.findings import FindingKind
from services.exchange.reconciliation.digests import HeldLink
from services.kernel.codec.posts.dates import EPOCH

K = FindingKind
TODAY = 739_000 - EPOCH


@dataclass
class Side:
    """What one register holds: living links, and ids of links that it holds as ended."""

    living: dict[bytes, HeldLink] = field(default_factory=dict)
    ended: dict[bytes, HeldLink] = field(default_factory=dict)

    def put(self, link: HeldLink) -> None:
        self.living[link.link_id] = link

    def end(self, link_id: bytes) -> None:
        self.ended[link_id] = self.living.pop(link_id)

    def in_order(self) -> list[HeldLink]:
        return sorted(self.living.values(), key=lambda link: (link.person_id, link.link_id))


@dataclass
class Sides:
    """`north` is the destination of links that are incoming there. `planted`: (link, kind), as must be found."""

    chance: random.Random
    north: Side = field(default_factory=Side)
    south: Side = field(default_factory=Side)
    planted: set[tuple[bytes, str]] = field(default_factory=set)
    _untouched: list[bytes] = field(default_factory=list)

    @classmethod
    def agreeing(cls, count: int, seed: int) -> Self:
        """Links that both hold; every seventh goes the other way, every hundredth was settled by silence."""
        sides = cls(random.Random(seed))
        for number in range(count):
            sides.add(number % 7 != 0, is_tacit=number % 100 == 0)
        sides._untouched = list(sides.north.living)
        sides.chance.shuffle(sides._untouched)
        return sides

    def add(self, is_incoming: bool, *, is_tacit: bool = False) -> bytes:
        link_id, day = self.chance.randbytes(16), TODAY - self.chance.randrange(4000)
        self.north.put(HeldLink(link_id, self.chance.randbytes(16), day, is_incoming, is_tacit))
        self.south.put(HeldLink(link_id, self.chance.randbytes(16), day, not is_incoming, is_tacit))
        return link_id

    def plant(self, count: int) -> None:
        """So many of every kind, on either side by turns."""
        for number in range(count):
            one, other = (self.north, self.south) if number % 2 else (self.south, self.north)
            self.lose(one, other, is_incoming=True)
            self.lose(one, other, is_incoming=False)
            for plant in (self.end, self.shift, self.split):
                plant(one, other)

    def lose(self, one: Side, other: Side, *, is_incoming: bool) -> None:
        """`one` does not hold it any more: it is one-sided at the other, where it is incoming or not."""
        wanted = is_incoming == (other is self.north)
        link_id = self._take(lambda link: link.is_incoming == wanted)
        del one.living[link_id]
        self.planted.add((link_id, K.ONE_SIDED_AT_D if is_incoming else K.ONE_SIDED_AT_O))

    def end(self, one: Side, other: Side) -> None:
        link_id = self._take()
        one.end(link_id)
        self.planted.add((link_id, K.STATE_DIFFERS))

    def shift(self, one: Side, other: Side) -> None:
        link_id = self._take(lambda link: not link.is_tacit)
        held = one.living[link_id]
        one.put(held._replace(from_day=(held.from_day or 0) + self.chance.choice((-30, -1, 1, 400))))
        self.planted.add((link_id, K.DATES_DIFFER))

    def split(self, one: Side, other: Side) -> None:
        """Two links are one person's at `one`, and two people's at the other."""
        first, second = sorted((self._take(lambda link: link.is_incoming), self._take(lambda link: link.is_incoming)))
        one.put(one.living[second]._replace(person_id=one.living[first].person_id))
        self.planted.add((second, K.DUPLICATE_PERSON))

    def _take(self, fits: object = None) -> bytes:
        for place in range(len(self._untouched) - 1, -1, -1):
            link_id = self._untouched[place]
            if fits is None or fits(self.north.living[link_id]):  # type: ignore[operator]
                del self._untouched[place]
                return link_id
        raise AssertionError("too few links")
