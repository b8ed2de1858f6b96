"""Real stacks for tests, each with a state folder of its own that is gone afterwards."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from deploy.local import stack as local
from deploy.local.options import Options

ROOT = Path(__file__).parents[1]
# Another folder lets several runs go side by side.
HOME_OF_ALL = Path(os.environ.get("DOMICILE_TEST_HOME", ROOT / ".local" / "test"))
HOME = HOME_OF_ALL / os.environ.get("PYTEST_XDIST_WORKER", "")
SHARED = "one"
"""The name of the stack that all other tests of a worker share."""
BY_STACK = "by_stack"
_SHARED_BY = HOME_OF_ALL / "shared.json"


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


def tell_shared(items: Iterable[pytest.Item]) -> None:
    """A worker tells the scheduler, who sees nothing of a test but its name, which files share the stack."""
    shared = {_file_of(item) for item in items if not find_own(item.nodeid) and "stack" in _fixtures_of(item)}
    HOME_OF_ALL.mkdir(parents=True, exist_ok=True)
    fresh = HOME_OF_ALL / f"shared-{os.getpid()}.new"
    fresh.write_text(json.dumps(sorted(shared)))
    fresh.rename(_SHARED_BY)


def find_shared() -> frozenset[str]:
    """The files in which some test uses the stack that all share."""
    return frozenset(json.loads(_SHARED_BY.read_text())) if _SHARED_BY.exists() else frozenset()


def stop_if_done(item: pytest.Item, following: pytest.Item | None) -> None:
    """Stop a stack after the last test that asks for it: one that nobody asks costs a quarter of a core."""
    if following is None or _file_of(item) == _file_of(following):
        return
    own = find_own(item.nodeid)
    if own and find_own(following.nodeid) != own:
        local.stop(HOME / own.name)
    # Under the scheduler of `tests/scheduling.py` no file that shares it follows one that does not.
    if getattr(item.config, "workerinput", {}).get(BY_STACK):
        shared = find_shared()
        if _file_of(item) in shared and _file_of(following) not in shared:
            local.stop(HOME / SHARED)


def _file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _fixtures_of(item: pytest.Item) -> Sequence[str]:
    names: Sequence[str] = getattr(item, "fixturenames", ())
    return names


@contextmanager
def start_stack(name: str, options: Options) -> Iterator[local.Running]:
    """A stack under `name` among those of this worker; its logs are kept. It stops when this process ends, however."""
    home = HOME / name
    # A broker that lives for minutes is compiled quickly rather than well: a third of what its start costs.
    os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")
    local.dangerous_reset(home)  # what a killed run left
    try:
        yield local.start(home, options, _say, bound_to_caller=True)
    finally:
        local.dangerous_reset(home, keep_logs=True)


def _say(line: str) -> None:
    print(f"[stack] {line}")
