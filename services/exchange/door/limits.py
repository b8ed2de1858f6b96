"""What one partner may take of us, so that a hostile or a broken one leaves the others alone."""

from collections import OrderedDict
from dataclasses import dataclass, field
from time import monotonic

from services.kernel.errors import TooMany
from services.kernel.http.bodies import ByteBudget


@dataclass(frozen=True)
class Limits:
    """Per partner. `burst`: items at once, on top of which `items_per_s` are taken."""

    requests_max: int = 8
    bytes_max: int = 32 << 20
    items_per_s: float = 1000.0
    burst: float = 10_000.0
    feeds_max: int = 4


class Share:
    """What one partner holds now. Stands in for a `ByteBudget`."""

    def __init__(self, limits: Limits, whole: ByteBudget) -> None:
        self._limits = limits
        self._whole = whole
        self._bytes = 0
        self._requests = 0
        self._feeds = 0
        self._room = limits.burst
        self._filled_at = monotonic()

    @property
    def is_idle(self) -> bool:
        return not (self._bytes or self._requests or self._feeds)

    def take(self, count: int) -> None:
        """Holds bytes. TooMany("too-busy") where that is more than the partner's share, or than all there is."""
        if self._bytes + count > self._limits.bytes_max:
            raise TooMany("too-busy", retry_after_s=5.0)
        self._whole.take(count)
        self._bytes += count

    def give_back(self, count: int) -> None:
        self._whole.give_back(count)
        self._bytes -= count

    def enter(self) -> None:
        """One more request; TooMany("too-busy") beyond the partner's share."""
        if self._requests >= self._limits.requests_max:
            raise TooMany("too-busy", retry_after_s=2.0)
        self._requests += 1

    def leave(self) -> None:
        self._requests -= 1

    def listen(self) -> None:
        """One more feed; TooMany("too-busy") beyond the partner's share."""
        if self._feeds >= self._limits.feeds_max:
            raise TooMany("too-busy", retry_after_s=10.0)
        self._feeds += 1

    def stop_listening(self) -> None:
        self._feeds -= 1

    def charge(self, items: int) -> None:
        """TooMany("too-busy") where so many items may not be looked at now."""
        if not self.allow(items):
            raise TooMany("too-busy", retry_after_s=5.0)

    def allow(self, items: int) -> bool:
        """Whether so many items may be looked at now."""
        now = monotonic()
        self._room = min(self._limits.burst, self._room + (now - self._filled_at) * self._limits.items_per_s)
        self._filled_at = now
        if items > self._room:
            return False
        self._room -= items
        return True


@dataclass
class Shares:
    """By partner; where nobody is proved, by address. Idle strangers are forgotten first."""

    whole: ByteBudget
    limits: Limits = field(default_factory=Limits)
    kept_max: int = 1000
    _by_name: OrderedDict[str, Share] = field(default_factory=OrderedDict)

    def of(self, name: str) -> Share:
        """The share of one of them."""
        share = self._by_name.get(name)
        if share is None:
            self._make_room()
            share = self._by_name[name] = Share(self.limits, self.whole)
        self._by_name.move_to_end(name)
        return share

    def _make_room(self) -> None:
        if len(self._by_name) < self.kept_max:
            return
        for name, share in list(self._by_name.items()):
            if share.is_idle:
                del self._by_name[name]
                return
        raise TooMany("too-busy", retry_after_s=5.0)
