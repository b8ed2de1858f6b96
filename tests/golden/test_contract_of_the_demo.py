"""Every event of the demo is one that ingest takes: shape, fields, roles, dates and areas."""

from collections import Counter
from datetime import UTC, datetime

from deploy.demo.exploder.areas import area_posts
from services.ingest.pipeline.check import Checker
from services.kernel.codec.posts import PostReader
from services.kernel.contract.catalog import Catalog
from services.kernel.identity.area_tree import AreaTree
from services.kernel.identity.caller import Caller
from services.kernel.privacy.region_key import RegionKey
from tests.golden.conftest import Exploded

NOW = datetime(2020, 1, 1, tzinfo=UTC)


ONE_IN = 10


def test_ingest_has_nothing_to_refuse_in_either_file(demo_counties: Exploded) -> None:
    reader = PostReader(Catalog.load())
    read: Counter[str] = Counter()
    for county in demo_counties.tables:
        files = demo_counties.files[county.region]
        tree = AreaTree({post["area"]: post.get("parent_area") for post in area_posts(county)})
        checker = Checker(county.region, RegionKey.derive(bytes(32)))
        for path, role in ((files.areas, "geographer"), (files.events, "importer")):
            caller = Caller("somebody", frozenset({role}), ("*",), None, county.region)
            for line in path.read_bytes().splitlines()[:: ONE_IN if path == files.events else 1]:
                post = reader.read(line)
                checker.check(post, caller, tree, NOW)
                read[post.event.name] += 1
    assert read.pop("AreaEstablished") == 11
    total = sum(files.total() for files in demo_counties.files.values())
    assert abs(read.total() * ONE_IN - total) < 2 * ONE_IN
    assert set(read) == {
        "PersonEnumerated",
        "BirthRegistered",
        "DeathRegistered",
        "ArrivalRegistered",
        "DepartureRegistered",
    }
