"""Real stacks for tests, each with a state folder of its own that is gone afterwards."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from deploy.local import stack as local
from deploy.local.options import Options

ROOT = Path(__file__).parents[1]
# Another folder lets several runs go side by side.
HOME = Path(os.environ.get("DOMICILE_TEST_HOME", ROOT / ".local" / "test")) / os.environ.get("PYTEST_XDIST_WORKER", "")


class Own(NamedTuple):
    """A folder whose tests have a stack of their own, and the name of that stack."""

    folder: str
    name: str


OWN = (
    Own("tests/exchange/journeys/", "exchange"),
    Own("tests/golden/", "golden"),
    Own("tests/projections/analysis/", "analysis"),
)


def find_own(nodeid: str) -> Own | None:
    """The folder of a test, if it is one of those."""
    return next((own for own in OWN if nodeid.startswith(own.folder)), None)


def stop_if_done(nodeid: str, next_nodeid: str) -> None:
    """Stop the stack of a test's folder after the last test there: one that nobody asks costs half a core."""
    own = find_own(nodeid)
    if own and find_own(next_nodeid) != own:
        local.stop(HOME / own.name)


@contextmanager
def start_stack(name: str, options: Options) -> Iterator[local.Running]:
    """A stack under `name` among those of this worker; its logs are kept. It stops when this process ends, however."""
    home = HOME / name
    local.dangerous_reset(home)  # what a killed run left
    try:
        yield local.start(home, options, _say, bound_to_caller=True)
    finally:
        local.dangerous_reset(home, keep_logs=True)


def _say(line: str) -> None:
    print(f"[stack] {line}")
