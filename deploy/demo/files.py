"""Writes the exploded events as NDJSON, one file per region, and the map of each region beside it."""

import filecmp
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from deploy.demo.exploder.areas import area_posts
from deploy.demo.exploder.explode import explode
from deploy.demo.exploder.posts import Post, primary_number
from deploy.demo.exploder.tables import County, Tables

_STAMP = "made-from.json"


@dataclass(frozen=True)
class RegionFiles:
    """Where one region's events and map are, and how many events of each type.

    `renewed`: the events' file was not there, or said something else.
    """

    events: Path
    areas: Path
    counts: Mapping[str, int]
    renewed: bool

    def total(self) -> int:
        return sum(self.counts.values())


def find_files(counties: Sequence[County], folder: Path) -> dict[str, RegionFiles] | None:
    """The files of an earlier `write_files` by the same rules from the same tables; None if there are none."""
    try:
        stamp = json.loads((folder / _STAMP).read_text())
        found = {
            county.region: RegionFiles(
                folder / f"{county.region}.events.ndjson",
                folder / f"{county.region}.areas.ndjson",
                stamp["counts"][county.region],
                renewed=False,
            )
            for county in counties
        }
    except (FileNotFoundError, ValueError, KeyError):
        return None
    whole = all(one.events.is_file() and one.areas.is_file() for one in found.values())
    return found if whole and stamp["made_from"] == _made_from() else None


def write_files(tables: Mapping[County, Tables], folder: Path, one_in: int = 1) -> dict[str, RegionFiles]:
    """Explode the tables into `<folder>/<region>.events.ndjson` and `<region>.areas.ndjson`, by region.

    `one_in`: keep the events of one person in so many (whole lives; the tables then hold no more). A file that already
    says the same is left alone, so that an interrupted import of it can go on. Raises: Imbalance.
    """
    folder.mkdir(parents=True, exist_ok=True)
    counts: dict[str, Counter[str]] = {county.region: Counter() for county in tables}
    targets = {county.region: folder / f"{county.region}.events.ndjson" for county in tables}
    drafts = {region: target.with_suffix(".draft") for region, target in targets.items()}
    (folder / _STAMP).unlink(missing_ok=True)
    encode = msgspec.json.Encoder().encode
    with ExitStack() as stack:
        files: dict[str, BinaryIO] = {
            region: stack.enter_context(draft.open("wb", buffering=1 << 20)) for region, draft in drafts.items()
        }
        for county, post in explode(tables):
            if one_in == 1 or primary_number(post) % one_in == 0:
                files[county.region].write(encode(post) + b"\n")
                counts[county.region][post["type"]] += 1
    written = {
        county.region: RegionFiles(
            targets[county.region],
            _write_areas(county, folder),
            counts[county.region],
            _renew(targets[county.region], drafts[county.region]),
        )
        for county in tables
    }
    (folder / _STAMP).write_text(json.dumps({"made_from": _made_from(), "counts": counts}))
    return written


def read_areas(path: Path) -> list[Post]:
    """The posts of a map."""
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]


def _write_areas(county: County, folder: Path) -> Path:
    path = folder / f"{county.region}.areas.ndjson"
    path.write_bytes(b"".join(msgspec.json.encode(post) + b"\n" for post in area_posts(county)))
    return path


def _renew(target: Path, draft: Path) -> bool:
    if target.exists() and filecmp.cmp(draft, target, shallow=False):
        draft.unlink()
        return False
    draft.replace(target)
    return True


def _made_from() -> str:
    """A hash of the rules (the exploder's own source) and of the committed tables."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted([*(here / "exploder").glob("*.py"), *(here / "data").glob("*.gz"), Path(__file__)]):
        digest.update(path.read_bytes())
    return digest.hexdigest()
