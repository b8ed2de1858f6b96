"""What a format must be able to do."""

from typing import Protocol

from services.projections.api.statistics.records import Block


class Writer(Protocol):
    """Made for one file and one table."""

    def write(self, block: Block) -> None:
        """Some rows."""
        ...

    def close(self) -> None:
        """What stands after the last row. The file stays open."""
        ...
