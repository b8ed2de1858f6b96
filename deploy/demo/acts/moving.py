"""People move between the two regions, and the exchanges tell each other: posted live, followed message by message,
refused, corrected, withdrawn, held up; in the end both registers are compared.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import psutil

from deploy.demo.office import Office
from deploy.demo.scene import Scene, must_be
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.register.following import conversation_id_of
from services.kernel.event_id import new_event_id

HERE, THERE, AREA = "gotland", "jamtland", "0980"
BORN = ("1994", "1995", "1996", "1997", "1998", "1999")
MOVERS = 20
HELD_UP = 3
WEEKS_AGO = timedelta(weeks=4)
_PATIENCE_S = 60.0
_LOOK_EVERY_S = 0.05
Post = dict[str, Any]


@dataclass
class Mover:
    """Somebody who moves. `there`, `here`: their ids in the two registers. `role`: what the demo has in mind for them.
    `took_s`: from the answer to the post until both registers showed the link.
    """

    civil: Post
    born_on: str
    sex: str
    there: str
    role: str = ""
    post: Post = field(default_factory=dict)
    here: str = ""
    posted_s: float = 0.0
    took_s: float | None = None

    @property
    def conversation_id(self) -> str:
        return conversation_id_of(HERE, UUID(self.post["event_id"]))


def move_people(scene: Scene) -> None:
    """Arrivals are posted at Gotland with origins declared in Jämtland; everything else the two exchanges do."""
    scene.stage.act("People move, and two registers agree on it")
    scene.clocks.set_to(scene.clocks.now() - WEEKS_AGO)
    scene.stage.quiet(
        f"The clocks of both regions say {scene.clocks.now():%-d %B %Y}, so that deadlines can pass below."
    )
    desk, there = Office(scene, HERE, "registrar", sub="clerk-1"), Office(scene, THERE, "registrar", sub="clerk-9")
    movers = _choose(scene, there)
    _give_roles(movers, scene.clocks.now())
    scene.stage.say(
        f"{len(movers)} people of {THERE} register their arrival at {HERE}; nobody there knows of it. One of them is"
    )
    scene.stage.say("unknown there, one is misspelt, one did not move after all.")
    for mover in movers:
        if mover.role != "held up":
            _arrive(scene, desk, mover)
    _follow(scene, desk, next(each for each in movers if each.role == "followed"))
    _correct(scene, desk, next(each for each in movers if each.role == "misspelt"))
    _withdraw(scene, desk, next(each for each in movers if each.role == "stays"))
    _refuse(scene, desk, next(each for each in movers if each.role == "unknown"))
    plain = [each for each in movers if each.role in ("", "followed", "misspelt")]
    _wait_for_links(desk, there, plain)
    late = _hold_up(scene, desk, there, movers)
    _compare(scene, desk, there, [*plain, *late], movers)
    scene.mover = next(each.here for each in movers if each.role == "followed")


def _choose(scene: Scene, there: Office) -> list[Mover]:
    """Grown-up children of Jämtland's files who never moved."""
    importer = Office(scene, THERE, "importer")
    wanted, found = MOVERS + HELD_UP, list[Mover]()
    for birth in _births(scene):
        answer = importer.post("/v1/events", birth)
        record = there.person(answer["subjects"][0]["person_id"])
        if len(record["timeline"]) == 1 and record["current"]["vital"] == "alive":
            found.append(_read(record))
        if len(found) == wanted:
            return found
    raise RuntimeError(f"there are not {wanted} people in {THERE} who could move")


def _births(scene: Scene) -> Iterator[Post]:
    with scene.files[THERE].events.open("rb") as file:
        for line in file:
            if line.startswith(b'{"type":"BirthRegistered"'):
                birth: Post = msgspec.json.decode(line)
                if birth["occurred_on"].startswith(BORN) and birth.get("live_birth", True):
                    yield birth


def _read(record: Mapping[str, Any]) -> Mover:
    civil = record["particulars"]["civil"]
    names = {name: civil[name] for name in ("given_names", "family_name") if civil.get(name)}
    identifiers = [{"kind": each["kind"], "value": each["value"]} for each in civil["identifiers"]]
    current = record["current"]
    return Mover(names | {"identifiers": identifiers}, current["born_on"], current["sex"], record["person_id"])


