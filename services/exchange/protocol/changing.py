"""`replaced`: as `dataclasses.replace`, without asking every field whether it may be set: values are changed often."""

from collections import deque
from collections.abc import Callable
from functools import cache
from itertools import repeat
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")
_set = object.__setattr__


def replaced(value: T, **fields: Any) -> T:
    """A copy of a frozen dataclass with slots and without a `__post_init__`, in which these fields are others."""
    kind: Any = type(value)
    names, read = _fields_of(kind)
    made: T = object.__new__(kind)
    deque(map(_set, repeat(made), names, read(value)), 0)
    for name, each in fields.items():
        _set(made, name, each)
    return made


@cache
def _fields_of(kind: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names: tuple[str, ...] = kind.__slots__
    return names, attrgetter(*names)
