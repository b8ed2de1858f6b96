"""Which function folds which type of event into a life.

A new type of event that changes lives is one function:

    @handles("TypeOfEvent", MOVE)
    def name(life, fact, role, field_of_the_schema, another): ...

Its parameters after the third are the schema's fields whose values it wants. It is called once for every role in which
the person stands in the event, in the order of `LifeCourse`'s timeline, and never raises: what contradicts the life so
far has an outcome and is a finding. A type without a function stands in timelines and changes nothing else.

A function compares days, areas and ids, and copies them. If it must calculate with a day, the result has to stand in a
row or change none: a rebuild folds lives that are alike only once (`register/bulk/alike`), and takes for alike what
compares in the same way. `tests/projections/register/test_alike.py` holds every type against the fold.
"""

from collections.abc import Callable
from typing import Any, Final

BIRTH, ENUMERATION, ARRIVAL, MOVE, DEPARTURE, ENDING, BEGINNING, FOLLOWING, CLOSING, DEATH = range(10)
"""The order of things on one day. Endings (a divorce) come before beginnings (a marriage); what follows up an earlier
step (a certificate issued on an application) comes after both, what closes it after that."""

ACTS: Final = frozenset({"EventCorrected", "EventAnnulled"})
MERGES: Final = frozenset({"PersonsMerged", "MergeReversed"})


class Handler:
    """A function that folds one type of event. `fields`: what it wants to know of the event, in its order."""

    __slots__ = ("fields", "fold", "rank")

    def __init__(self, fold: Callable[..., None], rank: int) -> None:
        names = fold.__code__.co_varnames[: fold.__code__.co_argcount]
        self.fold = fold
        self.rank = rank
        self.fields: tuple[str, ...] = names[3:]


HANDLERS: Final[dict[str, Handler]] = {}
"""By type of event; complete once the package `life` is imported."""


def handles(event_type: str, rank: int = BEGINNING) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers the function for a type of event. `rank`: its place within a day."""

    def register(fold: Callable[..., None]) -> Callable[..., None]:
        if event_type in HANDLERS:
            raise ValueError(f"{event_type} has a handler already")
        HANDLERS[event_type] = Handler(fold, rank)
        return fold

    return register


def get_rank(event_type: str) -> int:
    """The place within a day of a type of event, whether anything folds it or not."""
    handler: Any = HANDLERS.get(event_type)
    return BEGINNING if handler is None else int(handler.rank)
