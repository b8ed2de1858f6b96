"""Generated pages are what the schemas say today."""

from pathlib import Path

from services.kernel.contract.catalog import Catalog
from services.kernel.contract.pages import make_pages

PAGES = Path(__file__).parents[3] / "docs" / "reference"


def test_the_reference_pages_are_up_to_date(catalog: Catalog) -> None:
    found = {path.name: path.read_text("utf-8") for path in PAGES.glob("*.md")}
    assert found == make_pages(catalog), "Run `domicile schemas pages`."


def test_every_event_every_word_and_every_block_has_its_place(catalog: Catalog) -> None:
    pages = make_pages(catalog)
    for event in catalog.latest_events:
        assert f"## {event.name}\n" in pages[f"{event.context}.md"]
    for name, words in catalog.vocabularies.items():
        assert f"## {name}\n" in pages["vocabularies.md"]
        assert all(f"`{word}`" in pages["vocabularies.md"] for word in words)
