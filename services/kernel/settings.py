"""Settings come from the environment, are declared as data, and are read once, by the composition root.

    @dataclass(frozen=True)
    class IngestSettings:
        region: str = setting("REGION", "name of the region")
        port: int = setting("PORT", "TCP port to listen on", default=8080)
        database_url: str = setting("DATABASE_URL", "service login", secret=True)

    settings = read_settings(IngestSettings, os.environ)

Names have the prefix DOMICILE_. A name with that prefix which nobody declares stops the start and is named,
with the closest right one; all that is wrong is told at once. A setting without a default must be given; a
secret never has one.
"""

import dataclasses
import difflib
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

PREFIX = "DOMICILE_"
_ALIKE, _SAME_WORD = 0.6, 0.8

# Declared by some service, so not misspelt; a service ignores those that are not its own.
SHARED_NAMES: frozenset[str] = frozenset(
    {
        "DOMICILE_HOME",
        "DOMICILE_REGION",
        "DOMICILE_KAFKA",
        "DOMICILE_DATABASE_URL",
        "DOMICILE_OWNER_DATABASE_URL",
        "DOMICILE_JWKS",
        "DOMICILE_TOKEN_ISSUER",
        "DOMICILE_TOKEN_AUDIENCE",
        "DOMICILE_REGION_KEY_FILE",
        "DOMICILE_HOST",
        "DOMICILE_PORT",
        "DOMICILE_LOG_LEVEL",
        "DOMICILE_CLOCK_OFFSET_FILE",
    }
)

T = TypeVar("T")


class SettingsError(ValueError):
    """The environment cannot be used. `problems` holds one sentence for each thing that is wrong."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


def setting(name: str, doc: str, *, default: Any = dataclasses.MISSING, secret: bool = False) -> Any:
    """Declare a field that is read from DOMICILE_<name>.

    Types: str, int, float, bool, Path, tuple[str, ...] (comma-separated), and `X | None` of these.
    """
    if secret and default not in (dataclasses.MISSING, None):
        raise TypeError(f"{name}: a secret has no default")
    return dataclasses.field(default=default, metadata={"name": PREFIX + name, "doc": doc, "secret": secret})


def read_settings(declaration: type[T], environ: Mapping[str, str], known: Iterable[str] = ()) -> T:
    """An instance of the dataclass `declaration`; raises SettingsError that names everything that is wrong.

    `known`: further names (with prefix) that may stand in the environment without being read here.
    """
    hints = typing.get_type_hints(declaration)
    values: dict[str, Any] = {}
    problems: list[str] = []
    for field in _fields(declaration):
        name = field.metadata["name"]
        text = environ.get(name)
        if text is None:
            if field.default is dataclasses.MISSING:
                problems.append(f"{name} is not set: {field.metadata['doc']}")
            continue
        try:
            values[field.name] = _parse(hints[field.name], text)
        except ValueError as wrong:
            shown = "its value" if field.metadata["secret"] else repr(text)
            problems.append(f"{name}: {shown} {wrong}")
    own = {f.metadata["name"] for f in _fields(declaration)}
    problems += find_misspelt(environ, own | SHARED_NAMES | set(known))
    if problems:
        raise SettingsError(problems)
    return declaration(**values)


def describe_settings(declaration: type[Any]) -> str:
    """A table for `--help`: name, default, meaning."""
    rows = []
    for field in _fields(declaration):
        doc = field.metadata["doc"] + (" (secret)" if field.metadata["secret"] else "")
        rows.append((field.metadata["name"], _shown_default(field), doc))
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    return "\n".join(f"{name:<{widths[0]}}  {default:<{widths[1]}}  {doc}" for name, default, doc in rows)


def _fields(declaration: type[Any]) -> list[dataclasses.Field[Any]]:
    return [f for f in dataclasses.fields(declaration) if "name" in f.metadata]


def _shown_default(field: dataclasses.Field[Any]) -> str:
    if field.default is dataclasses.MISSING:
        return "required"
    return "-" if field.default is None else str(field.default)


def find_misspelt(environ: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """A sentence for each DOMICILE_ name that is none of `names`, with the nearest of them."""
    known = sorted(names)
    problems = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            near = _find_near(name, known)
            problems.append(f"{name} is not a setting" + (f"; did you mean {near}?" if near else ""))
    return problems


def _find_near(name: str, known: Iterable[str]) -> str | None:
    """The nearest by the whole name and by its last word: EXCHANGE_PORTT is rather a port than EXCHANGE_WORKERS."""
    whole, last = name.removeprefix(PREFIX), name.rpartition("_")[2]
    rated = []
    for each in known:
        by_whole = _likeness(whole, each.removeprefix(PREFIX))
        by_last = _likeness(last, each.rpartition("_")[2])
        if by_whole >= _ALIKE or by_last >= _SAME_WORD:
            rated.append((by_whole + by_last, each))
    return max(rated)[1] if rated else None


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def _parse(kind: Any, text: str) -> Any:
    """`text` as `kind`; ValueError completes the sentence "<name>: <value> ..."."""
    if isinstance(kind, types.UnionType):
        kind = next(arg for arg in typing.get_args(kind) if arg is not types.NoneType)
    if kind is bool:
        return _parse_bool(text)
    if typing.get_origin(kind) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if not text.strip():
        raise ValueError("is empty")
    parser: Callable[[str], Any] | None = {str: str, Path: Path, int: int, float: float}.get(kind)
    if parser is None:
        raise TypeError(f"no setting can be a {kind}")
    try:
        return parser(text)
    except ValueError:
        raise ValueError(f"is not {'a whole number' if kind is int else 'a number'}") from None


def _parse_bool(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off", ""):
        return False
    raise ValueError("is neither 1 nor 0")