def _give_roles(movers: list[Mover], now: datetime) -> None:
    """One is followed, one is misspelt, one stays after all, one is nobody there; the last wait for a partner."""
    first, second, third, fourth, *_ = movers
    first.role, second.role, third.role, fourth.role = "followed", "misspelt", "stays", "unknown"
    name = second.civil["given_names"]
    second.civil = second.civil | {"given_names": name + name[-1]}
    number = str(new_event_id(now).int % 10**9)
    letters = "".join("abcdefghij"[int(digit)] for digit in number)
    fourth.civil = {"given_names": f"Nobody{letters}", "family_name": f"Stranger{letters}",
                    "identifiers": [{"kind": "local", "value": f"X-{number}"}]}  # fmt: skip
    for mover in movers[-HELD_UP:]:
        mover.role = "held up"


def _arrive(scene: Scene, desk: Office, mover: Mover) -> None:
    today = scene.clocks.now()
    mover.post = {
        "type": "ArrivalRegistered",
        "event_id": str(new_event_id(today)),
        "occurred_on": (today - timedelta(days=7)).date().isoformat(),
        "registered_at": today.isoformat(timespec="milliseconds"),
        "office": f"{AREA}-1",
        "residence_area": AREA,
        "subjects": [{"role": "mover", "civil": mover.civil}],
        "sex": mover.sex,
        "birth_on": mover.born_on,
        "to_area": AREA,
        "residence_kind": "permanent",
        "from_kind": "region",
        "from_region": THERE,
        "reason": "work",
    }
    answer = desk.post("/v1/events", mover.post)
    mover.here, mover.posted_s = answer["subjects"][0]["person_id"], time.monotonic()


def _conversation(desk: Office, mover: Mover, *states: str) -> dict[str, Any]:
    """Waits until it stands in one of the states."""
    until = time.monotonic() + _PATIENCE_S
    told: dict[str, Any] = {}
    while time.monotonic() < until:
        try:
            told = desk.ask_exchange(f"/exchange/v1/conversations/{mover.conversation_id}")
        except RuntimeError:
            told = {}
        if told.get("state") in states:
            return told
        time.sleep(_LOOK_EVERY_S)
    raise RuntimeError(f"a conversation did not come to {' or '.join(states)}: it is {told.get('state')}")


def _follow(scene: Scene, desk: Office, mover: Mover) -> None:
    told = _conversation(desk, mover, "SETTLED")
    scene.stage.say(f"One mover, message by message (conversation {told['conversation_id']}):")
    began = datetime.fromisoformat(mover.post["registered_at"])
    rows = [("ArrivalRegistered is posted", HERE, "0.00")]
    for each in told["messages"]:
        at = datetime.fromisoformat(each["at"].replace("Z", "+00:00"))
        said = " ".join(filter(None, (each["code"], CATALOGUE[each["code"]].name, each["outcome"])))
        rows.append((said, each["from"], f"{(at - began).total_seconds():.2f}"))
    rows.append((f"link {told['link']}, conversation {told['state']}", "both", ""))
    scene.stage.table(("what is said", "by", "seconds"), rows)


def _correct(scene: Scene, desk: Office, mover: Mover) -> None:
    """The origin holds another spelling; the office looks at the paper again and corrects its own record."""
    told = _conversation(desk, mover, "ANSWERED")
    must_be(told["duty"] == "PEOPLE", "a difference was settled without people")
    scene.stage.say(f"Misspelt: {THERE} answers {_last(told)}; that is for people, and they correct their own record.")
    right = mover.civil["given_names"][:-1]
    subject = {"role": "mover", "person_id": mover.here, "civil": mover.civil | {"given_names": right}}
    _act(
        scene, desk, mover, "EventCorrected", reason="clerical-error", replacement=mover.post | {"subjects": [subject]}
    )
    told = _conversation(desk, mover, "SETTLED")
    scene.stage.say(f"The corrected notice 211 goes out by itself, {THERE} confirms, and it settles.")


