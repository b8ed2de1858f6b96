"""Builds a projection anew from the first offset, beside the live tables, and switches when both are equal.

    deal      all records are read once and dealt out to parts, in files        several processes
    settle    what binds records to people whom they do not name                one
    fold      each part becomes rows, written by COPY in one transaction        several processes
    index     keys, indexes, statistics
    follow    what came meanwhile, by `apply`
    compare   with the live tables, at exactly the same positions
    switch    the views, in one transaction

A projection without `Bulk` skips the first three and follows from the first offset. Whatever ends a rebuild, the same
command goes on with it: what was committed and what stands in the folder is not done again. The live build serves all
the while, and any doubt ends the rebuild, never the serving.
"""

from services.projections.engine.rebuild.conductor import Rebuild
from services.projections.engine.rebuild.order import Order, Outcome, Setup, Stop, Watch
from services.projections.engine.rebuild.reverting import cancel, roll_back

__all__ = ["Order", "Outcome", "Rebuild", "Setup", "Stop", "Watch", "cancel", "roll_back"]
