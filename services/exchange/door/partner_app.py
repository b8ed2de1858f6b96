"""What stands behind the port of partners, put together."""

from collections.abc import Sequence

import asyncpg
from starlette.applications import Starlette

from services.exchange.delivery.anchoring import Anchoring
from services.exchange.delivery.outgoing import Outgoing
from services.exchange.door.callers import Callers
from services.exchange.door.evidence import EvidenceRoutes
from services.exchange.door.feeds import Feeds
from services.exchange.door.limits import Limits, Shares
from services.exchange.door.partners import PartnerDoor, create_partner_app
from services.exchange.door.reconciliation import ReconciliationRoute
from services.exchange.door.refusals import Refusals
from services.exchange.door.shelf import Shelf
from services.exchange.door.taking import Taking
from services.exchange.journal.journal import Waiting
from services.exchange.journal.sealing import PartSealer
from services.exchange.members import MembersFile
from services.exchange.reconciliation.answering import Answering
from services.kernel.clock import Clock
from services.kernel.contract.lints.forbidden import Phrase
from services.kernel.http.bodies import ByteBudget
from services.kernel.privacy.data_keys import DataKeys
from services.kernel.telemetry.metrics import Metrics

BODY_BYTES_MAX = 96 << 20


def make_partner_app(
    *,
    pool: asyncpg.Pool,
    journal: Waiting,
    members: MembersFile,
    data_keys: DataKeys,
    sealer: PartSealer,
    phrases: Sequence[Phrase],
    clock: Clock,
    metrics: Metrics,
    limits: Limits | None = None,
    read_pool: asyncpg.Pool | None = None,
) -> Starlette:
    """The application for the port of partners. Does no I/O.

    Serve it with `serve_until_stopped(…, to_partners=True, tls=…)`. `phrases`: of schemas/forbidden-vocabulary.json.
    `read_pool`: of the login that may only look at the register; left out: with `pool`.
    """
    callers = Callers(members, clock)
    shares = Shares(ByteBudget(BODY_BYTES_MAX, metrics), limits or Limits())
    refusals = Refusals(metrics)
    taking = Taking(journal, Shelf(pool, data_keys, sealer), clock, phrases, refusals)
    door = PartnerDoor(callers, shares, taking, metrics, refusals)
    feeds = Feeds(door, callers, Outgoing(pool, data_keys, sealer), journal, pool, clock)
    evidence = EvidenceRoutes(door, callers, pool, Anchoring(pool, members, clock))
    answering = Answering(pool, read_pool or pool, journal, clock)
    reconciliation = ReconciliationRoute(door, callers, answering, refusals)
    return create_partner_app([*door.routes(), *feeds.routes(), *evidence.routes(), *reconciliation.routes()])
