"""`domicile schemas new`: a new event type (or the next version of one) with the envelope already in it."""

import json
from pathlib import Path
from typing import Any

from services.kernel.contract.catalog import version_of
from services.kernel.contract.envelope import ENVELOPE_FIELDS
from services.kernel.contract.layout import write_json
from services.kernel.contract.lints.references import CONTEXTS

Document = dict[str, Any]


def create_schema(root: Path, context: str, name: str) -> Path:
    """Writes the next version of the event type and returns its file. Raises ValueError for an unknown context."""
    if context not in CONTEXTS:
        raise ValueError(f"{context!r} is no context; use one of {', '.join(CONTEXTS)}")
    folder = root / context / name
    older = sorted(folder.glob("v*.avsc"), key=version_of)
    for each in (folder / "examples", folder / "refused"):
        each.mkdir(parents=True, exist_ok=True)
    document = json.loads(older[-1].read_text(encoding="utf-8")) if older else _draft(context, name)
    path = folder / f"v{version_of(older[-1]) + 1 if older else 1}.avsc"
    path.write_text(write_json(document), encoding="utf-8")
    return path


def _draft(context: str, name: str) -> Document:
    about_areas = context == "geography"
    return {
        "type": "record",
        "name": name,
        "namespace": f"domicile.{context}",
        "doc": "",
        "context": context,
        "key": {"field": "area"} if about_areas else {"role": "person"},
        "roles": {} if about_areas else {"person": {"required": True, "max": 1, "doc": ""}},
        "compartments": [],
        "postedBy": ["geographer"] if about_areas else ["registrar"],
        "twoPeople": False,
        "mayBePlanned": about_areas,
        "legalBasis": "statute",
        "purpose": "map-keeping" if about_areas else "civil-registration",
        "fields": list(ENVELOPE_FIELDS),
    }
