"""The served description is taken at its word: whatever it allows is sent, with a good token, and every answer is one
that it promises. The bounded run of every test; DOMICILE_FUZZ_EXAMPLES raises it.
"""

import os
from collections import Counter
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from deploy.local.stack import Running
from services.kernel.identity.caller import ROLES
from services.kernel.identity.local_keys import identity_folder
from tests.ingest.offices import MAP
from tests.kernel.identity.tokens_of_attackers import Forge
from tests.office import Office, uuid7

EXAMPLES = int(os.environ.get("DOMICILE_FUZZ_EXAMPLES", "12"))
KNOWN = {"code": "0980", "schema_id": "1", "subject": "domicile.blocks.CivilParticulars", "version": "1"}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def token(stack: Running) -> str:
    """Of somebody who may do everything."""
    region = stack.regions["south"]
    for code in MAP:
        Office.open(region, code)
    forge = Forge(identity_folder(region.home, "south"), "south")
    return forge.sign(forge.claims(roles=sorted(ROLES)))


def test_whatever_the_description_allows_gets_an_answer_that_it_promises(stack: Running, token: str) -> None:
    described = schemathesis.openapi.from_url(f"{stack.regions['south'].ingest}/openapi.json")
    statuses: Counter[int] = Counter()
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) > 10
    for operation in operations:
        guarded = operation.path.startswith("/v1/")
        for number, case in enumerate(make_cases(operation)):
            if number % 4:  # else every address would be one that is not there
                case.path_parameters.update({n: KNOWN[n] for n in case.path_parameters if n in KNOWN})
            answer = case.call(headers={"authorization": f"Bearer {token}"})
            case.validate_response(answer, checks=CHECKS)
            statuses[answer.status_code] += guarded
    # A run that mostly hears 401 or 404 has proved nothing.
    assert sum(statuses.values()) > EXAMPLES
    assert statuses[401] + statuses[403] == 0, statuses
    assert statuses[200] > EXAMPLES, statuses
    assert statuses[404] < sum(statuses.values()) / 2, statuses


def test_the_description_s_own_examples_are_recorded(stack: Running, token: str) -> None:
    url = stack.regions["south"].ingest
    document = httpx.get(f"{url}/openapi.json").json()
    examples = document["paths"]["/v1/events"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    births = [each["value"] for name, each in examples.items() if name.startswith(("Birth", "Death", "Arrival"))]
    assert len(births) > 3
    with httpx.Client(headers={"authorization": f"Bearer {token}"}) as client:
        for post in births:
            assert client.post(f"{url}/v1/events", json=post | {"event_id": uuid7()}).status_code == 201


def make_cases(operation: Any) -> list[schemathesis.Case]:
    """Requests that the description allows for an operation, the same in every run."""
    cases: list[schemathesis.Case] = []

    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy())
    def keep(case: schemathesis.Case) -> None:
        cases.append(case)

    keep()
    return cases
