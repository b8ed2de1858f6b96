"""From the set of geography events to the map at every day, and counts from one map to another. Pure."""

from services.projections.geography.atlas.course import Version
from services.projections.geography.atlas.fact import AreaFact, choose_copies, merge_copies
from services.projections.geography.atlas.findings import Finding
from services.projections.geography.atlas.hierarchy import Link
from services.projections.geography.atlas.lineage import Change
from services.projections.geography.atlas.maps import Atlas, fold_atlas
from services.projections.geography.atlas.translation import Count, Translated, Translator, Unattributed, translate

__all__ = [
    "AreaFact",
    "Atlas",
    "Change",
    "Count",
    "Finding",
    "Link",
    "Translated",
    "Translator",
    "Unattributed",
    "Version",
    "choose_copies",
    "fold_atlas",
    "merge_copies",
    "translate",
]
