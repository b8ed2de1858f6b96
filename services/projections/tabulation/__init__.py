"""Counts over the register's tables: the same sums as over cells in memory, put together by the database."""

from services.projections.tabulation.counts import TabulatedCounts, open_counts
from services.projections.tabulation.instants import CrowdedInstantError

__all__ = ["CrowdedInstantError", "TabulatedCounts", "open_counts"]
