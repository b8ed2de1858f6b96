"""The register under another name, followed by real workers: `python -m tests.projections.register.worker [work]`.

REGISTER_NAME names it. In the folder KILLS each step named there by an empty file `<step>` kills the process that comes
to it for the third time, and the file is gone. REGISTER_RAISES: see `raise_where_asked`.
"""

import os
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from services.kernel.contract.catalog import Catalog
from services.kernel.privacy.region_key import RegionKey
from services.projections.__main__ import main
from services.projections.engine import applying
from services.projections.register import apply
from services.projections.register.life import HANDLERS, Fact, LifeCourse
from services.projections.register.projection import RegisterProjection
from services.projections.register.writing import Writer

MODULE = "tests.projections.register.worker"
STEPS = ("positioned", "held", "kept", "deleted", "applied", "committed")
TIMES = 3
_came: Counter[str] = Counter()


class NamedRegister(RegisterProjection):
    """Builds of several tests lie side by side."""

    def __init__(self, catalog: Catalog, name: str) -> None:
        super().__init__(catalog)
        self.name = name


def raise_where_asked() -> None:
    """With REGISTER_RAISES set, the fold of a birth in the office `raises` fails for the child."""
    if "REGISTER_RAISES" not in os.environ:
        return
    handler = HANDLERS["BirthRegistered"]
    born = handler.fold

    def fold(life: LifeCourse, fact: Fact, role: str, *values: Any) -> None:
        if fact.office == "raises" and role == "child":
            raise ValueError("a child that nobody may see in a log")
        born(life, fact, role, *values)

    handler.fold = fold


def list_register(region: str, catalog: Catalog, region_key: RegionKey) -> tuple[NamedRegister, ...]:
    return (NamedRegister(catalog, os.environ["REGISTER_NAME"]),)


def die_at(step: str) -> None:
    _came[step] += 1
    if _came[step] < TIMES:
        return
    try:
        (Path(os.environ["KILLS"]) / step).unlink()
    except (KeyError, FileNotFoundError):
        return
    os.kill(os.getpid(), signal.SIGKILL)


def dying(step: str, work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The same, and then perhaps the end."""

    async def worked(*arguments: Any) -> Any:
        outcome = await work(*arguments)
        die_at(step)
        return outcome

    return worked


def sabotage() -> None:
    for step, owner, name in (
        ("positioned", applying, "advance"),
        ("held", apply, "hold"),
        ("kept", Writer, "keep"),
        ("deleted", Writer, "delete"),
        ("applied", RegisterProjection, "apply"),
        ("committed", applying, "apply"),
    ):
        setattr(owner, name, dying(step, getattr(owner, name)))


if __name__ == "__main__":
    raise_where_asked()
    sabotage()
    sys.exit(main(MODULE, list_register))
