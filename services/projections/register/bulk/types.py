"""The tables' column types, as columns in memory have them."""

from collections.abc import Mapping
from typing import Final

import polars

from services.projections.register.life.rows import TABLES as LIVES
from services.projections.register.tables import type_of
from services.projections.statistics.rows import TABLES as COUNTED

_TYPES: Final[Mapping[str, polars.DataType]] = {
    "uuid": polars.Binary(),
    "text": polars.String(),
    "integer": polars.Int32(),
    "smallint": polars.Int16(),
    "boolean": polars.Boolean(),
}
COLUMN_TYPES: Final[Mapping[str, Mapping[str, polars.DataType]]] = {
    table: {column: _TYPES[type_of(column)] for column in columns}
    for table, columns in (*LIVES.items(), *COUNTED.items())
}
"""Of the tables that are derived from lives: table → column → type."""
