"""Who works in a worker: one line for each."""

from datetime import timedelta
from functools import partial

import httpx

from services.exchange.clerk.desk import Desk
from services.exchange.clerk.opening import open_office
from services.exchange.clerk.plans import Drafting
from services.exchange.delivery.anchoring import EVERY_S, Anchoring
from services.exchange.delivery.courier import Courier
from services.exchange.delivery.outgoing import Outgoing
from services.exchange.delivery.posting import Posting
from services.exchange.journal.journal import Journal
from services.exchange.ledger.memory import Forgetting
from services.exchange.ledger.writing import DUTIES, FOLLOW_UPS, POSTS
from services.exchange.members import MembersFile
from services.exchange.pairing.cases import PairingCases
from services.exchange.pairing.pairer import Pairer
from services.exchange.reconciliation.asking import Asking
from services.exchange.reconciliation.beginning import Beginning
from services.exchange.reconciliation.naming import CHANNEL
from services.exchange.reconciliation.nightly import Nightly
from services.exchange.reconciliation.sweeping import OneSided
from services.exchange.register.facts import TYPES
from services.exchange.register.following import Follower
from services.exchange.register.relay import Relay
from services.exchange.register.snapshots import Snapshots
from services.exchange.register.sweep import Sweep
from services.exchange.register.tokens import OwnToken
from services.exchange.worker.follow_ups import FollowUps
from services.exchange.worker.following import RegisterFollowing
from services.exchange.worker.loops import Endless, Loop
from services.exchange.worker.parts import Parts
from services.exchange.worker.timers import Timers
from services.kernel.clock import SystemClock
from services.kernel.contract.catalog import DEFAULT_FOLDER
from services.kernel.contract.lints.forbidden import read_phrases

CLERK_EVERY_S = 0.1
"""What waits for the register to show something is looked at again that often."""
SWEEP_EVERY = timedelta(minutes=1)
NIGHTLY_EVERY_S, ASKING_EVERY_S = 30.0, 5.0


def assemble_following(parts: Parts, journal: Journal) -> RegisterFollowing | None:
    """Follows the register where there is a federation to tell."""
    if parts.members is None:
        return None
    follower = _make_follower(parts, parts.members)
    return RegisterFollowing(parts.pool, journal, parts.catalog, follower.take, frozenset(TYPES), follower.may_matter)


def assemble_loops(parts: Parts, journal: Journal) -> list[Loop | Endless]:
    """What runs once per region."""
    settings, pool = parts.settings, parts.pool
    loops: list[Loop | Endless] = [
        Loop("timers", Timers(pool, journal, settings.region, parts.clock).run_once, every_s=0.5),
        Loop("forgetting", Forgetting(pool, parts.clock).run_once, every_s=3600.0),
        Loop("follow-ups", FollowUps(pool, parts.producer, parts.coder).run_once, (FOLLOW_UPS,)),
    ]
    if parts.members is not None:
        outgoing = Outgoing(pool, parts.data_keys, parts.sealer)
        posting = Posting(parts.members.tls)
        courier = Courier(pool, outgoing, posting, parts.journal, parts.members, parts.clock)
        loops.append(Endless("courier", courier.run))
        anchoring = Anchoring(pool, parts.members, parts.clock)
        loops.append(Loop("anchoring", partial(anchoring.run_once, posting), every_s=EVERY_S))
        loops.append(_sweeping(parts, parts.members, journal))
        loops += _reconciling(parts, parts.members, posting)
        loops += _open_office(parts)
    if settings.ingest_url is not None and settings.token_key is not None:
        token = OwnToken(settings.token_key, settings.region, SystemClock())
        relay = Relay(pool, parts.read_pool, httpx.AsyncClient(base_url=settings.ingest_url), token.get)
        loops.append(Loop("relay", relay.run_once, (POSTS,)))
    return loops


def _open_office(parts: Parts) -> list[Loop | Endless]:
    """What the house does by itself."""
    office = open_office(
        parts.settings.region,
        parts.pool,
        parts.read_pool,
        parts.journal,
        PairingCases(parts.pool, parts.clock),
        catalog=parts.catalog,
        region_key=parts.region_key,
        audit=parts.audit,
        phrases=read_phrases(DEFAULT_FOLDER),
        clock=parts.clock,
        outflows_max=parts.settings.outflows_max,
    )
    return [
        Loop("clerk", office.clerk.work_once, (DUTIES,), every_s=CLERK_EVERY_S),
        Loop("news", office.news.tell_once, (DUTIES,)),
    ]


def _reconciling(parts: Parts, members: MembersFile, posting: Posting) -> list[Loop | Endless]:
    """Whether the own register and those of partners hold the same links, and what is asked because they do not."""
    pool, read, own, clock = parts.pool, parts.read_pool, parts.settings.region, parts.clock
    pairer = Pairer(parts.catalog, parts.region_key, parts.audit, own, clock)
    desk = Desk(pool, parts.data_keys, parts.sealer)
    asking = Asking(
        pool,
        read,
        parts.journal,
        members,
        Snapshots(pairer.records, parts.audit, own, clock),
        Drafting(desk, own, read_phrases(DEFAULT_FOLDER)),
        clock,
    )
    nightly = Nightly(pool, Beginning(pool, read, parts.journal, members, clock, posting.reconcile), members, clock)
    one_sided = OneSided(pool, read, parts.journal, own, clock)
    return [
        Loop("nightly", nightly.run_once, every_s=NIGHTLY_EVERY_S),
        Loop("one-sided", one_sided.run_once, every_s=SWEEP_EVERY.total_seconds()),
        Loop("asking", asking.run_once, (CHANNEL,), every_s=ASKING_EVERY_S),
    ]


def _make_follower(parts: Parts, members: MembersFile) -> Follower:
    return Follower(parts.pool, members.current, parts.clock)


def _sweeping(parts: Parts, members: MembersFile, journal: Journal) -> Loop:
    sweep = Sweep(parts.pool, parts.read_pool, parts.catalog, _make_follower(parts, members), SystemClock())

    async def run_once() -> bool:
        missing = await sweep.find_missing()
        for start in range(0, len(missing), parts.settings.batch_max):
            await journal.append(missing[start : start + parts.settings.batch_max])
        await sweep.done()
        return False

    return Loop("sweep", run_once, every_s=SWEEP_EVERY.total_seconds())
