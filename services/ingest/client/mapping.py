"""Mapping files: one post as it should look, with the names of columns where values belong. See
docs/import.md.

A mapping is compiled once. For every set of columns that a row fills, the JSON around the values is made once
too, so that a row costs one formatting of a string: about 2 µs for a birth with two subjects.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring as _quote
from pathlib import Path
from typing import Any

from services.ingest.client.problems import CellRefused
from services.kernel.asking import CannotGoOn

_SPEC_KEYS = {"$column", "values", "as", "prefix", "suffix"}
_KINDS = ("text", "integer", "number", "boolean")
_FORMAT_KEYS = {"delimiter", "encoding", "empty"}
_FORMS_MAX = 4096
_TRUE = {"true", "t", "yes", "y", "1"}
_FALSE = {"false", "f", "no", "n", "0"}


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of the post that a column fills.

    `path`: where in the post; `render`: cell → JSON text; `as_it_is`: text is only quoted.
    """

    column: str
    path: str
    render: Callable[[Any], str]
    as_it_is: bool = False


@dataclass(frozen=True, slots=True)
class Mapping:
    """A compiled mapping file. `post`: the template with a Slot at every place of a column."""

    post: dict[str, Any]
    slots: tuple[Slot, ...]
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    empty: tuple[str, ...] = ("",)
    salt: str = ""

    def columns(self) -> list[str]:
        """The names of the columns that the mapping reads, each once."""
        return list(dict.fromkeys(slot.column for slot in self.slots))


