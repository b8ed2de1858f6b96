"""Which rule holds for which table and reader. Configuration, one place; the rule's version goes with every output."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Counts under `threshold` are hidden, and others so that no hidden one follows; the rest is rounded to `base`.

    Rates need a numerator of `threshold` and a denominator of `rate_denominator`; under `reliable` events they are
    flagged. `zeros`: whether nobody is something to hide; nobody at all in a whole line is hidden with it.
    Conventions: ONS' 10-5 rule; NCHS on rates of under 20 events.
    """

    id: str
    edition: int = 1
    threshold: int = 10
    base: int = 5
    zeros: Literal["shown", "protected"] = "shown"
    reliable: int = 20
    rate_denominator: int = 100

    @property
    def version(self) -> str:
        return f"{self.id}/{self.edition}"

    def is_small(self, count: int) -> bool:
        """Whether a count is hidden for its own sake. A negative count is a contradiction, not a group of people."""
        return 0 < count < self.threshold or (count == 0 and self.zeros == "protected")

    def rounded(self, count: int) -> int:
        """To the nearest multiple of the base; halves upwards."""
        return (2 * count + self.base) // (2 * self.base) * self.base


TEN_FIVE = Rule(id="10-5")
SENSITIVE = Rule(id="10-zeros", base=1, zeros="protected")
NO_RULE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Table → rule. `exempt`: roles that see exact figures, the statistical office itself."""

    default: Rule = TEN_FIVE
    tables: Mapping[str, Rule] = field(default_factory=lambda: MappingProxyType({}))
    exempt: frozenset[str] = frozenset()

    def find_rule(self, table: str, role: str) -> Rule | None:
        """None: exact figures for this role."""
        return None if role in self.exempt else self.tables.get(table, self.default)


def read_policy(stated: Mapping[str, Any]) -> Policy:
    """From configuration: {"exempt": [role…], "default": {…}, "tables": {"deaths": {"id": …, "threshold": 10, …}}}.

    What is not stated of a rule is as in the 10-5 rule. Raises ValueError on a field that no rule has.
    """
    unknown = stated.keys() - {"exempt", "default", "tables"}
    if unknown:
        raise ValueError(f"no such field of the disclosure policy: {', '.join(sorted(unknown))}")
    tables = {name: _read_rule(rule) for name, rule in stated.get("tables", {}).items()}
    return Policy(
        default=_read_rule(stated.get("default", {})), tables=tables, exempt=frozenset(stated.get("exempt", ()))
    )


def _read_rule(stated: Mapping[str, Any]) -> Rule:
    """A rule of other numbers than another must have another id or edition: its version is on what leaves."""
    unknown = stated.keys() - {entry.name for entry in fields(Rule)}
    if unknown:
        raise ValueError(f"no such field of a disclosure rule: {', '.join(sorted(unknown))}")
    rule = replace(TEN_FIVE, **stated)
    if rule != TEN_FIVE and rule.version == TEN_FIVE.version:
        raise ValueError(f"{rule.version} is the rule of 10 and 5: give another one an id of its own")
    if rule.threshold < 1 or rule.base < 1 or rule.zeros not in ("shown", "protected"):
        raise ValueError(f"{rule.version}: threshold and base are 1 or more, zeros are shown or protected")
    return rule
