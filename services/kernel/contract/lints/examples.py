"""Examples: every event type shows how it is posted, and what is refused."""

import json
from pathlib import Path

from services.kernel.contract.problems import Problem

CHECK = "examples"
REFUSED_MIN = 2


def find_example_problems(folder: Path, where: str) -> list[Problem]:
    """Event types without an example, with fewer than two refusals, or with files that are not of that shape."""
    if folder.parent.name == "blocks":
        return []
    problems: list[Problem] = []
    examples = sorted((folder / "examples").glob("*.json"))
    refused = sorted((folder / "refused").glob("*.json"))
    if not examples:
        problems.append(Problem(CHECK, where, "has no example.", "Add examples/<name>.json, exactly as posted."))
    if len(refused) < REFUSED_MIN:
        remedy = 'Add refused/<name>.json: {"code": …, "path": …, "post": {…}}.'
        problems.append(Problem(CHECK, where, f"has {len(refused)} refused posts.", remedy))
    for path in examples:
        if json.loads(path.read_text(encoding="utf-8")).get("type") != folder.name:
            problems.append(Problem(CHECK, f"{where}/examples/{path.name}", "is of another type.", "Move it."))
    for path in refused:
        if set(json.loads(path.read_text(encoding="utf-8"))) != {"code", "path", "post"}:
            remedy = "It holds exactly code, path and post."
            problems.append(Problem(CHECK, f"{where}/refused/{path.name}", "has another shape.", remedy))
    return problems
