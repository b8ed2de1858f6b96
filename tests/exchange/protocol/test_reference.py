"""The pages for partners say what the tables say, and nothing else."""

from dataclasses import fields
from pathlib import Path

from services.exchange.protocol.envelope import Envelope, Receipt, Rejection
from services.exchange.protocol.reference.envelope_page import ENVELOPE, RECEIPT, REJECTION
from services.exchange.protocol.reference.page import render_page

PAGE = Path(__file__).resolve().parents[3] / "docs" / "exchange-messages.md"


def test_the_message_reference_is_that_of_the_tables() -> None:
    renew = "python -m services.exchange.protocol.reference.page > docs/exchange-messages.md"
    assert PAGE.read_text() == render_page(), f"renew it: {renew}"


def test_every_field_on_the_wire_is_explained() -> None:
    assert set(ENVELOPE) == {field.name for field in fields(Envelope)}
    assert tuple(RECEIPT) == Receipt._fields
    assert tuple(REJECTION) == Rejection._fields
