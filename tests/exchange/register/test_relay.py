"""What the relay makes of posts before it sends them, and in which order it does."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import jwt

from services.exchange.register.completing import Mover, fill
from services.exchange.register.outbox import Waiting
from services.exchange.register.relay import in_order
from services.exchange.register.tokens import OwnToken
from services.kernel.identity.local_keys import ensure_signing_key

MOVER = UUID(int=7)


def _waiting(type_: str, **facts: object) -> Waiting:
    document = {"type": type_, "subjects": [{"role": "mover", "person_id": str(MOVER)}]} | facts
    return Waiting(uuid4(), uuid4(), type_, json.dumps(document).encode(), 0)


def test_what_annuls_goes_after_what_it_annuls_and_before_what_follows() -> None:
    types = ["DepartureRegistered", "LinkOpened", "EventAnnulled", "EventAnnulled", "DepartureRegistered"]
    bursts = in_order([_waiting(each) for each in types])
    assert [[each.type for each in burst] for burst in bursts] == [types[:2], types[2:4], types[4:]]
    assert in_order([]) == []


def test_a_departure_is_filled_in_from_the_register_once() -> None:
    draft = _waiting("DepartureRegistered")
    done = fill([draft], {draft.event_id: json.loads(draft.post)}, {MOVER: Mover("female", "1975-03", "0980")})
    assert json.loads(done.ready[0].post) | {"sex": "female", "birth_on": "1975-03", "from_area": "0980"} == (
        json.loads(done.ready[0].post)
    )
    assert done.filled == [(draft.event_id, done.ready[0].post)]
    again = fill(done.ready, {}, {})
    assert (again.ready, again.filled) == (done.ready, [])


def test_somebody_who_is_not_here_cannot_leave_and_people_hear_of_it() -> None:
    draft, other = _waiting("DepartureRegistered"), _waiting("LinkOpened")
    open_ = {draft.event_id: json.loads(draft.post)}
    for movers in ({}, {MOVER: Mover("male", None, None)}):
        done = fill([draft, other], open_, movers)
        assert done.ready == [other]
        assert [each[0] for each in done.impossible] == [draft.event_id]


class _Shifted:
    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


def test_the_own_token_lives_by_the_shifted_clock(tmp_path: Path) -> None:
    ensure_signing_key(tmp_path)
    clock = _Shifted()
    token = OwnToken(tmp_path, "north", clock)
    first = token.get()
    assert token.get() == first
    for shift in (timedelta(days=92), timedelta(days=-300)):
        clock.at += shift
        said = jwt.decode(token.get(), options={"verify_signature": False})
        assert said["exp"] > clock.at.timestamp() >= said["iat"]
        assert said["sub"] == "exchange"


def test_a_token_in_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("one\n")
    token = OwnToken(path, "north", _Shifted())
    assert token.get() == "one"
    path.write_text("two\n")
    os.utime(path, ns=(1, 1))
    assert token.get() == "two"
