"""Copies of the project with a change applied: what the documentation shows of a change is what happens."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("schemas", "services", "deploy", "docs", "tests", "pyproject.toml")


def copy_project(diff: Path, folder: Path) -> Path:
    """The project in `folder`, with the diff applied."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder)
    subprocess.run(["git", "apply", "--unsafe-paths", "--directory", str(folder), str(diff)], cwd="/", check=True)
    return folder


def changed_by(diff: Path) -> list[str]:
    """The files that the diff changes or makes."""
    return [line[len("+++ b/") :] for line in diff.read_text("utf-8").splitlines() if line.startswith("+++ b/")]


def run(tree: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """A module of the copy, as `python -m …`."""
    return subprocess.run([sys.executable, "-m", *words], cwd=tree, capture_output=True, text=True, check=False)
