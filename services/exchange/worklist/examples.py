"""How an answer is said at the command line: an example of each, so that nobody has to guess."""

from services.exchange.protocol.bodies import Form, Item
from services.exchange.protocol.catalogue import MessageType
from services.exchange.protocol.contents import NEEDED_WITH
from services.exchange.worklist.sayable import field_of_word


def example_of(message: MessageType, word: str = "") -> str:
    """How such a message is said at the command line. `word`: what it shall say, where that is known."""
    if message.code in _OTHERWISE:
        return _OTHERWISE[message.code]
    field = field_of_word(message)
    first = next((item.words[0] for item in message.items if item.name == field and item.words), "")
    outcome = word or first
    needed = [item for item in message.items if item.required and item.form is not Form.PART]
    fields = [f"--with {item.name}={_sample(item)}" for item in needed if item.name not in (field, *_MADE)]
    with_it = NEEDED_WITH.get((message.code, outcome))
    if with_it is not None:
        fields.append(f"--with {with_it}=REGION")
    items = f" {_ITEMS[message.code]}" if message.code in _ITEMS else ""
    return f"answer REGION CONVERSATION {outcome or message.code}{items} {' '.join(fields)}".rstrip()


_OTHERWISE = {
    "301": "verify REGION CONVERSATION --item birth_on=1975-03-02 --item family_name",
    "212": "withdraw REGION CONVERSATION",
}
_MADE = ("items", "item_ids", "registration_id", "changed_fields")
_ITEMS = {
    "211": "--item family_name=Ample",
    "213": "--item birth_on=ADOPTED_ORIGIN",
    "302": "--item 1=CONFIRMED --item birth_on=CORRECTED:1975-03-02",
    "303": "--item 1",
    "304": "--item 1=1975-03-02",
}


def _sample(item: Item) -> str:
    if item.words:
        return item.words[0]
    return {Form.DATE: "2026-03-02", Form.IDS: "0190…,0190…", Form.PATHS: "family_name"}.get(item.form, "…")
