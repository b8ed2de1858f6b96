"""What somebody reads for is said once, and not changed."""

import pytest

from services.kernel.errors import Forbidden, Rejected
from services.kernel.identity.caller import Caller
from services.kernel.reading.purpose import require_case, settle_purpose

PURPOSES = frozenset({"quality-assurance", "supervision"})


def reader(purpose: str | None = None) -> Caller:
    return Caller("reader", frozenset({"approver"}), ("*",), purpose, "north")


def test_a_purpose_is_settled_between_token_and_request() -> None:
    bare, bound = reader(), reader("supervision")
    assert settle_purpose(bare, "supervision", PURPOSES) == "supervision"
    assert settle_purpose(bound, None, PURPOSES) == "supervision"
    for caller, asked in ((bare, None), (bare, ""), (bound, "x"), (reader("x"), None)):
        with pytest.raises(Rejected, match="purpose-required"):
            settle_purpose(caller, asked, PURPOSES)
    with pytest.raises(Forbidden, match="purpose-not-yours"):
        settle_purpose(bound, "quality-assurance", PURPOSES)


@pytest.mark.parametrize("reference", [None, "", "ab", "a name", "x" * 65, "-12", "2012/77\n"])
def test_a_case_reference_has_the_form_that_the_contract_gives_it(reference: str | None) -> None:
    with pytest.raises(Rejected, match="case-required"):
        require_case(reference)
    assert require_case("2012/0980/77") == "2012/0980/77"
