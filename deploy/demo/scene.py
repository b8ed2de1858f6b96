"""What the acts of the demo share: the running stack, the exploded files, and what the import brought."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.demo.clocks import Clocks
from deploy.demo.files import RegionFiles
from deploy.demo.stage import Stage
from deploy.local.stack import Region, Running
from services.ingest.client.door import Door
from services.ingest.client.importing import Summary
from services.kernel.contract.catalog import Catalog
from services.kernel.log.reader import LogReader, Partition, Range


@dataclass
class Scene:
    """`before`: where the log ended before the import; `imported`: the import's outcome by region; `fast`: of the
    people of the tables only some are here; `known_before`: an instant just before the demo corrected something;
    `mover`: Gotland's id of somebody who came from Jämtland.
    """

    stage: Stage
    home: Path
    running: Running
    files: Mapping[str, RegionFiles]
    catalog: Catalog
    reader: LogReader
    clocks: Clocks
    before: dict[Partition, Range] = field(default_factory=dict)
    imported: dict[str, Summary] = field(default_factory=dict)
    fast: bool = False
    known_before: str = ""
    mover: str = ""

    def region(self, name: str) -> Region:
        return self.running.regions[name]

    def door(self, name: str, role: str) -> Door:
        """The ingest of a region, entered in a role."""
        region = self.region(name)
        if region.ingest is None:
            raise RuntimeError(f"the ingest of {name} is not up")
        return Door(name, region.ingest, lambda: region.token(role))


Act = Callable[[Scene], None]


def must_be(true: bool, otherwise: str) -> None:
    """The demo shows promises; one that is broken ends it."""
    if not true:
        raise RuntimeError(otherwise)