def _withdraw(scene: Scene, desk: Office, mover: Mover) -> None:
    _conversation(desk, mover, "SETTLED")
    _act(scene, desk, mover, "EventAnnulled", reason="did-not-happen")
    told = _conversation(desk, mover, "WITHDRAWN")
    scene.stage.say(f"Did not move: the arrival is annulled by two people, 212 is said by itself, and {THERE}")
    scene.stage.say(f"takes its own record of the outflow back. The conversation is {told['state']}.")


def _refuse(scene: Scene, desk: Office, mover: Mover) -> None:
    told = _conversation(desk, mover, "REFUSED")
    scene.stage.say(f"Unknown: {THERE} answers {_last(told)}, in the very same words as of somebody protected.")


def _last(told: Mapping[str, Any]) -> str:
    heard = [each for each in told["messages"] if each["from"] == THERE]
    return " ".join(filter(None, (heard[-1]["code"], heard[-1]["outcome"])))


def _act(scene: Scene, desk: Office, mover: Mover, type_: str, **facts: Any) -> None:
    colleague = Office(scene, HERE, "approver", sub="clerk-2")
    now = scene.clocks.now()
    draft = desk.post(
        "/v1/corrections",
        {
            "type": type_,
            "event_id": str(new_event_id(now)),
            "occurred_on": now.date().isoformat(),
            "registered_at": now.isoformat(timespec="milliseconds"),
            "residence_area": AREA,
            "office": f"{AREA}-1",
            "target_event_id": mover.post["event_id"],
        }
        | facts,
    )
    colleague.post(f"/v1/corrections/{draft['draft_id']}:approve", {})


def _wait_for_links(desk: Office, there: Office, movers: list[Mover]) -> None:
    until = time.monotonic() + _PATIENCE_S
    for mover in movers:
        _conversation(desk, mover, "SETTLED")
        while not (_link(desk, mover.here) and _link(there, mover.there)):
            must_be(time.monotonic() < until, "a move stayed one-sided")
            time.sleep(_LOOK_EVERY_S)


def _link(office: Office, person_id: str) -> str | None:
    links = office.person(person_id)["history"]["links"]
    return next((each["link_id"] for each in links if each["to_on"] is None), None)


def _hold_up(scene: Scene, desk: Office, there: Office, movers: list[Mover]) -> list[Mover]:
    late = [each for each in movers if each.role == "held up"]
    with _frozen(scene):
        for mover in late:
            _arrive(scene, desk, mover)
        time.sleep(2.0)
        waiting = [_conversation(desk, mover, "OPEN") for mover in late]
        scene.stage.say(
            f"The exchange of {THERE} is stopped; {len(waiting)} more arrive. Their notices wait, and say so."
        )
    began_s = time.monotonic()
    _wait_for_links(desk, there, late)
    scene.stage.say(f"It goes on, and {time.monotonic() - began_s:.1f} s later all of them are in both registers.")
    return late


@contextmanager
def _frozen(scene: Scene) -> Iterator[None]:
    parent = scene.running.get_process(f"{THERE}-exchange")
    processes = [parent, *parent.children(recursive=True)]
    for one in processes:
        one.suspend()
    try:
        yield
    finally:
        for one in processes:
            try:
                one.resume()
            except psutil.NoSuchProcess:
                continue


def _compare(scene: Scene, desk: Office, there: Office, linked: list[Mover], movers: list[Mover]) -> None:
    """Every mover is inflow here and outflow there, under one link; nobody else is."""
    both = one_sided = 0
    for mover in linked:
        arrived, left = desk.person(mover.here), there.person(mover.there)
        is_inflow = arrived["current"]["usual"] == {"area": AREA}
        is_outflow = left["current"]["usual"] == {"region": HERE}
        same = _link(desk, mover.here) == _link(there, mover.there) is not None
        both += is_inflow and is_outflow and same
        one_sided += not (is_inflow and is_outflow and same)
    stays = next(each for each in movers if each.role == "stays")
    restored = there.person(stays.there)["current"]["usual"]
    scene.stage.table(
        ("both registers compared", "people"),
        [
            ("inflow here, outflow there, one link", str(both)),
            ("in one register only", str(one_sided)),
            ("withdrawn, and living where they lived", str(int("area" in (restored or {})))),
            ("refused, for an office to look at", "1"),
        ],
    )
    must_be(not one_sided and both == len(linked), "a mover is in one register only")
    must_be("area" in (restored or {}), "a withdrawn move was not undone")
