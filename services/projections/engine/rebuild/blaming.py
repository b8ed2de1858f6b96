"""Which records of a part raise something when it is folded: halved until they stand alone, as the live build does.

Nothing that is tried here stays. What is found is left out, and the part is folded without it.
"""

from collections.abc import Awaitable, Callable, Sequence

from services.kernel.database.weather import is_weather
from services.projections.engine.projection import Place
from services.projections.engine.rebuild.order import TOO_MANY, Stop

Try = Callable[[frozenset[Place]], Awaitable[None]]
"""Folds the part without these records; raises what they raise."""


class Blaming:
    """`places`: all records of the part, in an order that does not depend on who reads. `most`: more is no chance."""

    def __init__(self, places: Sequence[Place], try_without: Try, most: float) -> None:
        self._places, self._try_without, self._most = places, try_without, most
        self._found: dict[Place, Exception] = {}

    async def find(self) -> dict[Place, Exception]:
        """What each of them raises. Raises Stop if they are too many, and whatever the weather is."""
        await self._halve(self._places)
        # What raises only together with others: the last of the first few that do.
        while (error := await self._try([place for place in self._places if place not in self._found])) is not None:
            self._add(await self._find_last(), error)
        return self._found

    async def _halve(self, places: Sequence[Place]) -> None:
        error = await self._try(places)
        if error is None:
            return
        if len(places) == 1:
            self._add(places[0], error)
            return
        middle = len(places) // 2
        await self._halve(places[:middle])
        await self._halve(places[middle:])

    async def _find_last(self) -> Place:
        left = [place for place in self._places if place not in self._found]
        fine, raises = 0, len(left)
        while raises - fine > 1:
            middle = (fine + raises) // 2
            if await self._try(left[:middle]) is None:
                fine = middle
            else:
                raises = middle
        return left[raises - 1]

    async def _try(self, places: Sequence[Place]) -> Exception | None:
        try:
            await self._try_without(frozenset(self._places) - frozenset(places))
        except Exception as error:
            if is_weather(error):
                raise
            return error
        return None

    def _add(self, place: Place, error: Exception) -> None:
        self._found[place] = error
        if len(self._found) > self._most:
            raise Stop(TOO_MANY)
