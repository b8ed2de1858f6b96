"""Privacy: particulars of people travel in sealed blocks and nowhere else.

What stands unsealed on the log stands there for ever, also after a key was destroyed. So an unsealed string is a
word of a vocabulary, an area, or a code whose pattern a name does not fit; there is no free text outside blocks.
"""

import re

from services.kernel.contract.lints.walk import Document, inner_type, is_record, walk_fields
from services.kernel.contract.problems import Problem

CHECK = "privacy"
CLASSES = ("public", "personal", "sensitive")
NAMES_OF_PEOPLE = ("Ex Ample", "Ample, Ex", "Örjan", "小明", "O'Ample")
"""What somebody in a hurry might type into a field of codes; no unsealed pattern may accept it."""


def find_privacy_problems(document: Document, where: str) -> list[Problem]:
    """Fields without a privacy class, or with one that does not fit where they stand."""
    in_block = "compartment" in document
    about_people = bool(document.get("roles"))
    problems: list[Problem] = []
    for path, field in walk_fields(document):
        for what, remedy in _judge(field, in_block=in_block, about_people=about_people):
            problems.append(Problem(CHECK, f"{where}: {path}", what, remedy))
    return problems


def _judge(field: Document, *, in_block: bool, about_people: bool) -> list[tuple[str, str]]:
    privacy = field.get("privacy")
    if privacy not in CLASSES:
        return [(f"has the privacy class {privacy!r}.", f"Say which it is: {', '.join(CLASSES)}.")]
    if in_block:
        if privacy == "public":
            return [("is public inside a sealed block.", "Make it personal or sensitive, or put it into the event.")]
        return []
    if privacy != "public":
        return [(f"is {privacy} and not sealed.", "Put it into the block of its compartment (schemas/blocks).")]
    if inner_type(field["type"]) != "string" or is_record(field["type"]):
        return []
    return _judge_text(field, about_people=about_people)


def _judge_text(field: Document, *, about_people: bool) -> list[tuple[str, str]]:
    if field.get("vocabulary"):
        return []
    pattern = field.get("pattern")
    if pattern is None:
        return [("is free text outside a sealed block.", "Give it a vocabulary or a pattern, or put it into a block.")]
    fitting = [name for name in NAMES_OF_PEOPLE if re.search(pattern, name)] if about_people else []
    if fitting:
        return [(f"has a pattern that fits {fitting[0]!r}.", "Narrow the pattern to codes, or put it into a block.")]
    return []
