"""Bodies of what offices and operators want, as declared."""

from typing import Any

import msgspec
from starlette.requests import Request

from services.kernel.errors import Rejected
from services.kernel.http.bodies import EVENT_BYTES_MAX, Body, ByteBudget


async def read_wish(request: Request, budget: ByteBudget, form: type[Any]) -> Any:
    """The body as `form`. Rejected("wrong-type") says which fields there are and what is wrong with which."""
    async with Body(request, budget, EVENT_BYTES_MAX) as body:
        if b"\\u0000" in body:  # PostgreSQL has no text with it
            raise Rejected("wrong-type", "", rule="A text holds no zero character.")
        try:
            return msgspec.json.decode(body, type=form)
        except msgspec.ValidationError as wrong:
            text = str(wrong)
            path = text.rpartition("`$")[2].rstrip("`").replace(".", "/") if "`$" in text else ""
            if "enum value" in text:
                remedy = "Send one of the words named."
                raise Rejected("unknown-word", path, rule=_fields_of(form), remedy=remedy) from None
            raise Rejected("wrong-type", path, rule=_fields_of(form)) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Rejected("malformed-json") from None


def _fields_of(form: type[Any]) -> str:
    """What the body holds, in words; nothing of what was sent."""
    fields = msgspec.structs.fields(form)
    listed = ", ".join(f"{each.name} ({'required' if each.required else 'optional'})" for each in fields)
    words = [
        f" {each.name} is one of {', '.join(map(str, getattr(each.type, '__args__', ())))}."
        for each in fields
        if getattr(each.type, "__origin__", None) is not None and "Literal" in str(each.type)
    ]
    return f"The body is an object with {listed}.{''.join(words)}"
