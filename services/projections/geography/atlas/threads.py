"""What stands of everything that was said: corrections and annulments are settled here.

As in the register of people: of several acts on one event the latest decides, by (registered_at, event id); its
replacement stands, or nothing. Acts on acts have no effect.
"""

from collections.abc import Mapping

import msgspec

from services.projections.geography.atlas.fact import ACTS, RANKS, AreaFact
from services.projections.geography.atlas.findings import (
    ACT_ON_AN_ACT,
    CONTESTED_COPY,
    TARGET_MISSING,
    Finding,
)


def settle(chosen: Mapping[bytes, AreaFact]) -> tuple[list[AreaFact], list[Finding]]:
    """The facts that stand, in the order in which they happened, and what is doubtful about them."""
    findings = [
        Finding(CONTESTED_COPY, fact.area, fact.day, fact.event_id, None) for fact in chosen.values() if fact.contested
    ]
    deciding: dict[bytes, AreaFact] = {}
    for fact in chosen.values():
        if fact.type in ACTS:
            known = deciding.get(fact.thread_id)
            if known is None or _made(known) < _made(fact):
                deciding[fact.thread_id] = fact
    standing = {fact.event_id: fact for fact in chosen.values() if fact.type in RANKS}
    for target_id, act in deciding.items():
        target = chosen.get(target_id)
        if target is not None and target.type in ACTS:
            findings.append(Finding(ACT_ON_AN_ACT, "", act.day, act.event_id, None))
            continue
        if target is None:
            findings.append(Finding(TARGET_MISSING, "", act.day, act.event_id, None))
        standing.pop(target_id, None)
        instead = act.replacement
        # A replacement is complete, so it stands without its target too.
        if instead is not None and instead.type in RANKS:
            standing[target_id] = msgspec.structs.replace(instead, event_id=target_id)
    return sorted(standing.values(), key=_happened), findings


def _made(act: AreaFact) -> tuple[int, bytes]:
    return act.registered_at, act.event_id


def _happened(fact: AreaFact) -> tuple[int, int, int, bytes]:
    return fact.day, RANKS[fact.type], fact.registered_at, fact.event_id
