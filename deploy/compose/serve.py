"""Becomes one service of one region, with the settings that `deploy.compose.prepare` left."""

import os
import sys
from collections.abc import Mapping

from deploy.local.layout import Layout, StackError, find_home, find_json
from deploy.local.regions import get_settings_file
from services.kernel.settings import PREFIX


def make_environment(region: str, environ: Mapping[str, str], service: str = "ingest") -> dict[str, str]:
    """The service's environment: the region's settings; what the container sets itself stands above them."""
    settings = find_json(get_settings_file(Layout(find_home(dict(environ))), region, service))
    if settings is None:
        raise StackError(f"Region {region} is not prepared: `python -m deploy.compose.prepare {region}` comes first.")
    own = {name: value for name, value in environ.items() if name != f"{PREFIX}HOME"}
    return {**settings, f"{PREFIX}HOST": "0.0.0.0", f"{PREFIX}PORT": "8080", **own}  # noqa: S104 inside a container


def main(region: str, module: str) -> None:
    environment = make_environment(region, os.environ, module.rpartition(".")[2])
    os.execvpe(sys.executable, [sys.executable, "-m", module], environment)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
