"""Real stacks for tests, each with a state folder of its own that is gone afterwards."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local import stack as local
from deploy.local.options import Options

ROOT = Path(__file__).parents[1]
# Another folder lets several runs go side by side.
HOME = Path(os.environ.get("DOMICILE_TEST_HOME", ROOT / ".local" / "test")) / os.environ.get("PYTEST_XDIST_WORKER", "")


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
