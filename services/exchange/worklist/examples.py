"""How an answer is said at the command line: an example of each, so that nobody has to guess."""

from services.exchange.protocol.bodies import Form, Item
from services.exchange.protocol.catalogue import MessageType
from services.exchange.worklist.drafting import field_of_word


def example_of(message: MessageType) -> str:
    """How such an answer is said at the command line."""
    field = field_of_word(message)
    outcome = next((item.words[0] for item in message.items if item.name == field and item.words), "")
    needed = [item for item in message.items if item.required and item.form is not Form.PART]
    fields = [f"--with {item.name}={_sample(item)}" for item in needed if item.name not in (field, *_MADE)]
    items = f" {_ITEMS[message.code]}" if message.code in _ITEMS else ""
    return f"answer REGION CONVERSATION {outcome or message.code}{items} {' '.join(fields)}".rstrip()


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
