"""All indicators, by id. A new one is a declaration in its family's file."""

from collections.abc import Mapping
from types import MappingProxyType

from services.projections.statistics.indicators import (
    beyond,
    fertility,
    floating,
    mobility,
    mortality,
    registration,
    unions,
    vital,
)
from services.projections.statistics.indicators.declaration import Indicator

_FAMILIES = (vital, fertility, mortality, unions, mobility, floating, registration, beyond)
CATALOGUE: Mapping[str, Indicator] = MappingProxyType(
    {indicator.id: indicator for family in _FAMILIES for indicator in family.INDICATORS}
)
