"""Which areas there are, and what lies under what. Immutable: a newer map is a new tree."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from services.kernel.identity.caller import WHOLE_REGION

# Deeper than any map; a loop of parents ends here.
_DEPTH_MAX = 32


class AreaTree:
    """Areas by code, each with the code of its parent (None at the top, or where nobody knows the parent)."""

    __slots__ = ("_parents",)

    def __init__(self, parents: Mapping[str, str | None] | None = None) -> None:
        self._parents: Mapping[str, str | None] = MappingProxyType(dict(parents or {}))

    def __contains__(self, code: object) -> bool:
        return code in self._parents

    def __len__(self) -> int:
        return len(self._parents)

    def exists(self, code: str) -> bool:
        """Whether an area of that code was ever established (an abolished one stays known)."""
        return code in self._parents

    def line(self, code: str) -> tuple[str, ...]:
        """`code` and what lies above it, from near to far; empty if there is no such area."""
        found: list[str] = []
        at: str | None = code if code in self._parents else None
        while at is not None and at not in found and len(found) < _DEPTH_MAX:
            found.append(at)
            at = self._parents.get(at)
        return tuple(found)

    def subtree(self, code: str) -> tuple[str, ...]:
        """`code` and all that lies under it, in order; empty if there is no such area."""
        return tuple(sorted(each for each in self._parents if code in self.line(each)))

    def under(self, areas: Iterable[str]) -> tuple[str, ...]:
        """All known areas that `areas` cover, in order."""
        granted = set(areas)
        if WHOLE_REGION in granted:
            return tuple(sorted(self._parents))
        return tuple(sorted(each for each in self._parents if not granted.isdisjoint(self.line(each))))

    def covers(self, areas: str | Iterable[str], codes: str | Iterable[str]) -> bool:
        """Whether each of `codes` is one of `areas` or lies under one. "*" covers all; no codes: True."""
        granted = {areas} if isinstance(areas, str) else set(areas)
        if WHOLE_REGION in granted:
            return True
        wanted = (codes,) if isinstance(codes, str) else codes
        return all(self._covers_one(granted, code) for code in wanted)

    def with_areas(self, parents: Mapping[str, str | None]) -> "AreaTree":
        """A tree that also has these areas, or has them under these parents."""
        return AreaTree({**self._parents, **parents})

    def _covers_one(self, granted: set[str], code: str) -> bool:
        if code in granted:
            return True
        parents = self._parents
        at = parents.get(code)
        for _ in range(_DEPTH_MAX):
            if at is None:
                return False
            if at in granted:
                return True
            at = parents.get(at)
        return False
