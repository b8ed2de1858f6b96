"""The projections fold the log into tables while it grows."""

import time
from collections.abc import Mapping
from typing import Any

from deploy.demo.office import Office
from deploy.demo.scene import Scene

_PATIENCE_S = 300.0
_LOOK_EVERY_S = 0.2


class Lag:
    """How far the projections of all regions are behind the log; asked for once a second at most."""

    def __init__(self, scene: Scene) -> None:
        self.operators = {name: Office(scene, name, "operator") for name in scene.files}
        self._asked_s = float("-inf")
        self._events = 0

    def measure(self) -> int:
        """Events, all projections together."""
        self._events = sum(
            each["lag_events"] for operator in self.operators.values() for each in _projections(operator)
        )
        self._asked_s = time.monotonic()
        return self._events

    def glance(self) -> int:
        """The same, a second old at most."""
        return self._events if time.monotonic() - self._asked_s < 1.0 else self.measure()


def follow_log(scene: Scene) -> None:
    """Until the tables hold what the log holds, with how far behind they are."""
    scene.stage.act("The register follows the log")
    lag = Lag(scene)
    until = time.monotonic() + _PATIENCE_S
    behind = started = lag.measure()
    if started:
        with scene.stage.counting("catching up", started) as counting:
            while behind:
                if time.monotonic() > until:
                    raise RuntimeError(
                        "the projections did not catch up; `domicile status` and `domicile logs` say why"
                    )
                time.sleep(_LOOK_EVERY_S)
                behind = lag.measure()
                counting.show(max(started - behind, 0), f"{behind:,} events behind")
    rows = [_row(name, each) for name, operator in lag.operators.items() for each in _projections(operator)]
    scene.stage.table(("projection", "applied", "behind", "set aside", "restarts"), rows)
    scene.stage.quiet(f"When the import ended they were {started:,} events behind.")


def _projections(operator: Office) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = operator.read("/v1/projections")["projections"]
    for each in found:
        if each["halted"]:
            raise RuntimeError(f"the projection {each['projection']} has halted: {each['halted']}")
    return found


def _row(region: str, each: Mapping[str, Any]) -> tuple[str, ...]:
    applied = sum(partition["next_offset"] for partition in each["partitions"])
    figures = (applied, each["lag_events"], each["set_aside"]["waiting"], each["restarts"])
    return (f"{region}: {each['projection']}", *(f"{figure:,}" for figure in figures))
