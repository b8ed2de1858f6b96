"""What a worker tells of itself, a line a second: its parent counts and shows it."""

import msgspec


class Figures(msgspec.Struct):
    """One projection in one worker. Counts begin with the worker; `troubled_s`: for how long it has been trying."""

    projection: str
    state: str = "starting"
    partitions: int = 0
    records: int = 0
    batches: int = 0
    aside: int = 0
    retries: int = 0
    troubled_s: float = 0.0
    applying_s: float = 0.0


class Line(msgspec.Struct):
    """All projections of one worker."""

    pid: int
    figures: list[Figures]


def read_line(text: bytes) -> dict[str, Figures]:
    """What a worker tells, by projection. ValueError for anything else."""
    return {figures.projection: figures for figures in msgspec.json.decode(text, type=Line).figures}
