"""Puts the clerk together."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from services.exchange.clerk.answering import Answering, Cases
from services.exchange.clerk.clerk import Clerk
from services.exchange.clerk.desk import Desk
from services.exchange.clerk.meeting import Meeting
from services.exchange.clerk.news import NewsDesk
from services.exchange.clerk.noticing import Noticing
from services.exchange.clerk.outflows import Outflows
from services.exchange.clerk.plans import Drafting
from services.exchange.clerk.settling import Settling
from services.exchange.journal.journal import Waiting
from services.exchange.journal.sealing import PartSealer
from services.exchange.pairing.pairer import Pairer
from services.exchange.register.snapshots import Snapshots
from services.kernel.clock import Clock
from services.kernel.contract.catalog import Catalog
from services.kernel.contract.lints.forbidden import Phrase
from services.kernel.privacy.data_keys import DataKeys
from services.kernel.privacy.region_key import RegionKey
from services.kernel.reading.recorder import ReadRecorder


@dataclass(frozen=True, slots=True)
class Office:
    """What the house does by itself: duties, and news for conversations that exist."""

    clerk: Clerk
    news: NewsDesk


def open_office(
    own: str,
    pool: asyncpg.Pool,
    read: asyncpg.Pool,
    journal: Waiting,
    cases: Cases,
    *,
    catalog: Catalog,
    region_key: RegionKey,
    audit: ReadRecorder,
    phrases: Sequence[Phrase],
    clock: Clock,
    outflows_max: int,
) -> Office:
    """`pool`: of the exchange's own login; `read`: of the login that may only look at the register; `cases`: where
    people decide who is meant; `phrases`: what no message may speak of; `outflows_max`: how many each partner is
    confirmed in a day without people.
    """
    desk = Desk(pool, DataKeys(region_key), PartSealer(catalog))
    drafting = Drafting(desk, own, phrases)
    pairer = Pairer(catalog, region_key, audit, own, clock)
    snapshots = Snapshots(pairer.records, audit, own, clock)
    clerk = Clerk(
        desk,
        drafting,
        journal,
        clock,
        Noticing(pool, read, desk, snapshots, own),
        Answering(pool, read, desk, pairer, cases, snapshots, clock, Outflows(pool, outflows_max)),
        Meeting(pool, read, desk, pairer, clock),
        Settling(pool, read, desk, snapshots, clock),
    )
    return Office(clerk, NewsDesk(pool, read, desk, drafting, journal, snapshots, clock))
