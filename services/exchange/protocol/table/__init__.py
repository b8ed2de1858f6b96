"""The protocol as data: one table for each type of conversation. Everything else reads it."""

from services.exchange.protocol.table.discrepancy import DISCREPANCY
from services.exchange.protocol.table.move import MOVE
from services.exchange.protocol.table.verification import VERIFICATION

TABLES = {table.talk: table for table in (MOVE, VERIFICATION, DISCREPANCY)}

__all__ = ["TABLES"]
