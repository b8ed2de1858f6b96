"""How findings and the conversations about them are named: both sides come to the same names, and to who asks."""

from uuid import UUID

from services.exchange.protocol.envelope import derive_id
from services.exchange.register.posts import instant_of

CHANNEL = "exchange_finding"
"""Notified when findings were logged."""


def finding_id(run_id: UUID, link_id: bytes, kind: str) -> UUID:
    """Of a run; or, with any other cause in the place of the run, of the house alone."""
    return UUID(derive_id(instant_of(str(run_id)), "finding", run_id, link_id.hex(), kind))


def verify_id(run_id: UUID, link_id: bytes, asker: str) -> UUID:
    """The conversation in which `asker` asks. Whoever holds a finding sees by it whether asking is its own part."""
    return UUID(derive_id(instant_of(str(run_id)), "verify", run_id, link_id.hex(), asker))
