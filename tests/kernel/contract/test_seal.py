"""Published schemas never change, and ids are given once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.kernel.contract.catalog import Catalog
from services.kernel.contract.check import check_contract
from services.kernel.contract.scaffold import create_schema
from services.kernel.contract.seal import find_broken_seals, find_unsealed, hash_schema, seal

Document = dict[str, Any]
Edit = Callable[[Path, Callable[[Document], None]], None]
BIRTH = "registration/BirthRegistered/v1.avsc"


def test_the_published_contract_is_in_order(folder: Path) -> None:
    assert [str(problem) for problem in check_contract(folder)] == []


def test_a_changed_schema_is_refused_with_the_remedy(folder: Path, edit: Edit) -> None:
    edit(folder / BIRTH, lambda document: document["fields"][-1].update(default="x"))
    (problem,) = find_broken_seals(folder)
    assert problem.where == BIRTH
    assert "v2.avsc" in problem.remedy


def test_what_the_avro_fingerprint_ignores_is_sealed_too(folder: Path, edit: Edit) -> None:
    """Defaults, logical types and our own attributes change meaning, though not Avro's fingerprint."""
    for attribute in ("privacy", "vocabulary"):
        before = hash_schema(json.loads((folder / BIRTH).read_text("utf-8")))
        edit(folder / BIRTH, lambda document, name=attribute: document["fields"][18].pop(name))
        assert hash_schema(json.loads((folder / BIRTH).read_text("utf-8"))) != before


def test_a_doc_may_change(folder: Path, edit: Edit) -> None:
    edit(folder / BIRTH, lambda document: document["fields"][0].update(doc="Says it better."))
    edit(folder / BIRTH, lambda document: document["roles"]["child"].update(doc="Says it better."))
    assert find_broken_seals(folder) == []


def test_a_sealed_schema_may_not_disappear(folder: Path) -> None:
    (folder / BIRTH).unlink()
    (problem,) = find_broken_seals(folder)
    assert "gone" in problem.what


def test_a_word_may_be_added_to_a_vocabulary_and_none_taken_out(folder: Path, edit: Edit) -> None:
    path = folder / "vocabularies/sex.json"
    edit(path, lambda document: document["words"].update(new="A new word."))
    assert find_broken_seals(folder) == []
    edit(path, lambda document: document["words"].pop("unknown"))
    assert [problem.where for problem in find_broken_seals(folder)] == ["vocabulary sex"]


def test_sealing_gives_new_ids_and_leaves_old_ones(folder: Path) -> None:
    before = {event.subject_name: event.schema_id for event in Catalog.load(folder).events}
    create_schema(folder, "registration", "NameChanged")
    create_schema(folder, "registration", "StatusRecorded")

    sealed = seal(folder)

    catalog = Catalog.load(folder)
    assert len(sealed) == 2
    assert catalog.get_event("StatusRecorded").schema_id == max(event.schema_id for event in catalog.events)
    assert catalog.get_event("NameChanged", 1).schema_id == before["domicile.registration.NameChanged"]
    assert find_unsealed(folder) == []
    assert seal(folder) == []


def test_an_unsealed_schema_is_named(folder: Path) -> None:
    create_schema(folder, "registration", "StatusRecorded")
    problems = {problem.where: problem for problem in check_contract(folder) if problem.check == "seal"}
    assert "domicile schemas seal" in problems["registration/StatusRecorded/v1.avsc"].remedy


def test_two_branches_that_sealed_the_same_id_are_told_so(folder: Path, edit: Edit) -> None:
    edit(folder / "sealed.json", lambda document: document["schemas"][1].update(id=1))
    assert any("shares the schema id 1" in problem.what for problem in find_broken_seals(folder))


def test_every_schema_has_an_id_of_its_own(catalog: Catalog) -> None:
    ids = [each.schema_id for each in (*catalog.events, *catalog.blocks)]
    assert len(set(ids)) == len(ids)
    assert min(ids) > 0
