"""Runs of one region, and everything that went over the wire in them."""

from base64 import b64decode
from dataclasses import dataclass, field
from typing import Any

from services.exchange.delivery.posting import Posting
from services.exchange.members import Member
from services.exchange.reconciliation import records
from services.exchange.reconciliation.beginning import Beginning
from services.exchange.wire.jws import decode_base64url, parse_json
from tests.exchange.regions import Region


@dataclass
class Wire:
    """Begins runs of a region; what went over the wire is kept."""

    region: Region
    sent: list[bytes] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        members = self.region.federation.file(self.region.name)
        self.posting = Posting(members.tls)
        pool = self.region.pool
        self.beginning = Beginning(pool, pool, self.region.journal, members, self.region.clock, self._reach)

    async def _reach(self, partner: Member, request: bytes) -> bytes:
        self.sent.append(request)
        self.heard.append(await self.posting.reconcile(partner, request))
        return self.heard[-1]

    async def run(self, partner: str = "south") -> dict[str, Any]:
        """The run's figures."""
        run_id = await self.beginning.begin(partner, "asked")
        await self.beginning.lead(run_id, partner)
        (run,) = await records.list_runs(self.region.pool, None, run_id)
        return dict(run)

    def said(self) -> list[dict[str, Any]]:
        """What was signed, in the open, with what is packed beside it."""
        bodies = [parse_json(raw) for raw in (*self.sent, *self.heard)]
        return [
            parse_json(decode_base64url(each["signed"]["payload"], "")) | {"packed": b64decode(each["packed"])}
            for each in bodies
        ]
