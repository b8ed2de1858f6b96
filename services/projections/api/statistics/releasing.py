"""What of the figures may leave, for whom: the region's disclosure policy, and the rule that holds for a question.

The policy is a TOML or JSON file (`DOMICILE_PROJECTIONS_DISCLOSURE`). Without one: the 10-5 rule for analysts, exact
figures for the statistical office itself, and periods that begin and end with a month.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.kernel.errors import Rejected
from services.kernel.identity.caller import ROLES, Caller
from services.kernel.settings import SettingsError
from services.projections.api.statistics.asking import AGES, Asked
from services.projections.api.statistics.periods import turns_with
from services.projections.statistics.disclosure import Policy, Rule, read_policy
from services.projections.statistics.indicators.spans import Span

ANALYST, STATISTICIAN = "analyst", "statistician"
PERIODS = ("year", "month", "day")
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Release:
    """`periods`: whole years, months or days; what is asked under a rule begins and ends with one."""

    policy: Policy
    periods: str = "month"

    def find_rule(self, table: str, caller: Caller) -> Rule | None:
        """None: exact figures. Somebody with several roles reads in that which sees most."""
        roles = sorted(caller.roles & {ANALYST, STATISTICIAN})
        if self.policy.exempt.intersection(roles):
            return None
        return self.policy.find_rule(table, roles[0] if roles else ANALYST)

    def require_releasable(self, asked: Asked) -> None:
        """Return if the question is one of those that are answered under a rule: the same for everybody who asks.

        Shifted days, ages and vintages would tell by their differences what is hidden. Rejected("wrong-parameter").
        """
        if not all(turns_with(span, self.periods) or _is_last_day(span, self.periods) for span in asked.spans):
            rule = (
                f"Under disclosure control a period is made of whole {self.periods}s, and `at` is the last day of one."
            )
            raise Rejected("wrong-parameter", "?from", rule=rule)
        if asked.ages not in AGES.values():
            raise Rejected("wrong-parameter", "?ages", rule="Under disclosure control ages are single or five.")
        if asked.known_at_ms is not None and (asked.known_at_ms + 1) % _DAY_MS:
            raise Rejected("wrong-parameter", "?as_known_at", rule="Under disclosure control it is a day: YYYY-MM-DD.")


DEFAULT = Release(Policy(exempt=frozenset({STATISTICIAN})))


def read_release(path: Path | None) -> Release:
    """From the region's file; `DEFAULT` without one. Raises SettingsError that says what is wrong, OSError."""
    if path is None:
        return DEFAULT
    text = path.read_text("utf-8")
    try:
        return make_release(json.loads(text) if path.suffix == ".json" else tomllib.loads(text))
    except (ValueError, TypeError, AttributeError) as wrong:
        raise SettingsError([f"{path.name}: {wrong}"]) from None


def make_release(stated: Mapping[str, Any]) -> Release:
    """As `read_policy`, with `periods` beside; who is exempt is the statistical office unless it is said."""
    policy = {"exempt": [STATISTICIAN]} | {name: value for name, value in stated.items() if name != "periods"}
    periods = stated.get("periods", DEFAULT.periods)
    if periods not in PERIODS:
        raise ValueError(f"periods are one of {', '.join(PERIODS)}")
    if unknown := set(policy["exempt"]) - ROLES:
        raise ValueError(f"no such role: {', '.join(sorted(unknown))}")
    return Release(read_policy(policy), periods)


def _is_last_day(span: Span, unit: str) -> bool:
    return span.days == 1 and turns_with(Span(span.end, span.end), unit)
