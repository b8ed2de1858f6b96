"""The README is executed: what it says of a first day is what happens."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_first_day_of_the_readme_can_be_typed_as_it_stands(stack) -> None:  # type: ignore[no-untyped-def]
    text = (ROOT / "README.md").read_text("utf-8")
    block = text.split("## A first day with it")[1].split("```")[1]
    lines = [line.split("#")[0].split() for line in block.splitlines() if line.startswith(".venv/bin/domicile")]
    assert len(lines) > 5
    environment = {**os.environ, "DOMICILE_HOME": str(stack.home)}
    for line in lines:
        words = ["north" if word == "gotland" else word for word in line[1:]]
        command = [sys.executable, "-m", "deploy.domicile", *words]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        assert done.stdout.strip(), words
        assert not re.search(r"Traceback|refused [1-9]", done.stdout + done.stderr), (words, done.stdout)
