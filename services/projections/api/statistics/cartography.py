"""The map as it stands in the tables, kept between questions for as long as nothing was said of areas."""

from collections import OrderedDict

from services.kernel.database import Connection
from services.projections.api.statistics.lens import DayLens, EventLens, Lens
from services.projections.geography.atlas import Atlas
from services.projections.geography.queries import fetch_atlas
from services.projections.statistics.indicators.spans import Span

LENSES_MAX = 8
# What is known of areas changes by events alone; each stands once, the copy that counts may change.
_EDITION = """
SELECT v.number, count(e.event_id), coalesce(sum(length(e.fact)), 0)::bigint
FROM projection.version AS v LEFT JOIN geography.event AS e ON true
WHERE v.projection = 'geography' AND v.state = 'live' GROUP BY v.number
"""


class Cartography:
    """One map of all days, and the views of it that were asked for last."""

    def __init__(self, atlas: Atlas) -> None:
        self.atlas = atlas
        self._lenses: OrderedDict[int, DayLens] = OrderedDict()

    def lens(self, at: int | None, span: Span) -> Lens:
        """`at`: None for the map as at the event."""
        if at is None:
            return EventLens(self.atlas, span)
        if at not in self._lenses:
            self._lenses[at] = DayLens(self.atlas, at)
            if len(self._lenses) > LENSES_MAX:
                self._lenses.popitem(last=False)
        self._lenses.move_to_end(at)
        return self._lenses[at]


class MapKeeper:
    """Reads the map anew when events about areas were applied since."""

    def __init__(self) -> None:
        self._edition: object = None
        self._cartography = Cartography(Atlas((), (), ()))

    async def get(self, connection: Connection) -> Cartography:
        """The map of the connection's snapshot."""
        row = await connection.fetchrow(_EDITION)
        edition = None if row is None else tuple(row)
        if edition != self._edition or edition is None:
            self._cartography = Cartography(await fetch_atlas(connection))
            self._edition = edition
        return self._cartography
