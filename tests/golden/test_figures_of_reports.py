"""Work reports of real offices, from posted births: the right figures are counted, the wrong ones are not published."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from deploy.local.stack import Running
from services.projections.statistics.indicators import Claim, Portion, recompute
from services.projections.statistics.indicators.claims import implied_denominator
from tests.golden.asking import Row, Statistician
from tests.golden.posting import post_file, post_map, wait_until_counted, write_posts
from tests.ingest.offices import area, new_id

PLACE, YEAR = "report-001", 2011
BY_ORDER = {1: 1245, 2: 788, 3: 9}
IN_TIME = 2012
"""Of the 2,042 births, those registered within the legal period: 98.53 %."""


@pytest.fixture(scope="module")
def ask(stack: Running, tmp_path_factory: pytest.TempPathFactory) -> Statistician:
    region, file = stack.regions["north"], tmp_path_factory.mktemp("reports") / "births.ndjson"
    post_map(region, [area(PLACE)])
    write_posts(file, births())
    post_file(region, file)
    wait_until_counted(region)
    return Statistician(region)


def births() -> Iterator[Mapping[str, Any]]:
    orders = [order for order, n in BY_ORDER.items() for _ in range(n)]
    for number, order in enumerate(orders):
        on = date(YEAR, 1, 1) + timedelta(number % 365)
        delay = 10 if number < IN_TIME else 90
        yield {
            "type": "BirthRegistered",
            "event_id": new_id(),
            "source": "import",
            "occurred_on": on.isoformat(),
            "registered_at": f"{on + timedelta(delay)}T09:00:00Z",
            "residence_area": PLACE,
            "office": PLACE,
            "subjects": [{"role": "child", "civil": {"identifiers": [{"kind": "local", "value": f"R001-{number}"}]}}],
            "sex": ("female", "male")[number % 2],
            "live_birth": True,
            "birth_order": order,
        }


def portion(figure: Row, part: str) -> Portion:
    return Portion(**figure[part])


def test_births_by_order_add_up_to_all_births(ask: Statistician) -> None:
    by_order = {
        each["by"]["order"]: each["value"] for each in ask.figures("births", area=PLACE, from_=YEAR, by="order")
    }
    assert by_order == {str(order): n for order, n in BY_ORDER.items()}
    assert ask.figure("births", area=PLACE, from_=YEAR)["value"] == sum(by_order.values()) == 2042


def test_a_share_whose_denominator_is_told_is_reproduced(ask: Statistician) -> None:
    asked = {"area": PLACE, "from_": YEAR, "legal_days": 30}
    figure = ask.figure("birth-registration-within-legal-period", **asked)
    assert (figure["numerator"]["value"], figure["denominator"]["value"]) == (2012, 2042)
    above, below = portion(figure, "numerator"), portion(figure, "denominator")
    assert recompute(Claim(Decimal("98.53"), 100, below.id, above, below)).outcome == "reproduced"


def test_a_birth_rate_without_its_population_is_refused_though_its_births_are_right(ask: Statistician) -> None:
    counted = portion(ask.figure("births", area=PLACE, from_=YEAR), "numerator")
    claim = Claim(Decimal("7.02"), 1000, "lived", counted, None)
    assert recompute(claim).outcome == "refused"
    assert round(implied_denominator(claim)) == 290_883


def test_a_rate_over_another_population_than_it_speaks_of_is_not_published(ask: Statistician) -> None:
    """Nobody was enumerated there: who lives there are the children, and the figure says so and fails its checks."""
    figure = ask.figure("crude-birth-rate", area=PLACE, from_=YEAR)
    assert figure["denominator"]["value"] < 2042
    below = portion(figure, "denominator")
    claim = Claim(Decimal("7.02"), 1000, "people-of-the-town", portion(figure, "numerator"), below)
    assert recompute(claim).outcome == "refused"
    women = ask.figure("general-fertility-rate", area=PLACE, from_=YEAR)
    assert (women["value"], women["reason"]["code"]) == (None, "denominator-zero")
