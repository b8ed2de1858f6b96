"""All 21 Swedish counties, whole, each in a region of its own: DOMICILE_TEST_LONG=1 (some 17 million events, hours).

`-k Blekinge` runs one of them.
"""

from pathlib import Path

import pytest

from deploy.demo.exploder.tables import County
from deploy.demo.published import Published
from deploy.local import stack
from deploy.local.options import Options
from tests.golden import test_county_figures as figures
from tests.golden.asking import Statistician
from tests.golden.posting import post_file, post_map, rename, wait_until_counted, write_posts
from tests.golden.swedish import COUNTIES, posts_of, whole_country
from tests.stacks import HOME

pytestmark = pytest.mark.skipif(not figures.LONG, reason="17 million events; set DOMICILE_TEST_LONG=1")


@pytest.mark.parametrize("county", COUNTIES, ids=lambda county: county.table_name)
def test_a_whole_county_has_its_published_figures(county: County, shared_sweden: Path, tmp_path: Path) -> None:
    tables = whole_country(shared_sweden)[county]
    source, code = tmp_path / "source.ndjson", f"{figures.MARK}{county.code}"
    write_posts(source, posts_of(county, tables))
    home = HOME / "county"
    stack.dangerous_reset(home)
    try:
        region = stack.start(home, Options(regions=("north",)), print, bound_to_caller=True).regions["north"]
        post_map(region, figures.map_of({county: source}))
        post_file(region, rename(source, tmp_path / "posts.ndjson", figures.MARK, f"{code}-"))
        wait_until_counted(region)
        golden = figures.Golden(region, Statistician(region), {code: Published(tables)}, frozenset({code}))
        figures.test_population_by_age_and_sex_at_the_end_of_every_year(golden)
        figures.test_births_by_age_of_the_mother_and_sex_of_the_child(golden)
        figures.test_deaths_by_age_and_sex(golden)
        figures.test_the_rates_of_every_year_and_what_they_are_made_of(golden)
        figures.test_total_fertility_of_every_year_by_both_rules(golden)
        figures.test_every_year_balances_in_every_county(golden)
        figures.compare_published_rates(golden)
    finally:
        stack.dangerous_reset(home, keep_logs=True)
