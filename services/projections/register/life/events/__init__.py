"""How each type of event is folded into a life: one function per type. Importing this package registers them all."""

from services.projections.register.life.events import (
    departures,
    exchange,
    households,
    marks,
    moves,
    papers,
    services,
    unions,
    vital,
)

__all__ = ["departures", "exchange", "households", "marks", "moves", "papers", "services", "unions", "vital"]
