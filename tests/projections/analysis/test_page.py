from pathlib import Path

from services.projections.analysis.page import HEADING, render_lists

PAGE = Path(__file__).parents[3] / "docs" / "analysis.md"


def test_the_page_of_analysts_lists_what_is_in_the_schema() -> None:
    text = PAGE.read_text()
    assert text[text.index(HEADING) :] == render_lists(), "renew it: python -m services.projections.analysis.page"
