"""Writes Avro by one function per schema, put together from the schema once.

fastavro finds out anew, for every value of every record, which branch of a union fits and how a type is written;
that is half of what an event costs at the door. Here each schema becomes straight Python, as `dataclasses` and
`attrs` do with their classes. The bytes are fastavro's (a property test compares them); the checks are stricter: no
unknown and no missing field, exact types, sizes and ranges.

Only the types that the contract allows are known: no enums, maps, floats, or references by name.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.kernel.codec.primitives import SOME, STRINGS_MAX, TABLE, TABLE_SIZE, Misfit, Strings, number, varint

Append = Callable[[bytes], None]
_SPANS = {"int": 1 << 31, "long": 1 << 63}
_FROM_OBJECT = {"uuid": "{}.bytes", "timestamp-millis": "milliseconds({})"}
_CATCH = [
    " except KeyError as error: raise Misfit(f'{error} is missing') from None",
    " except (TypeError, AttributeError, UnicodeEncodeError): raise Misfit('a value is something else') from None",
]


def compile_writer(schema: dict[str, Any], *, keep_strings: bool) -> Callable[[dict[str, Any]], bytes]:
    """A function from a plain record to its Avro bytes. It raises `Misfit`.

    `keep_strings`: see `Strings`; only for records that hold nothing personal.
    """
    lines = _Lines(keep_strings=True, from_dicts=True)
    write = _compile(schema["name"], list(lines.record(schema, schema["name"], 0)), keep_strings, lines.names)
    return _joining(write)


def compile_posted_writer(
    name: str, fields: Sequence[dict[str, Any]], *, keep_strings: bool, scope: dict[str, Any]
) -> Callable[[Any, Append], None]:
    """Writes fields of a schema, one after the other, from the attributes of a posted object.

    A post has text for a date, with no field for its precision, and objects for ids and times; `scope` has `date` and
    `optional_date` (text → the bytes of days and precision) and `milliseconds`.
    """
    lines = _Lines(keep_strings, from_dicts=False)
    body = list(lines.record({"name": name, "fields": fields}, name, 0))
    return _compile(name, body or ["pass"], keep_strings, scope)


def _compile(name: str, body: list[str], keep_strings: bool, scope: dict[str, Any]) -> Callable[[Any, Append], None]:
    strings = Strings(STRINGS_MAX if keep_strings else 0)
    known: dict[str, Any] = {
        **scope,
        "Misfit": Misfit,
        "varint": varint,
        "number": number,
        "TABLE": TABLE,
        "SOME": SOME,
        "long_TABLE": lambda raw: number(len(raw)) + raw,
        "long_SOME": lambda raw: b"\2" + number(len(raw)) + raw,
        "written": strings.get,
        "text": strings.write,
    }
    source = "\n".join(["def write(v0, append):", " try:", *("  " + line for line in body), *_CATCH])
    exec(compile(source, f"<writer of {name}>", "exec"), known)  # noqa: S102 - made of a sealed schema only
    write: Callable[[Any, Append], None] = known["write"]
    return write


def _joining(write: Callable[[Any, Append], None]) -> Callable[[Any], bytes]:
    def to_bytes(record: Any) -> bytes:
        parts: list[bytes] = []
        write(record, parts.append)
        return b"".join(parts)

    return to_bytes


@dataclass
class _Lines:
    """The lines of a writer. A value of depth N is in the variable `vN`."""

    keep_strings: bool
    from_dicts: bool

    def __post_init__(self) -> None:
        self.names: dict[str, Any] = {}

    def value(self, avro_type: Any, where: str, depth: int) -> Iterator[str]:
        value = f"v{depth}"
        if isinstance(avro_type, list):
            yield from self.optional(avro_type, where, depth)
        elif isinstance(avro_type, dict) and avro_type["type"] == "record":
            yield from self.record(avro_type, where, depth)
        elif isinstance(avro_type, dict) and avro_type["type"] == "array":
            yield from self.array(avro_type, where, depth)
        elif isinstance(avro_type, dict) and avro_type["type"] == "fixed":
            yield f"if {value}.__class__ is not bytes or len({value}) != {avro_type['size']}: raise Misfit({where!r})"
            yield f"append({value})"
        elif isinstance(avro_type, dict):
            yield from self.value(avro_type["type"], where, depth)
        elif avro_type == "string" and not self.keep_strings:  # a post's strings are strings since it was read
            yield from _text(value)
        else:
            yield from _primitive(avro_type, value, where)

    def record(self, schema: dict[str, Any], where: str, depth: int) -> Iterator[str]:
        record, member = f"v{depth}", f"v{depth + 1}"
        if self.from_dicts:
            names = f"NAMES_{schema['name'].replace('.', '_')}"
            self.names[names] = frozenset(field["name"] for field in schema["fields"])
            yield f"if {record}.__class__ is not dict or not {record}.keys() <= {names}: raise Misfit({where!r})"
        fields = iter(schema["fields"])
        for field in fields:
            if not self.from_dicts and _logical_type(field["type"]) == ("date", False):
                yield _date(record, field, next(fields, {}))
                continue
            if self.from_dicts:
                yield f"{member} = {_item(record, field)}"
            else:
                yield from _attribute(record, member, field)
            yield from self.value(field["type"], f"{where}.{field['name']}", depth + 1)

    def array(self, schema: dict[str, Any], where: str, depth: int) -> Iterator[str]:
        items, item = f"v{depth}", f"v{depth + 1}"
        yield f"if {items}.__class__ is not list: raise Misfit({where!r})"
        yield f"if {items}:"
        yield f" append(TABLE[len({items})] if len({items}) < {TABLE_SIZE} else number(len({items})))"
        yield f" for {item} in {items}:"
        yield from ("  " + line for line in self.value(schema["items"], f"{where}[]", depth + 1))
        yield "append(b'\\0')"

    def optional(self, branches: list[Any], where: str, depth: int) -> Iterator[str]:
        if len(branches) != 2 or branches[0] != "null":
            raise ValueError(f"{where}: a union is null or one type")
        yield f"if v{depth} is None: append(b'\\0')"
        yield "else:"
        if branches[1] == "string" and not self.keep_strings:
            yield from (" " + line for line in _text(f"v{depth}", "SOME"))
            return
        yield " append(b'\\2')"
        yield from (" " + line for line in self.value(branches[1], where, depth))


def _item(record: str, field: dict[str, Any]) -> str:
    if "default" in field:
        return f"{record}.get({field['name']!r}, {field['default']!r})"
    return f"{record}[{field['name']!r}]"


def _date(record: str, field: dict[str, Any], following: dict[str, Any]) -> str:
    """A date and the precision beside it are both made of one posted text."""
    if following.get("name") != f"{field['name']}_precision":
        raise ValueError(f"{field['name']}: its precision comes right after a date")
    write = "optional_date" if isinstance(field["type"], list) else "date"
    return f"append({write}({record}.{field['name']}))"


def _attribute(record: str, member: str, field: dict[str, Any]) -> Iterator[str]:
    """The plain value of what was posted."""
    yield f"{member} = {record}.{field['name']}"
    logical_type, is_array = _logical_type(field["type"])
    if logical_type in _FROM_OBJECT:
        made = _FROM_OBJECT[logical_type]
        if is_array:
            yield f"{member} = [{made.format('each')} for each in {member}]"
        else:
            yield f"if {member} is not None: {member} = {made.format(member)}"


def _logical_type(avro_type: Any) -> tuple[str | None, bool]:
    """The logical type of a field, or of its items."""
    if isinstance(avro_type, list):
        return _logical_type(avro_type[1])
    if isinstance(avro_type, dict) and avro_type["type"] == "array":
        return _logical_type(avro_type["items"])[0], True
    return (avro_type.get("logicalType"), False) if isinstance(avro_type, dict) else (None, False)


def _text(value: str, lengths: str = "TABLE") -> Iterator[str]:
    """A string that hardly comes again: written on the spot, for a call would cost more than the work."""
    yield f"raw = {value}.encode()"
    yield f"append({lengths}[len(raw)] + raw if len(raw) < {TABLE_SIZE} else long_{lengths}(raw))"


def _primitive(name: str, value: str, where: str) -> Iterator[str]:
    if name == "string":
        yield f"append(written({value}) or text({value}, {where!r}))"
    elif name in _SPANS:
        span = _SPANS[name]
        yield f"if {value}.__class__ is not int or not {-span} <= {value} < {span}: raise Misfit({where!r})"
        yield f"append(TABLE[{value}] if 0 <= {value} < {TABLE_SIZE} else number({value}))"
    elif name == "boolean":
        yield f"if {value}.__class__ is not bool: raise Misfit({where!r})"
        yield f"append(b'\\1' if {value} else b'\\0')"
    elif name == "bytes":
        yield f"if {value}.__class__ is not bytes: raise Misfit({where!r})"
        yield f"append(number(len({value}))); append({value})"
    else:
        raise ValueError(f"{where}: the contract has no type {name}")
