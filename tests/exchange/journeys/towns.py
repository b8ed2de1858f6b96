"""Towns of two or three regions whose exchanges talk in earnest: people who move between them, and what both registers
show of it."""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

import asyncpg

from deploy.local.regions import find_clock_offset_file
from deploy.local.stack import Region, Running
from services.exchange.ledger.documents import read_conversation
from services.exchange.protocol.conversation import Conversation
from tests.office import Office, uuid7

Post = dict[str, Any]
PATIENCE_S = 30.0
TODAY = datetime.now(UTC).date()


def days_ago(count: int) -> str:
    return (TODAY - timedelta(days=count)).isoformat()


@dataclass
class Mover:
    """Somebody as the tests know them. `ids`: their id in each region's register."""

    civil: Post
    sex: str = "female"
    birth_on: str = "1988-03-20"
    ids: dict[str, UUID] = field(default_factory=dict)

    @classmethod
    def invent(cls, **changed: Any) -> Self:
        """Somebody whom no other test knows."""
        number = random.SystemRandom().randrange(10**9)
        letters = "".join(chr(97 + int(digit)) for digit in str(number))
        civil = {
            "given_names": f"Ex{letters}",
            "family_name": f"Ample{letters[::-1]}",
            "identifiers": [{"kind": "local", "value": f"M-{number}"}],
            "address": {"lines": [f"Example Street {number}"], "locality": "Visby"},
        }
        return cls(civil | changed)


