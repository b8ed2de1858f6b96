"""The tree of errors and the register of codes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.kernel import codes, errors
from services.kernel.codes import Move, describe, registered_codes
from services.kernel.errors import Conflict, DomicileError, Rejected, TooLarge, TooMany, Unavailable

ROOT = Path(__file__).parents[2]
KINDS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, DomicileError) and kind is not DomicileError
}


def codes_in_source() -> Iterator[tuple[str, str, str]]:
    """(file, kind, code) of every error that is made with a code written out."""
    for file in sorted((ROOT / "services").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS):
                continue
            if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                yield str(file.relative_to(ROOT)), node.func.id, node.args[0].value


def test_every_code_in_the_source_is_registered() -> None:
    unknown = {(file, code) for file, _, code in codes_in_source() if code not in registered_codes()}
    assert not unknown, "register them in services/kernel/codes.toml"


def test_whose_move_an_error_is_agrees_with_its_code() -> None:
    wrong = {
        (file, kind, code)
        for file, kind, code in codes_in_source()
        if code in registered_codes()
        and KINDS[kind].move not in (describe(code).move, Move.US)
        # A sender may be told to wait by a code of any move; nothing else may differ.
        and describe(code).move is not Move.WAIT
    }
    assert not wrong


@pytest.mark.parametrize("code", list(registered_codes()))
def test_a_code_is_a_kebab_case_word_with_title_rule_and_remedy(code: str) -> None:
    entry = registered_codes()[code]
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", code)
    assert entry.title
    assert not entry.title.endswith(".")
    assert entry.rule.endswith(".")
    assert entry.remedy.endswith((".", "?"))


def test_an_error_takes_rule_and_remedy_from_the_register_unless_told_otherwise() -> None:
    plain = Rejected("bad-date", "/occurred_on")
    assert (plain.rule, plain.remedy) == (describe("bad-date").rule, describe("bad-date").remedy)
    told = Rejected("bad-date", "/occurred_on", rule="A rule.", remedy="A remedy.")
    assert (told.rule, told.remedy, told.path) == ("A rule.", "A remedy.", "/occurred_on")


def test_errors_tell_whose_move_it_is() -> None:
    assert Rejected("bad-date").move is Move.SENDER
    assert isinstance(TooLarge("too-large"), Rejected)
    assert Conflict("event-id-taken").move is Move.SENDER
    assert Unavailable("log-unavailable", retry_after_s=3, outcome_unknown=True).retry_after_s == 3
    assert isinstance(TooMany("too-busy"), Unavailable)
    assert TooMany("too-busy").outcome_unknown is False


def test_the_page_of_error_codes_is_up_to_date() -> None:
    page = (ROOT / "docs" / "errors.md").read_text("utf-8")
    assert page == codes.render_page(), "run: .venv/bin/python -m services.kernel.codes > docs/errors.md"
