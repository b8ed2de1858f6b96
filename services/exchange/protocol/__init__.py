"""What regions say to each other: messages, conversations, obligations. Pure: no I/O, no clock, nothing but the
standard library.

Read in this order: `states` (the words), `catalogue` and `contents` (the messages), `table` (what becomes of a
conversation),
`deadlines` and `calendars` (by when), `failures` (what may go wrong), `decide` (how it all happens).
"""

from services.exchange.protocol.actions import Action, allowed_actions
from services.exchange.protocol.conversation import Conversation, Directory, begin
from services.exchange.protocol.decide import decide
from services.exchange.protocol.joining import join
from services.exchange.protocol.passing import wake_at
from services.exchange.protocol.stimuli import Decision
from services.exchange.protocol.welcome import welcome

__all__ = [
    "Action",
    "Conversation",
    "Decision",
    "Directory",
    "allowed_actions",
    "begin",
    "decide",
    "join",
    "wake_at",
    "welcome",
]
