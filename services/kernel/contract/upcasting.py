"""Upcasting: a record of any version, as the latest version would have said it.

Bytes on the log keep the version that wrote them; handlers know only the latest. What a new version added gets the
default of its schema. Where a default cannot tell (a value computed from others), a step is registered below: a pure
function from version n to n + 1. Readers therefore decode with the writer's schema (fast) and upcast afterwards.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any

from services.kernel.contract.catalog import Catalog, EventVersion
from services.kernel.contract.fields import Field
from services.kernel.contract.refusals import UnknownSchema

Record = dict[str, Any]
Step = Callable[[Record], Record]


def confirmation_with_method(record: Record) -> Record:
    """ResidenceConfirmed 1 → 2: nobody asked how before, and we do not guess."""
    return record | {"method": "not-stated"}


STEPS: Mapping[tuple[str, int], Step] = MappingProxyType({("ResidenceConfirmed", 1): confirmation_with_method})
"""Steps by event type and the version that they start from. Types whose defaults say all have none."""


class Upcaster:
    """Knows the way from every old version to the latest."""

    def __init__(self, catalog: Catalog, steps: Mapping[tuple[str, int], Step] = STEPS) -> None:
        self._catalog = catalog
        self._steps = steps

    def upcast(self, record: Record, version: EventVersion) -> tuple[EventVersion, Record]:
        """The latest version of the type, and the (plain) record as it would have said it. `record` stays as it is.

        Raises UnknownSchema for a version that is newer than this copy of the contract.
        """
        latest = self._catalog.get_event(version.name)
        if version.version > latest.version:
            raise UnknownSchema(f"{version.name} v{version.version}")
        current = record
        for number in range(version.version, latest.version):
            step = self._steps.get((version.name, number))
            if step is not None:
                current = step(current)
            current = _fill(current, self._catalog.get_event(version.name, number + 1))
        return latest, current


def _fill(record: Record, version: EventVersion) -> Record:
    missing = [field for field in version.own_fields if field.name not in record]
    return record | {field.name: _default(field, version) for field in missing}


def _default(field: Field, version: EventVersion) -> Any:
    if not field.has_default:
        raise UnknownSchema(f"A step to {version.name} v{version.version} that fills {field.name}")
    return deepcopy(field.default)
