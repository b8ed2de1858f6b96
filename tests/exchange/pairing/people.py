"""People as questions and as candidates, for tests of pairing."""

from typing import Any
from uuid import UUID

from services.exchange.pairing.candidate import Candidate, State
from services.exchange.pairing.matching import read_traits
from services.exchange.pairing.pairing import Question
from services.exchange.particulars.identification import Identification

ANNA: dict[str, Any] = {
    "family_name": "Berg",
    "given_names": "Anna",
    "birth_on": "1975-03-02",
    "sex": "female",
    "last_address_at_recipient": {"lines": ["Hill Road 9"]},
}
ID: dict[str, Any] = {"identifiers": [{"kind": "local", "value": "G-17", "id_quality": "FORMAT_OK"}]}
RIC: dict[str, Any] = {"identifiers": [{"kind": "cn.ric", "value": "11010519491231002X", "id_quality": "VERIFIED"}]}


def ask(said: dict[str, Any], **more: Any) -> Question:
    return Question("0190a000-0000-7000-8000-00000000c001", Identification.from_document(said), "south", **more)


def held(number: int, said: dict[str, Any], state: State | None = None, *, named: bool = False) -> Candidate:
    """A record that says the same as such an identification."""
    traits = read_traits(Identification.from_document(said))
    return Candidate(UUID(int=number), traits, state or State(), named)
