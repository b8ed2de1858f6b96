"""Writes Avro by one function per schema, put together from the schema once.

fastavro finds out anew, for every value of every record, which branch of a union fits and how a type is written;
that is half of what an event costs at the door. Here each schema becomes straight Python, as `dataclasses` and
`attrs` do with their classes. The bytes are fastavro's (a property test compares them); the checks are stricter: no
unknown and no missing field, exact types, sizes and ranges.

Only the types that the contract allows are known: no enums, maps, floats, or references by name.
"""

from collections.abc import Callable, Iterator
from typing import Any

from services.kernel.codec.primitives import STRINGS_MAX, TABLE, TABLE_SIZE, Misfit, Strings, number

Append = Callable[[bytes], None]
_SPANS = {"int": 1 << 31, "long": 1 << 63}
_CATCH = [
    " except KeyError as error: raise Misfit(f'{error} is missing') from None",
    " except (TypeError, AttributeError, UnicodeEncodeError): raise Misfit('a value is something else') from None",
]


def compile_writer(schema: dict[str, Any], *, keep_strings: bool) -> Callable[[dict[str, Any]], bytes]:
    """A function from a plain record to its Avro bytes. It raises `Misfit`.

    `keep_strings`: see `Strings`; only for records that hold nothing personal.
    """
    lines = _Lines()
    write = _compile(schema["name"], list(lines.record(schema, schema["name"], 0)), keep_strings, lines.names)
    return _joining(write)


def _compile(name: str, body: list[str], keep_strings: bool, scope: dict[str, Any]) -> Callable[[Any, Append], None]:
    strings = Strings(STRINGS_MAX if keep_strings else 0)
    known: dict[str, Any] = {
        **scope,
        "Misfit": Misfit,
        "number": number,
        "TABLE": TABLE,
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


class _Lines:
    """The lines of a writer. A value of depth N is in the variable `vN`."""

    def __init__(self) -> None:
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
        else:
            yield from _primitive(avro_type, value, where)

    def record(self, schema: dict[str, Any], where: str, depth: int) -> Iterator[str]:
        record, member = f"v{depth}", f"v{depth + 1}"
        names = f"NAMES_{schema['name'].replace('.', '_')}"
        self.names[names] = frozenset(field["name"] for field in schema["fields"])
        yield f"if {record}.__class__ is not dict or not {record}.keys() <= {names}: raise Misfit({where!r})"
        for field in schema["fields"]:
            yield f"{member} = {_item(record, field)}"
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
        yield " append(b'\\2')"
        yield from (" " + line for line in self.value(branches[1], where, depth))


def _item(record: str, field: dict[str, Any]) -> str:
    if "default" in field:
        return f"{record}.get({field['name']!r}, {field['default']!r})"
    return f"{record}[{field['name']!r}]"


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
