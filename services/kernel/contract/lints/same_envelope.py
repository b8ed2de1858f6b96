"""Envelope: the first fields of every event are those of contract/envelope.py, to the letter."""

from services.kernel.contract.envelope import ENVELOPE_FIELDS
from services.kernel.contract.lints.walk import Document
from services.kernel.contract.problems import Problem

CHECK = "envelope"
REMEDY = "Do not type the envelope by hand: start with `domicile schemas new CONTEXT NAME`."


def find_envelope_problems(document: Document, where: str) -> list[Problem]:
    """The first field that differs from the envelope, or an own field with a name of the envelope."""
    if "compartment" in document:
        return []
    fields = document["fields"]
    for index, expected in enumerate(ENVELOPE_FIELDS):
        if index >= len(fields) or fields[index] != expected:
            found = fields[index]["name"] if index < len(fields) else "nothing"
            what = f"field {index + 1} is {found}, not the envelope's {expected['name']}."
            if found == expected["name"]:
                what = f"its {found} differs from the envelope's."
            return [Problem(CHECK, where, what, REMEDY)]
    taken = {field["name"] for field in ENVELOPE_FIELDS}
    return [
        Problem(CHECK, f"{where}: {field['name']}", "has a name of the envelope.", "Give it another name.")
        for field in fields[len(ENVELOPE_FIELDS) :]
        if field["name"] in taken
    ]
