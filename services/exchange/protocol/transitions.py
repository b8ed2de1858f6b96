"""Looking up the table, and going where it says."""

from services.exchange.protocol.conversation import Conversation
from services.exchange.protocol.effects import EFFECTS
from services.exchange.protocol.guards import Asked, holds
from services.exchange.protocol.obligations import void_the_rest
from services.exchange.protocol.states import Role
from services.exchange.protocol.table import TABLES
from services.exchange.protocol.table.row import Move, On, Row
from services.exchange.protocol.turn import Cause, Turn


def find_move(conversation: Conversation, on: On, what: str, outcome: str, asked: Asked) -> Move | None:
    """The first row of the table that fits, on our side of it; None where the conversation does not admit it."""
    for row in TABLES[conversation.talk].rows:
        move = side_of(row, conversation.role, asked.is_ours)
        if (
            move is not None
            and row.on is on
            and row.what == what
            and (not row.outcomes or outcome in row.outcomes)
            and conversation.state in move.where
            and all(holds(guard, conversation, asked) for guard in move.when)
        ):
            return move
    return None


def side_of(row: Row, role: Role, is_ours: bool) -> Move | None:
    """The half of a row that is for a side of that role: what it does itself, or what it makes of the partner's
    word."""
    if row.by not in (Role.EITHER, role if is_ours else role.opposite):
        return None
    return row.acts if is_ours else row.hears


def go(turn: Turn, move: Move, cause: Cause) -> None:
    """Moves the state and does what hangs on it."""
    turn.move_to(move.to)
    for effect in move.does:
        EFFECTS[effect](turn, cause)
    if turn.is_over:
        void_the_rest(turn, cause.id)


def step(turn: Turn, on: On, what: str, cause: Cause) -> bool:
    """Something of our own happened; goes where the table says, if it says anything."""
    asked = Asked(cause.code, cause.in_reply_to, is_ours=True)
    move = find_move(turn.c, on, what, cause.outcome, asked)
    if move is None:
        return False
    go(turn, move, cause)
    return True