def read_mapping(path: Path) -> Mapping:
    """Reads and checks a mapping file; CannotGoOn names what is wrong and where."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise CannotGoOn(f"There is no mapping file {path}.") from None
    except ValueError as wrong:
        raise CannotGoOn(f"The mapping {path} is not JSON: {wrong}.") from None
    return compile_mapping(document, str(path))


def compile_mapping(document: Any, name: str = "mapping") -> Mapping:
    """The mapping that `document` describes: {"post": template, "csv": {"delimiter", "encoding",
    "empty"}}.
    """
    if not isinstance(document, dict) or not isinstance(document.get("post"), dict):
        raise CannotGoOn(
            f"The mapping {name} has no `post`.",
            'It looks like {"post": {"type": "…", "occurred_on": "$born"}}; see docs/import.md.',
        )
    table = document.get("csv", {})
    if not isinstance(table, dict):
        raise CannotGoOn(f"`csv` in the mapping {name} is not an object.")
    unknown = (set(document) - {"post", "csv"}) | (set(table) - _FORMAT_KEYS)
    if unknown:
        raise CannotGoOn(f"The mapping {name} has keys that mean nothing: {', '.join(sorted(unknown))}.")
    slots: list[Slot] = []
    post = _compile(document["post"], "", slots, name)
    said_type = document["post"].get("type")
    return Mapping(
        post,
        tuple(slots),
        delimiter=str(table.get("delimiter", ",")),
        encoding=str(table.get("encoding", "utf-8-sig")),
        empty=("", *map(str, table.get("empty", []))),
        salt=said_type if isinstance(said_type, str) else "",
    )


def _compile(node: Any, path: str, slots: list[Slot], name: str) -> Any:
    if isinstance(node, str) and node.startswith("$"):
        if node.startswith("$$"):
            return node[1:]
        node = {"$column": node[1:]}
    if isinstance(node, dict) and "$column" in node:
        slots.append(_slot(node, path, name))
        return slots[-1]
    if isinstance(node, dict):
        return {k: _compile(v, f"{path}.{k}" if path else k, slots, name) for k, v in node.items()}
    if isinstance(node, list):
        return [_compile(v, f"{path}[{i}]", slots, name) for i, v in enumerate(node)]
    return node


def _slot(spec: dict[str, Any], path: str, name: str) -> Slot:
    unknown = set(spec) - _SPEC_KEYS
    kind = spec.get("as", "text")
    if unknown or kind not in _KINDS or not isinstance(spec["$column"], str) or not spec["$column"]:
        wrong = f"`as` is one of {', '.join(_KINDS)}" if not unknown else f"unknown {', '.join(sorted(unknown))}"
        raise CannotGoOn(f"The mapping {name} is wrong at {path or 'post'}: {wrong}.")
    values = spec.get("values")
    if values is not None:
        return Slot(spec["$column"], path, _from_values(values, path, name))
    prefix, suffix = spec.get("prefix", ""), spec.get("suffix", "")
    as_it_is = kind == "text" and not prefix and not suffix
    return Slot(spec["$column"], path, _renderer(kind, path, prefix, suffix), as_it_is)


def _from_values(values: Any, path: str, name: str) -> Callable[[Any], str]:
    if not isinstance(values, dict):
        raise CannotGoOn(f"The mapping {name} is wrong at {path}: `values` is an object from cell to value.")
    rendered = {cell: json.dumps(value, ensure_ascii=False) for cell, value in values.items()}

    def render(cell: Any) -> str:
        found = rendered.get(cell if isinstance(cell, str) else _plain(cell))
        if found is None:
            raise CellRefused(path, f"The mapping names {', '.join(rendered)}; the cell holds something else.")
        return found

    return render


def _renderer(kind: str, path: str, prefix: str, suffix: str) -> Callable[[Any], str]:
    def text(cell: Any) -> str:
        return _quote(cell if isinstance(cell, str) else _plain(cell))

    def affixed(cell: Any) -> str:
        return _quote(f"{prefix}{cell if isinstance(cell, str) else _plain(cell)}{suffix}")

    def integer(cell: Any) -> str:
        try:
            return str(int(cell))
        except (ValueError, TypeError):
            raise CellRefused(path, "The cell is not a whole number.") from None

    def number(cell: Any) -> str:
        try:
            value = float(cell)
        except (ValueError, TypeError):
            value = float("nan")
        if value - value != 0:
            raise CellRefused(path, "The cell is not a number.")
        return repr(value)

    def boolean(cell: Any) -> str:
        word = str(cell).strip().lower()
        if word not in _TRUE and word not in _FALSE:
            raise CellRefused(path, "The cell is neither true nor false.")
        return "true" if word in _TRUE else "false"

    renderers = {"integer": integer, "number": number, "boolean": boolean}
    return renderers.get(kind, affixed if prefix or suffix else text)


def _plain(cell: Any) -> str:
    """How a typed cell (Avro, Parquet) reads as text: ISO dates and times, hyphenated ids."""
    if isinstance(cell, bytes):
        import uuid

        return str(uuid.UUID(bytes=cell)) if len(cell) == 16 else cell.decode("utf-8", "replace")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    iso = getattr(cell, "isoformat", None)
    return iso() if iso else str(cell)


def check_columns(mapping: Mapping, header: Sequence[str]) -> None:
    """CannotGoOn when the mapping reads columns that the header has not; says which there are."""
    missing = [column for column in mapping.columns() if column not in header]
    if missing:
        raise CannotGoOn(
            f"The file has no column {', '.join(map(repr, missing))}.",
            f"Its columns: {', '.join(map(repr, header))}. Correct the mapping.",
        )


Form = tuple[str, list[int], bool]
"""The text around the values; which slots fill it, in the order in which they stand in it; whether the post has
no event_id.
"""


class RowMaker:
    """Makes posts out of rows of a table whose header is `header`; CannotGoOn when a column is missing.

    `row_id`: gives event ids to rows whose post has none. `all_text`: every cell is a str, as in CSV.
    """

    def __init__(
        self,
        mapping: Mapping,
        header: Sequence[str],
        row_id: Callable[[int], str] | None,
        all_text: bool = False,
    ) -> None:
        check_columns(mapping, header)
        self.mapping = mapping
        self.header = header
        self._row_id = row_id
        places = {name: place for place, name in reversed(list(enumerate(header)))}
        self._where = [places[slot.column] for slot in mapping.slots]
        self._renders = [_quote if all_text and slot.as_it_is else slot.render for slot in mapping.slots]
        self._only_empty_text = all_text and mapping.empty == ("",)
        self._forms: dict[tuple[bool, ...], Form] = {}

    def make(self, row: Sequence[Any], number: int) -> str:
        """The post of one row as JSON on one line.

        Raises CellRefused when a cell cannot be what the mapping says, IndexError when the row is too short.
        """
        return self._made(row, number, self._renders)

    def make_as_it_stands(self, row: Sequence[Any], number: int) -> str:
        """The post of a row with a cell that does not fit: that cell stands in its place as it was read.

        Raises IndexError when the row is too short.
        """
        return self._made(row, number, [_or_as_read(render) for render in self._renders])

    def event_id(self, row: Sequence[Any], number: int) -> str:
        """The event id of a row with too few or too many cells, as far as it can be told."""
        slot = self.mapping.post.get("event_id")
        place = self.header.index(slot.column) if isinstance(slot, Slot) else len(row)
        if isinstance(slot, Slot) and place < len(row) and all(self._filled([row[place]])):
            return str(json.loads(_or_as_read(slot.render)(row[place])))
        return self._row_id(number) if self._row_id is not None else ""

    def _made(self, row: Sequence[Any], number: int, renders: list[Callable[[Any], str]]) -> str:
        cells = [row[place] for place in self._where]
        filled = tuple(map(bool, cells)) if self._only_empty_text else self._filled(cells)
        form = self._forms.get(filled)
        if form is None:
            form = self._form_of(filled)
        text, used, lacks_id = form
        values = [renders[i](cells[i]) for i in used]
        if lacks_id and self._row_id is not None:
            values.insert(0, self._row_id(number))
        return text % tuple(values)

    def _filled(self, cells: list[Any]) -> tuple[bool, ...]:
        empty = self.mapping.empty
        return tuple([cell is not None and cell not in empty for cell in cells])

    def _form_of(self, filled: tuple[bool, ...]) -> Form:
        if len(self._forms) >= _FORMS_MAX:
            self._forms.clear()
        form = self._forms[filled] = self._make_form(filled)
        return form

    def _make_form(self, filled: tuple[bool, ...]) -> Form:
        used: list[int] = []
        slots = {id(slot): i for i, slot in enumerate(self.mapping.slots)}

        def text(node: Any) -> str | None:
            if isinstance(node, Slot):
                index = slots[id(node)]
                if not filled[index]:
                    return None
                used.append(index)
                return "%s"
            if isinstance(node, dict | list):
                return _joined(node, text, used)
            return json.dumps(node, ensure_ascii=False).replace("%", "%%")

        whole = _joined(self.mapping.post, text, used, keep=True) or "{}"
        id_slot = self.mapping.post.get("event_id")
        lacks_id = id_slot is None or (isinstance(id_slot, Slot) and not filled[slots[id(id_slot)]])
        if lacks_id and self._row_id is not None:
            whole = '{"event_id":"%s"' + ("," if len(whole) > 2 else "") + whole[1:]
        return whole, used, lacks_id


def _or_as_read(render: Callable[[Any], str]) -> Callable[[Any], str]:
    """`render`, or the cell as text where it cannot be what the mapping says."""

    def text(cell: Any) -> str:
        try:
            return render(cell)
        except CellRefused:
            return _quote(cell if isinstance(cell, str) else _plain(cell))

    return text


def _joined(
    node: dict[str, Any] | list[Any],
    text: Callable[[Any], str | None],
    used: list[int],
    keep: bool = False,
) -> str | None:
    """An object or array without what is empty; None when it has places for columns and none is filled."""
    before = len(used)
    entries = list(node.items()) if isinstance(node, dict) else [("", value) for value in node]
    parts = [(key, text(value)) for key, value in entries]
    if len(used) == before and not keep and _has_slots(node):
        return None
    if isinstance(node, dict):
        quoted = [f"{_quote(key).replace('%', '%%')}:{part}" for key, part in parts if part is not None]
        return "{" + ",".join(quoted) + "}"
    return "[" + ",".join(part for _, part in parts if part is not None) + "]"


def _has_slots(node: Any) -> bool:
    if isinstance(node, Slot):
        return True
    if isinstance(node, dict):
        return any(_has_slots(value) for value in node.values())
    return isinstance(node, list) and any(_has_slots(value) for value in node)
