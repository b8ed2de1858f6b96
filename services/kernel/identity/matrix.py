"""The matrix: which role may do which action. Deny by default; the data is `matrix.toml` beside this file."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.kernel.errors import Forbidden
from services.kernel.identity.caller import ROLES, Caller


@dataclass(frozen=True, slots=True)
class Action:
    """One route of a service: `name` is "METHOD /template"."""

    name: str
    doc: str
    roles: frozenset[str]
    public: bool


class Matrix:
    """The actions of one service."""

    def __init__(self, actions: Mapping[str, Action]) -> None:
        self._actions = dict(actions)

    def __iter__(self) -> Iterator[Action]:
        return iter(self._actions.values())

    def find(self, action: str) -> Action | None:
        """The entry of an action; None means that nobody may."""
        return self._actions.get(action)

    def is_public(self, action: str) -> bool:
        """Whether no token is asked for."""
        found = self._actions.get(action)
        return found is not None and found.public

    def require(self, action: str, caller: Caller) -> None:
        """Return if one of the caller's roles may do `action`; Forbidden("role-may-not") else."""
        found = self._actions.get(action)
        if found is None or not (found.public or found.roles & caller.roles):
            who = ", ".join(sorted(found.roles)) if found is not None else "nobody"
            raise Forbidden("role-may-not", rule=f"The matrix of roles and actions decides. Here it names: {who}.")


def read_matrix(service: str, path: Path | None = None) -> Matrix:
    """The matrix of one service (`ingest`, ...). ValueError if an entry names an unknown role or nobody."""
    text = (path or Path(__file__).with_name("matrix.toml")).read_text("utf-8")
    return Matrix({name: _action(name, entry) for name, entry in tomllib.loads(text).get(service, {}).items()})


def read_purposes(path: Path | None = None) -> Mapping[str, frozenset[str]]:
    """For which purposes each role may read data of a person; roles that are not named may for none."""
    text = (path or Path(__file__).with_name("matrix.toml")).read_text("utf-8")
    table: Mapping[str, list[str]] = tomllib.loads(text).get("purposes", {})
    if not table.keys() <= ROLES:
        raise ValueError(f"purposes: roles must be some of {', '.join(sorted(ROLES))}")
    return {role: frozenset(words) for role, words in table.items()}


def _action(name: str, entry: Mapping[str, object]) -> Action:
    roles = entry.get("roles", [])
    public = entry.get("public", False)
    if not isinstance(roles, list) or not set(roles) <= ROLES:
        raise ValueError(f"{name}: roles must be some of {', '.join(sorted(ROLES))}")
    if bool(roles) == bool(public) or set(entry) - {"doc", "roles", "public"} or not entry.get("doc"):
        raise ValueError(f"{name}: give doc, and either roles or public = true")
    return Action(name, str(entry["doc"]), frozenset(roles), bool(public))
