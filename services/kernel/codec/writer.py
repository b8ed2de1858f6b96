"""Writes Avro by one function per schema, put together from the schema once.

fastavro finds out anew, for every value of every record, which branch of a union fits and how a type is written;
that is half of what an event costs at the door. Here each schema becomes straight Python, as `dataclasses` and
`attrs` do with their classes. The bytes are fastavro's (a property test compares them); the checks are stricter: no
unknown and no missing field, exact types, sizes and ranges.

Only the types that the contract allows are known: no enums, maps, floats, or references by name.
"""

from collections.abc import Callable, Iterator
from typing import Any

_ONE = [bytes([n]) for n in range(128)]
_TABLE = 1 << 15
_SPANS = {"int": 1 << 31, "long": 1 << 63}
_STRINGS_MAX = 1 << 14
_STRING_LENGTH_MAX = 40
_CATCH = [
    " except KeyError as error: raise Misfit(f'{error} is missing') from None",
    " except TypeError: raise Misfit('a string is something else') from None",
]


class Misfit(ValueError):
    """A value that its schema does not describe. Says where, never what."""


def compile_writer(schema: dict[str, Any], *, keep_strings: bool) -> Callable[[dict[str, Any]], bytes]:
    """A function from a plain record to its Avro bytes. It raises `Misfit`.

    `keep_strings`: short strings come again and again (areas, words, offices), so their bytes are kept. Never for the
    particulars of people.
    """
    body = _indent(_indent(_record(schema, schema["name"], 0)))
    source = "\n".join(["def write(v0, append):", " try:", *body, *_CATCH])
    strings = _Strings(_STRINGS_MAX if keep_strings else 0)
    scope: dict[str, Any] = {
        "Misfit": Misfit,
        "varint": varint,
        "length": length,
        "TABLE": _WRITTEN,
        "written": strings.get,
        "text": strings.write,
    } | {_names_of(record): frozenset(field["name"] for field in record["fields"]) for record in _find_records(schema)}
    exec(compile(source, f"<writer of {schema['name']}>", "exec"), scope)  # noqa: S102 - made of a sealed schema only
    write = scope["write"]

    def to_bytes(record: dict[str, Any]) -> bytes:
        parts: list[bytes] = []
        write(record, parts.append)
        return b"".join(parts)

    return to_bytes


class _Strings(dict[str, bytes]):
    """Strings with their lengths, as written before."""

    def __init__(self, count_max: int) -> None:
        super().__init__()
        self._count_max = count_max

    def write(self, value: Any, where: str) -> bytes:
        if value.__class__ is not str:
            raise Misfit(where)
        try:
            encoded = value.encode()
        except UnicodeEncodeError:  # a lone surrogate
            raise Misfit(where) from None
        written = length(len(encoded)) + encoded
        if len(value) <= _STRING_LENGTH_MAX and len(self) < self._count_max:
            self[value] = written
        return written


def varint(n: int) -> bytes:
    """A number that is not negative, seven bits a byte, lowest first."""
    if n < 128:
        return _ONE[n]
    if n < 16384:
        return bytes((n & 127 | 128, n >> 7))
    parts = bytearray()
    while n > 127:
        parts.append(n & 127 | 128)
        n >>= 7
    parts.append(n)
    return bytes(parts)


def length(n: int) -> bytes:
    """How many bytes or items follow."""
    return _WRITTEN[n] if n < _TABLE else varint(n << 1)


_WRITTEN = [varint(n << 1) for n in range(_TABLE)]
"""Small numbers as they are written: lengths, days, ordinals."""


def _names_of(record: dict[str, Any]) -> str:
    """Under which variable a writer finds the names of a record's fields."""
    return f"NAMES_{record['name'].replace('.', '_')}"


def _find_records(avro_type: Any) -> Iterator[dict[str, Any]]:
    if isinstance(avro_type, list):
        for branch in avro_type:
            yield from _find_records(branch)
    elif isinstance(avro_type, dict):
        if avro_type["type"] == "record":
            yield avro_type
        for inner in (field["type"] for field in avro_type.get("fields", ())):
            yield from _find_records(inner)
        yield from _find_records(avro_type.get("items", "null"))


def _write(avro_type: Any, where: str, depth: int) -> Iterator[str]:
    """The lines that write the variable `v<depth>`."""
    value = f"v{depth}"
    if isinstance(avro_type, list):
        yield from _optional(avro_type, where, depth)
    elif isinstance(avro_type, dict) and avro_type["type"] == "record":
        yield from _record(avro_type, where, depth)
    elif isinstance(avro_type, dict) and avro_type["type"] == "array":
        yield from _array(avro_type, where, depth)
    elif isinstance(avro_type, dict) and avro_type["type"] == "fixed":
        yield f"if {value}.__class__ is not bytes or len({value}) != {avro_type['size']}: raise Misfit({where!r})"
        yield f"append({value})"
    elif isinstance(avro_type, dict):
        yield from _write(avro_type["type"], where, depth)
    else:
        yield from _primitive(avro_type, value, where)


def _primitive(name: str, value: str, where: str) -> Iterator[str]:
    if name == "string":
        yield f"append(written({value}) or text({value}, {where!r}))"
    elif name in _SPANS:
        span = _SPANS[name]
        yield f"if {value}.__class__ is not int or not {-span} <= {value} < {span}: raise Misfit({where!r})"
        yield f"if 0 <= {value} < {_TABLE}: append(TABLE[{value}])"
        yield f"else: append(varint({value} << 1 if {value} >= 0 else ~{value} << 1 | 1))"
    elif name == "boolean":
        yield f"if {value}.__class__ is not bool: raise Misfit({where!r})"
        yield f"append(b'\\1' if {value} else b'\\0')"
    elif name == "bytes":
        yield f"if {value}.__class__ is not bytes: raise Misfit({where!r})"
        yield f"append(length(len({value}))); append({value})"
    else:
        raise ValueError(f"{where}: the contract has no type {name}")


def _record(schema: dict[str, Any], where: str, depth: int) -> Iterator[str]:
    record, member = f"v{depth}", f"v{depth + 1}"
    yield f"if {record}.__class__ is not dict or not {record}.keys() <= {_names_of(schema)}: raise Misfit({where!r})"
    for field in schema["fields"]:
        name = field["name"]
        if "default" in field:
            yield f"{member} = {record}.get({name!r}, {field['default']!r})"
        else:
            yield f"{member} = {record}[{name!r}]"
        yield from _write(field["type"], f"{where}.{name}", depth + 1)


def _array(schema: dict[str, Any], where: str, depth: int) -> Iterator[str]:
    items, item = f"v{depth}", f"v{depth + 1}"
    yield f"if {items}.__class__ is not list: raise Misfit({where!r})"
    yield f"if {items}:"
    yield f" append(length(len({items})))"
    yield f" for {item} in {items}:"
    yield from _indent(_indent(_write(schema["items"], f"{where}[]", depth + 1)))
    yield "append(b'\\0')"


def _optional(branches: list[Any], where: str, depth: int) -> Iterator[str]:
    if len(branches) != 2 or branches[0] != "null":
        raise ValueError(f"{where}: a union is null or one type")
    yield f"if v{depth} is None: append(b'\\0')"
    yield "else:"
    yield " append(b'\\2')"
    yield from _indent(_write(branches[1], where, depth))


def _indent(lines: Iterator[str]) -> Iterator[str]:
    return (" " + line for line in lines)
