"""Two notices that crossed: the origin announced a departure while the destination told of the arrival.

When pairing says that both speak of one person, the two conversations become one. Each side does so for itself:
messages
keep the id under which they were said, so that a partner who has not joined understands every one of them.
"""

from dataclasses import replace
from datetime import datetime

from services.exchange.protocol.conversation import Conversation, Directory, Obligation
from services.exchange.protocol.obligations import end_obligation
from services.exchange.protocol.states import End, State
from services.exchange.protocol.stimuli import Decision
from services.exchange.protocol.turn import Turn

JOINABLE = frozenset({State.OPEN, State.UNDELIVERABLE, State.DELIVERED})
"""Where nothing but the notice itself was said yet."""


def join(announced: Conversation, arrived: Conversation, now: datetime, directory: Directory) -> Decision:
    """One conversation of both; the smaller id is kept. It stands where the arrival stands, which says more.

    `announced` holds a 202 and no 201, `arrived` a 201 and no 202; both have the same sides.
    """
    turn = Turn(arrived, max(now, announced.now), directory)
    if not _fit(announced, arrived):
        return turn.deny("not-to-be-joined")
    turn.change(
        ids=tuple(sorted((*announced.ids, *arrived.ids))),
        departure=announced.departure,
        departure_event_id=announced.departure_event_id,
        departure_confirmed=announced.departure_confirmed,
        letters=tuple(sorted((*announced.letters, *arrived.letters), key=lambda each: each.envelope.recorded_at)),
        taken=tuple(sorted((*announced.taken, *arrived.taken), key=lambda each: each.receipt.received_at)),
        obligations=_united((*announced.obligations, *arrived.obligations)),
        refused=(*announced.refused, *arrived.refused),
        duplicates=announced.duplicates + arrived.duplicates,
        asked=tuple(dict.fromkeys((*announced.asked, *arrived.asked))),
        parent_id=announced.parent_id or arrived.parent_id,
        updates=(*announced.updates, *arrived.updates),
    )
    _answer_announcement(turn)
    return turn.decide()


def _fit(announced: Conversation, arrived: Conversation) -> bool:
    same = all(
        getattr(announced, name) == getattr(arrived, name) for name in ("talk", "own", "partner", "role", "profile")
    )
    return (
        same
        and announced.state in JOINABLE
        and announced.departure is not None
        and announced.arrival is None
        and arrived.arrival is not None
        and arrived.departure is None
    )


def _united(obligations: tuple[Obligation, ...]) -> tuple[Obligation, ...]:
    """A departure that was taken back in one and announced again in the other is owed for once."""
    by_id = {each.id: each for each in sorted(obligations, key=lambda each: each.end is not End.VOIDED)}
    return tuple(by_id.values())


def _answer_announcement(turn: Turn) -> None:
    """The notice of arrival is an answer to the announcement."""
    for each in turn.c.open_obligations:
        if each.about == turn.c.departure and each.opened_by == turn.c.departure and turn.c.arrival is not None:
            if each.debtor == turn.c.own and turn.c.find_letter(turn.c.arrival) is not None:
                turn.put_obligation(replace(each, answered_by=turn.c.arrival))
            else:
                end_obligation(turn, each, End.FULFILLED, turn.c.arrival)
