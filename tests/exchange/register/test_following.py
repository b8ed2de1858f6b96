"""What the region's log says, and what partners are told of it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.exchange.protocol.envelope import derive_id
from services.exchange.protocol.states import Role
from services.exchange.protocol.stimuli import Finding, Register, Tick
from services.exchange.register.facts import Moved, News, Told, read_facts
from services.exchange.register.following import Follower, conversation_id_of
from services.exchange.register.telling import LATER, NEVER, Later, Never, Word, find_word
from services.kernel.codec.decode import Event
from services.kernel.contract.catalog import Catalog
from tests.exchange.federation import Federation
from tests.exchange.register.spoken import ARRIVAL, DEPARTURE, PERSON, Spoken

CATALOG = Catalog.load()
ID = UUID(derive_id(datetime(2026, 3, 2, tzinfo=UTC), "event"))
DAY = date(2026, 3, 1)
SAID_IN = UUID(derive_id(datetime(2026, 3, 2, tzinfo=UTC), "said in"))


def _event(type_: str, role: str = "mover", region: str = "north", **facts: Any) -> Event:
    record = {
        "event_id": ID.bytes,
        "region": region,
        "subjects": [{"role": role, "region": region, "person_id": PERSON.bytes}],
        "occurred_on": (DAY - date(1970, 1, 1)).days,
        "registered_at": 1772438400000,
        "source": "office",
        "office": "0980-1",
        "conversation_id": None,
        "from_region": None,
        "to_region": None,
    }
    return Event(CATALOG.get_event(type_), record | facts)


def test_an_arrival_from_a_partner_opens_a_conversation() -> None:
    arrived, moved = read_facts(_event("ArrivalRegistered", from_region="south"), "north")
    assert isinstance(moved, Moved)
    assert (moved.role, moved.partner, moved.person_id, moved.moved_on) == (Role.DESTINATION, "south", PERSON, DAY)
    assert isinstance(arrived, Told)
    assert (arrived.news, arrived.region) == (News.ARRIVED, "south")
    assert [type(each) for each in read_facts(_event("ReturnRegistered", from_region="south"), "north")] == [
        Told, Moved,
    ]  # fmt: skip


@pytest.mark.parametrize("origin", [None, "north"])
def test_an_arrival_from_nowhere_or_from_here_opens_none(origin: str | None) -> None:
    assert [type(each) for each in read_facts(_event("ArrivalRegistered", from_region=origin), "north")] == [Told]


def test_a_departure_that_waits_is_announced_and_one_that_is_final_ends_stays() -> None:
    (moved,) = read_facts(_event("DepartureRegistered", to_region="south", confirmation_expected=True), "north")
    assert isinstance(moved, Moved)
    assert (moved.role, moved.partner) == (Role.ORIGIN, "south")
    (told,) = read_facts(_event("DepartureRegistered", to_region="south", confirmation_expected=False), "north")
    assert isinstance(told, Told)
    assert (told.news, told.region) == (News.LEFT, "south")


def test_what_the_exchange_recorded_itself_opens_nothing() -> None:
    ours: dict[str, Any] = {"source": "system", "conversation_id": SAID_IN.bytes}
    assert read_facts(_event("ArrivalRegistered", from_region="south", **ours), "north") == []
    (told,) = read_facts(_event("DepartureRegistered", to_region="west", confirmation_expected=False, **ours), "north")
    assert isinstance(told, Told)
    assert (told.news, told.said_in) == (News.LEFT, SAID_IN)
    assert read_facts(
        _event("EventAnnulled", target_type="DepartureRegistered", target_event_id=ID.bytes, reason="other", **ours),
        "north",
    ) == []  # fmt: skip
    for type_ in ("LinkOpened", "OriginNotified", "RecordUpdatedByPartner", "DepartureLapsed"):
        assert read_facts(_event(type_, **ours), "north") == []


def test_another_region_s_events_are_not_ours() -> None:
    assert read_facts(_event("ArrivalRegistered", region="south", from_region="west"), "north") == []


def test_deaths_ends_of_stays_and_acts_of_people_are_told() -> None:
    (death,) = read_facts(_event("DeathRegistered", role="deceased"), "north")
    (ended,) = read_facts(_event("StayEnded", ending="returned"), "north")
    acts = {"target_type": "ArrivalRegistered", "target_event_id": UUID(ARRIVAL).bytes, "reason": "recorded-twice"}
    (annulled,) = read_facts(_event("EventAnnulled", **acts), "north")
    assert [each.news for each in (death, ended, annulled) if isinstance(each, Told)] == ["DEATH", "LEFT", "ANNULLED"]
    assert isinstance(annulled, Told)
    assert annulled.target_id == UUID(ARRIVAL)
    assert read_facts(_event("EventAnnulled", **(acts | {"target_type": "BirthRegistered"})), "north") == []


class _Still:
    def now(self) -> datetime:
        return datetime(2026, 3, 2, tzinfo=UTC)


async def test_the_same_event_always_begins_the_same_conversation(tmp_path: Path) -> None:
    federation = Federation(tmp_path, {"north": "https://north", "south": "https://south"})
    follower = Follower(None, lambda: federation.members("north"), _Still())  # type: ignore[arg-type]
    departed = _event("DepartureRegistered", to_region="south", confirmation_expected=True)
    one, two = [(await follower.take([departed]))[0] for _ in range(2)]
    assert (one.event_id, one.conversation_id) == (two.event_id, two.conversation_id)
    assert one.conversation_id == conversation_id_of("north", ID)
    assert one.begins is not None
    assert (one.begins.role, one.partner, one.stimulus) == (Role.ORIGIN, "south", Tick())
    assert one.person is not None
    assert one.person.person_id == PERSON
    long_ago = _event("DepartureRegistered", to_region="south", confirmation_expected=True, occurred_on=0)
    assert await follower.take([long_ago]) == []
    assert Register  # the stimulus of arrivals; news, and moves that nobody hears of, need the tables


def test_of_a_history_that_is_imported_nothing_is_decoded(tmp_path: Path) -> None:
    federation = Federation(tmp_path, {"north": "https://north", "south": "https://south"})
    follower = Follower(None, lambda: federation.members("north"), _Still())  # type: ignore[arg-type]
    for year, matters in ((1995, False), (2019, False), (2020, True), (2026, True)):
        event_id = UUID(derive_id(datetime(year, 1, 2, tzinfo=UTC), "event"))
        assert follower.may_matter(b"\0\0\0\0\7" + event_id.bytes + b"and more") is matters
    alone = Federation(tmp_path / "alone", {"north": "https://north"})
    nobody = Follower(None, lambda: alone.members("north"), _Still())  # type: ignore[arg-type]
    assert not nobody.may_matter(b"\0\0\0\0\7" + ID.bytes)


def _told(news: News, on: date = DAY, **facts: Any) -> Told:
    return Told(ID, news, on, PERSON, **facts)


def _settled() -> Spoken:
    sides = Spoken()
    sides.say("north", "201")
    sides.find("south", Finding.PAIRED)
    sides.say("south", "203", "CONFIRMED")
    sides.say("north", "213")
    return sides


def _word(told: Told, sides: Spoken, side: str) -> Word:
    word = find_word(told, sides.sides[side])
    assert isinstance(word, Word), word
    assert sides.say(side, word.code, **dict(word.body)).denial is None
    return word


def test_a_death_is_told_from_either_side_once_the_link_lives() -> None:
    for side in ("north", "south"):
        word = _word(_told(News.DEATH), _settled(), side)
        assert (word.code, word.body["change_kind"], word.body["effect"]) == ("401", "DEATH", "ENDS_STAY")
    sides = Spoken()
    sides.say("north", "201")
    assert find_word(_told(News.DEATH), sides.sides["north"]) is LATER


@pytest.mark.parametrize(
    ("facts", "code", "said"),
    [
        ({"region": "south"}, "404", "RETURNED"),
        ({"how": "returned"}, "404", "RETURNED"),
        ({"how": "not-found"}, "404", "UNKNOWN"),
        ({}, "404", "MOVED_ON"),
        ({"region": "west"}, "401", "west"),
    ],
)
def test_who_left_has_ended_the_stay_and_the_origin_hears_how(facts: dict[str, Any], code: str, said: str) -> None:
    word = _word(_told(News.LEFT, **facts), _settled(), "north")
    assert (word.code, said in word.body.values()) == (code, True)
    assert find_word(_told(News.LEFT, **facts), _settled().sides["south"]) is NEVER


def test_what_ended_before_the_stay_began_does_not_end_it() -> None:
    assert find_word(_told(News.LEFT, date(2026, 1, 1), region="west"), _settled().sides["north"]) is NEVER


def test_the_conversation_that_caused_it_is_not_told_of_it() -> None:
    sides = _settled()
    said_in = UUID(sides.sides["north"].id)
    assert find_word(_told(News.LEFT, region="south", said_in=said_in), sides.sides["north"]) is NEVER


def test_who_is_back_from_elsewhere_is_told_to_where_they_were_thought_to_live() -> None:
    word = _word(_told(News.ARRIVED, region="west"), _settled(), "south")
    assert word.body["next_jurisdiction"] == "south"
    assert find_word(_told(News.ARRIVED, region="north"), _settled().sides["south"]) is NEVER


def _acted(news: News, how: str = "", target: str = ARRIVAL) -> Told:
    return Told(ID, news, DAY, None, UUID(target), how)


def test_a_correction_is_a_corrected_notice_while_it_can_be_and_a_change_afterwards() -> None:
    sides = Spoken()
    sides.say("north", "201")
    assert isinstance(find_word(_acted(News.CORRECTED), sides.sides["north"]), Later)
    sides.find("south", Finding.PAIRED)
    sides.say("south", "203", "CONFIRMED_WITH_DIFFERENCES")
    word = _word(_acted(News.CORRECTED, "clerical-error"), sides, "north")
    assert (word.code, word.body["reason"]) == ("211", "TYPING_ERROR")
    assert word.in_reply_to == sides.sides["north"].taken[0].id
    assert _word(_acted(News.CORRECTED), _settled(), "north").code == "401"


def test_an_annulled_arrival_takes_the_notice_back() -> None:
    word = _word(_acted(News.ANNULLED, "recorded-twice"), _settled(), "north")
    assert (word.code, word.body["notice"], word.body["reason"]) == ("212", "ARRIVAL", "DUPLICATE")


def test_an_annulled_departure_takes_the_announcement_back() -> None:
    sides = Spoken("202")
    sides.say("north", "202")
    word = _word(_acted(News.ANNULLED, target=DEPARTURE), sides, "north")
    assert (word.code, word.body["notice"]) == ("212", "DEPARTURE")
    assert isinstance(find_word(_acted(News.ANNULLED, target=DEPARTURE), _settled().sides["south"]), Never)


def test_nothing_is_told_twice() -> None:
    sides = _settled()
    told = _told(News.DEATH)
    word = find_word(told, sides.sides["north"])
    assert isinstance(word, Word)
    again = find_word(told, sides.sides["north"])
    assert isinstance(again, Word)
    assert again.message_id == word.message_id
