"""Tables of the documents of parts, from their declarations."""

from collections.abc import Iterator
from typing import Any

import msgspec

from services.exchange.particulars import documents
from services.exchange.particulars.forms import FORMS, MEMBERS_MAX
from services.exchange.protocol.catalogue import CATALOGUE


def render_documents() -> Iterator[str]:
    """Which message brings which document, and what stands in each."""
    yield from ("| message | document of `subject` | must it be there | others told of |", "|---|---|---|---|")
    for code, form in FORMS.items():
        needed = "yes" if form.needs_subject else "no"
        if form.outcomes:
            needed += f"; only with {', '.join(sorted(form.outcomes))}"
        others = f"`member-1` … `member-{MEMBERS_MAX}`: {_link('Member')}" if form.members else "-"
        yield f"| {code} {CATALOGUE[code].name} | {_link(form.subject.__name__)} | {needed} | {others} |"
    yield from ("", "Other messages have no parts, and neutral answers have none.", "")
    for struct in _list_structs():
        yield from _describe(struct)


def _list_structs() -> list[type[msgspec.Struct]]:
    """Those of messages first, then what they consist of."""
    found: list[type[msgspec.Struct]] = []
    waiting: list[type[msgspec.Struct]] = [*(form.subject for form in FORMS.values()), documents.Member]
    while waiting:
        struct = waiting.pop(0)
        if struct not in found:
            found.append(struct)
            waiting += _structs_in(msgspec.inspect.type_info(struct))
    return found


def _structs_in(info: Any) -> list[type[msgspec.Struct]]:
    found = []
    for field in info.fields:
        for each in _walk(field.type):
            if isinstance(each, msgspec.inspect.StructType):
                found.append(each.cls)
    return found


def _walk(info: Any) -> Iterator[Any]:
    yield info
    for inner in (
        *getattr(info, "types", ()),
        *filter(None, [getattr(info, "item_type", None), getattr(info, "type", None)]),
    ):
        yield from _walk(inner)


def _describe(struct: type[msgspec.Struct]) -> Iterator[str]:
    info = msgspec.inspect.type_info(struct)
    assert isinstance(info, msgspec.inspect.StructType)
    doc = " ".join((struct.__doc__ or "").split()).replace("|", "\\|")
    yield from (f"#### {struct.__name__}", "", doc, "", "| field | form | required |", "|---|---|---|")
    for field in info.fields:
        yield f"| `{field.encode_name}` | {_form(field.type)} | {'yes' if field.required else 'no'} |"
    yield ""


def _form(info: Any) -> str:
    inspect = msgspec.inspect
    if isinstance(info, inspect.Metadata):
        return f"{_form(info.type)}. {(info.extra_json_schema or {}).get('description', '')}".rstrip(". ")
    if isinstance(info, inspect.UnionType):
        return " or ".join(_form(each) for each in info.types if not isinstance(each, inspect.NoneType))
    if isinstance(info, inspect.StructType):
        return _link(info.cls.__name__)
    if isinstance(info, inspect.VarTupleType | inspect.ListType):
        return f"list of {_form(info.item_type)}" + (f", at most {info.max_length}" if info.max_length else "")
    if isinstance(info, inspect.EnumType):
        return "one of " + ", ".join(f"`{each.value}`" for each in info.cls)
    if isinstance(info, inspect.UUIDType):
        return "UUID"
    if isinstance(info, inspect.StrType):
        if info.pattern == documents.PATH_PATTERN:
            return "path (see above)"
        if info.pattern:
            return "text like `" + info.pattern.replace("|", "\\|").removeprefix("^").removesuffix("\\Z") + "`"
        return "text" + (f", at most {info.max_length}" if info.max_length else "")
    raise TypeError(type(info))


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"
