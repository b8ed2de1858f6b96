"""Functions that write posted values as Avro, made from a schema once, as `services.kernel.codec.writer` makes those
for records: one expression per record, without a step in between.

What was read from a post has its types, sizes and words checked already (`model.py`), so nothing is checked again here.
A post has one text for a date and its precision, and objects for ids and times. The envelope is written in `writer.py`;
`source_of` shows what a function looks like.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from services.kernel.codec.posts.dates import to_milliseconds, write_date, write_optional_date
from services.kernel.codec.primitives import SOME, STRINGS_MAX, TABLE, TABLE_SIZE, Strings, number

Write = Callable[[Any], bytes]


def compile_posted_writer(name: str, fields: Sequence[dict[str, Any]], *, keep_strings: bool) -> Write:
    """Writes fields of a schema, one after the other, from the attributes of a posted object.

    `keep_strings`: keep strings once written (see `Strings`); only where nothing personal stands.
    """
    source = source_of(fields, keep_strings=keep_strings)
    scope: dict[str, Any] = {
        "number": number,
        "TABLE": TABLE,
        "SOME": SOME,
        "long": lambda raw: number(len(raw)) + raw,
        "text": Strings(STRINGS_MAX if keep_strings else 0).__getitem__,
        "date": write_date,
        "optional_date": write_optional_date,
        "milliseconds": to_milliseconds,
    }
    exec(compile(source, f"<writer of posted {name}>", "exec"), scope)  # noqa: S102 - made of a sealed schema only
    write: Write = scope["write"]
    return write


def source_of(fields: Sequence[dict[str, Any]], *, keep_strings: bool) -> str:
    """The Python of the function; nested records have functions of their own before it."""
    made = _Source(keep_strings)
    made.function("write", fields)
    return "\n".join(made.lines)


class _Source:
    def __init__(self, keep_strings: bool) -> None:
        self.lines: list[str] = []
        self._keep_strings = keep_strings
        self._functions = 0

    def function(self, name: str, fields: Sequence[dict[str, Any]]) -> None:
        """Adds a function from an object to the bytes of its fields."""
        pieces = list(self._pieces(fields))
        made = pieces[0] if len(pieces) == 1 else f"b''.join(({', '.join(pieces)}))" if pieces else "b''"
        self.lines += [f"def {name}(v):", f" return {made}"]

    def _pieces(self, fields: Sequence[dict[str, Any]]) -> Iterator[str]:
        left = iter(fields)
        for field in left:
            if (
                _logical_type(field["type"]) is None
                and "string" in str(field["type"])
                and field.get("max", 0) * 4 >= TABLE_SIZE
            ):
                raise ValueError(
                    f"{field['name']}: a text of {field['max']} characters does not fit the table of lengths"
                )
            if _logical_type(field["type"]) == "date":
                _require_precision(field, next(left, {}))
                function = "optional_date" if isinstance(field["type"], list) else "date"
                yield f"{function}(v.{field['name']})"
            else:
                yield self._value(field["type"], f"v.{field['name']}")

    def _value(self, avro_type: Any, value: str) -> str:
        """An expression of the bytes of the value that the expression `value` gives."""
        if isinstance(avro_type, list):
            _, inner = avro_type
            if inner == "string" and not self._keep_strings:
                return f"(b'\\0' if (x := {value}) is None else SOME[len(raw := x.encode())] + raw)"
            return f"(b'\\0' if (x := {value}) is None else b'\\2' + {self._value(inner, 'x')})"
        if isinstance(avro_type, str):
            return self._primitive(avro_type, value)
        if avro_type["type"] == "record":
            return f"{self._nested(avro_type)}({value})"
        if avro_type["type"] == "array":
            each = self._each(avro_type["items"])
            return f"(number(len(y)) + b''.join({each}) + b'\\0' if (y := {value}) else b'\\0')"
        if avro_type.get("logicalType") == "uuid":
            return f"{value}.bytes"
        if avro_type.get("logicalType") == "timestamp-millis":
            return f"number(milliseconds({value}))"
        return self._value(avro_type["type"], value)

    def _each(self, items: Any) -> str:
        if isinstance(items, dict) and items["type"] == "record":
            return f"map({self._nested(items)}, y)"
        self._functions += 1
        name = f"item_{self._functions}"
        self.lines += [f"def {name}(v):", f" return {self._value(items, 'v')}"]
        return f"map({name}, y)"

    def _nested(self, schema: dict[str, Any]) -> str:
        self._functions += 1
        name = f"record_{self._functions}"
        self.function(name, schema["fields"])
        return name

    def _primitive(self, name: str, value: str) -> str:
        if name == "string":
            # Written on the spot, for a call would cost more than the work; no posted text is longer than the table.
            return f"text({value})" if self._keep_strings else f"TABLE[len(raw := {value}.encode())] + raw"
        if name in ("int", "long"):
            return f"(TABLE[n] if 0 <= (n := {value}) < {TABLE_SIZE} else number(n))"
        if name == "boolean":
            return f"(b'\\1' if {value} else b'\\0')"
        if name == "bytes":
            return f"long({value})"
        raise ValueError(f"the contract has no type {name}")


def _require_precision(field: dict[str, Any], following: dict[str, Any]) -> None:
    if following.get("name") != f"{field['name']}_precision":
        raise ValueError(f"{field['name']}: its precision comes right after a date")


def _logical_type(avro_type: Any) -> str | None:
    if isinstance(avro_type, list):
        return _logical_type(avro_type[1])
    return avro_type.get("logicalType") if isinstance(avro_type, dict) else None