@dataclass
class Town:
    """One area of one region, with its office, and the tables of that region."""

    region: Region
    office: Office
    database: asyncpg.Pool

    @classmethod
    async def open(cls, region: Region) -> Self:
        office = await asyncio.to_thread(Office.open, region)
        pool = await asyncpg.create_pool(region.database, min_size=1, max_size=2)
        return cls(region, office, pool)

    @property
    def name(self) -> str:
        return self.region.name

    async def post(self, post: Post, expected: int = 201) -> Post:
        answer = await asyncio.to_thread(self.office.post, post)
        assert answer.status_code == expected, answer.text
        return dict(answer.json())

    def event(self, type_: str, mover: Mover, on: str, role: str = "mover", **facts: Any) -> Post:
        """An event about somebody, by their particulars or, where they are known here, by their id."""
        known = mover.ids.get(self.name)
        subject: Post = {"role": role, "person_id": str(known)} if known else {"role": role}
        if type_ in ("PersonEnumerated", "ArrivalRegistered", "ReturnRegistered"):
            subject["civil"] = facts.pop("civil", mover.civil)
        return {
            "type": type_,
            "event_id": uuid7(),
            "occurred_on": on,
            "registered_at": f"{TODAY.isoformat()}T00:00:00Z",
            "office": self.office.code,
            "residence_area": self.office.area,
            "subjects": [subject],
            "sex": mover.sex,
            "birth_on": mover.birth_on,
        } | facts

    async def settle(self, mover: Mover, **facts: Any) -> None:
        """Somebody lives here and is registered here."""
        post = self.event("PersonEnumerated", mover, days_ago(400), "person", residence_kind="permanent", **facts)
        mover.ids[self.name] = UUID((await self.post(post))["subjects"][0]["person_id"])
        await self.until(lambda: self.lives(mover), self.office.area)

    async def arrive(self, mover: Mover, origin: str, on: str | None = None, **facts: Any) -> Post:
        """Somebody arrives from another region; the post as it was sent."""
        type_ = facts.pop("type", "ArrivalRegistered")
        post = self.event(
            type_,
            mover,
            on or days_ago(10),
            **{"to_area": self.office.area, "residence_kind": "permanent", "from_kind": "region",
               "from_region": origin} | ({"reason": "work"} if type_ == "ArrivalRegistered" else {}) | facts,
        )  # fmt: skip
        mover.ids[self.name] = UUID((await self.post(post))["subjects"][0]["person_id"])
        return post

    async def depart(self, mover: Mover, to: str, on: str | None = None, **facts: Any) -> Post:
        """Somebody announces that they leave for another region."""
        post = self.event(
            "DepartureRegistered", mover, on or days_ago(10), from_area=self.office.area, to_kind="region",
            to_region=to, **({"confirmation_expected": True} | facts),
        )  # fmt: skip
        await self.post(post)
        return post

    async def correct(self, target: Post, mover: Mover, **changed: Any) -> None:
        """Two people correct an event."""
        replacement = target | changed
        subjects = [{**subject, "person_id": str(mover.ids[self.name])} for subject in replacement["subjects"]]
        await self._act("EventCorrected", target, reason="clerical-error",
                        replacement=replacement | {"subjects": subjects})  # fmt: skip

    async def annul(self, target: Post, reason: str = "recorded-twice") -> None:
        """Two people annul an event."""
        await self._act("EventAnnulled", target, reason=reason)

    async def _act(self, type_: str, target: Post, **facts: Any) -> None:
        act = {
            "type": type_,
            "event_id": uuid7(),
            "occurred_on": TODAY.isoformat(),
            "registered_at": f"{TODAY.isoformat()}T00:00:00Z",
            "office": self.office.code,
            "residence_area": self.office.area,
            "target_event_id": target["event_id"],
        } | facts
        drafted = await asyncio.to_thread(self.office.send, "/v1/corrections", act)
        assert drafted.status_code == 201, drafted.text
        approver = self.region.token("approver", [self.office.area], "quality-assurance", sub="second-person")
        path = f"/v1/corrections/{drafted.json()['draft_id']}:approve"
        approved = await asyncio.to_thread(self.office.send, path, b"", authorization=f"Bearer {approver}")
        assert approved.status_code == 201, approved.text

    async def until(self, look: Callable[[], Awaitable[Any]], expected: Any, patience_s: float = PATIENCE_S) -> Any:
        """Looks until it shows what is expected; what it shows in the end."""
        give_up_at = time.monotonic() + patience_s
        shown = await look()
        while shown != expected and time.monotonic() < give_up_at:
            await asyncio.sleep(0.05)
            shown = await look()
        assert shown == expected, (self.name, shown, expected, await self.explain())
        return shown

    async def lives(self, mover: Mover) -> str | None:
        """Where somebody lives now, by this register: an area of it, or another region."""
        row = await self._residence(mover)
        return None if row is None else row["usual_area"] or row["usual_region"]

    async def _residence(self, mover: Mover) -> asyncpg.Record | None:
        return await self.database.fetchrow(
            "SELECT usual_area, usual_region, registered_area, registered_region FROM register.residence"
            " WHERE person_id = $1 AND to_day IS NULL",
            mover.ids.get(self.name),
        )

    async def registered(self, mover: Mover) -> str | None:
        row = await self._residence(mover)
        return None if row is None else row["registered_area"] or row["registered_region"]

    async def link(self, mover: Mover) -> tuple[str, str, str] | None:
        """The living link of somebody: id, side, partner."""
        row = await self.database.fetchrow(
            "SELECT link_id::text, own_side, partner_region FROM register.link"
            " WHERE person_id = $1 AND to_day IS NULL ORDER BY from_day DESC LIMIT 1",
            mover.ids.get(self.name),
        )
        return None if row is None else tuple(row)

    async def links(self, mover: Mover) -> list[tuple[str, str | None]]:
        """All links of somebody: partner and how it ended."""
        rows = await self.database.fetch(
            "SELECT partner_region, end_reason FROM register.link WHERE person_id = $1 ORDER BY 1, 2",
            mover.ids.get(self.name),
        )
        return [tuple(row) for row in rows]

    async def conversations(self, mover: Mover) -> list[Conversation]:
        rows = await self.database.fetch(
            "SELECT document FROM exchange.conversation WHERE person_id = $1 ORDER BY opened_at",
            mover.ids.get(self.name),
        )
        return [read_conversation(row["document"]) for row in rows]

    async def states(self, mover: Mover) -> list[tuple[str, str]]:
        return sorted((each.partner, each.state.value) for each in await self.conversations(mover))

    async def state(self, mover: Mover) -> str | None:
        """Of the conversation that was opened last."""
        found = await self.conversations(mover)
        return found[-1].state.value if found else None

    async def said_between(self, mover: Mover) -> list[str]:
        """Codes of the last conversation, as this side has them: its own first."""
        found = await self.conversations(mover)
        return [each.code for each in (*found[-1].letters, *found[-1].taken)] if found else []

    async def departure(self, mover: Mover) -> str | None:
        return await self.database.fetchval(
            "SELECT state FROM register.departure WHERE person_id = $1 ORDER BY left_day DESC LIMIT 1",
            mover.ids.get(self.name),
        )

    def shift_clock(self, **length: float) -> None:
        """All processes of the region from now on think that it is so much later."""
        seconds = timedelta(**length).total_seconds()
        find_clock_offset_file(self.region.home, self.name).write_text(str(seconds))

    async def explain(self) -> str:
        """What a failed test wants to know."""
        rows = await self.database.fetch(
            "SELECT partner, role, state, duty, duty_why, duty_tries FROM exchange.conversation"
            " WHERE opened_at > now() - interval '2 minutes' OR duty IS NOT NULL ORDER BY opened_at DESC LIMIT 6"
        )
        stuck = await self.database.fetch("SELECT type, tries, problem FROM exchange.register_outbox LIMIT 5")
        return json.dumps([[list(map(str, row)) for row in rows], [list(map(str, row)) for row in stuck]])


async def open_towns(stack: Running) -> dict[str, Town]:
    return {name: await Town.open(region) for name, region in stack.regions.items()}
