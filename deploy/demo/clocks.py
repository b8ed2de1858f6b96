"""The clocks of the demo's regions: its exchange begins weeks ago and comes to today, so that deadlines pass on screen.

Record time is never theirs: it is the broker's.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from deploy.local.regions import find_clock_offset_file
from services.kernel.clock import SystemClock


class Clocks:
    """All processes of the regions look at the same files; a fifth of a second later they know."""

    def __init__(self, home: Path, regions: Sequence[str]) -> None:
        self._files = [find_clock_offset_file(home, region) for region in regions]
        self._machine = SystemClock()
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """What the regions think it is."""
        return self._machine.now() + self._offset

    def set_to(self, instant: datetime) -> None:
        """From now on it is then."""
        self._shift(instant - self._machine.now())

    def set_right(self) -> None:
        """The time of the machine again."""
        self._shift(timedelta(0))

    def _shift(self, offset: timedelta) -> None:
        self._offset = offset
        for file in self._files:
            file.write_text(str(offset.total_seconds()))
