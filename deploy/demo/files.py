"""Writes the exploded events as NDJSON, one file per region, and the map of each region beside it."""

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from deploy.demo.exploder.areas import area_posts
from deploy.demo.exploder.explode import explode
from deploy.demo.exploder.tables import County, Tables


@dataclass(frozen=True)
class RegionFiles:
    """Where one region's events and map are, and how many events of each type."""

    events: Path
    areas: Path
    counts: Mapping[str, int]

    def total(self) -> int:
        return sum(self.counts.values())


def write_files(tables: Mapping[County, Tables], folder: Path) -> dict[str, RegionFiles]:
    """Explode the tables into `<folder>/<region>.events.ndjson` and `<region>.areas.ndjson`, by region.

    A file is whole or not there: it gets its name when it is complete. Raises: Imbalance.
    """
    folder.mkdir(parents=True, exist_ok=True)
    encode = msgspec.json.Encoder().encode
    counts: dict[str, Counter[str]] = {county.region: Counter() for county in tables}
    targets = {county.region: folder / f"{county.region}.events.ndjson" for county in tables}
    drafts = {region: target.with_suffix(".draft") for region, target in targets.items()}
    with ExitStack() as stack:
        files: dict[str, BinaryIO] = {
            region: stack.enter_context(draft.open("wb", buffering=1 << 20)) for region, draft in drafts.items()
        }
        for county, post in explode(tables):
            files[county.region].write(encode(post) + b"\n")
            counts[county.region][post["type"]] += 1
    for region, draft in drafts.items():
        draft.replace(targets[region])
    return {
        county.region: RegionFiles(targets[county.region], _write_areas(county, folder), counts[county.region])
        for county in tables
    }


def _write_areas(county: County, folder: Path) -> Path:
    path = folder / f"{county.region}.areas.ndjson"
    path.write_bytes(b"".join(msgspec.json.encode(post) + b"\n" for post in area_posts(county)))
    return path
