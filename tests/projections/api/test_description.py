"""The served description is taken at its word, with a good token: every answer is one that it promises."""

import json
from collections import Counter
from collections.abc import Callable

import httpx
import pytest
import schemathesis

from deploy.local.stack import Region
from services.kernel.identity.caller import ROLES
from services.kernel.identity.local_keys import identity_folder
from tests.kernel.identity.tokens_of_attackers import Forge
from tests.projections.api.conftest import CASE, Born
from tests.security.test_fuzzing import CHECKS, EXAMPLES, make_cases

EXAMPLES_EACH = max(6, EXAMPLES // 2)


@pytest.fixture(scope="module")
def token(reading_region: Region) -> str:
    """Of somebody who may do everything."""
    forge = Forge(identity_folder(reading_region.home, "south"), "south")
    return forge.sign(forge.claims(roles=sorted(ROLES)))


def test_whatever_the_description_allows_gets_an_answer_that_it_promises(
    reading_region: Region, token: str, born: Callable[..., Born]
) -> None:
    known = {"id": born().person_id, "code": "0980"}
    described = schemathesis.openapi.from_url(f"{reading_region.read}/openapi.json")
    statuses: Counter[int] = Counter()
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) > 10
    for operation in operations:
        if ":retry" in operation.path or ":skip" in operation.path:
            continue
        for number, case in enumerate(make_cases(operation)[:EXAMPLES_EACH]):
            if number % 4:
                case.path_parameters.update({n: known[n] for n in case.path_parameters if n in known})
                case.query = {k: v for k, v in (case.query or {}).items() if k not in ("wait_for", "cursor")}
                if "purpose" in case.query or operation.path.startswith(("/v1/persons/", "/v1/worklists/")):
                    case.query["purpose"] = "quality-assurance"
                if "case" in case.query:
                    case.query["case"] = CASE
            answer = case.call(headers={"authorization": f"Bearer {token}"})
            case.validate_response(answer, checks=CHECKS)
            statuses[answer.status_code] += operation.path.startswith("/v1/")
    assert sum(statuses.values()) > EXAMPLES
    assert statuses[401] + statuses[403] == 0, statuses
    assert statuses[200] > EXAMPLES, statuses
    assert statuses[404] < sum(statuses.values()) / 2, statuses


def test_the_examples_of_answers_have_the_shape_that_is_described(reading_region: Region) -> None:
    document = httpx.get(f"{reading_region.read}/openapi.json").json()
    schemas = document["components"]["schemas"]
    seen = 0
    for methods in document["paths"].values():
        for operation in methods.values():
            media = operation["responses"]["200"]["content"].get("application/json", {})
            if "example" in media:
                schema = schemas[media["schema"]["$ref"].rpartition("/")[2]]
                assert set(schema["required"]) <= media["example"].keys()
                assert media["example"].keys() <= schema["properties"].keys()
                seen += 1
    assert seen >= 5
    assert json.dumps(document).count("pregnan") == 0
