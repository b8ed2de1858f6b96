"""What can go wrong, named by whose move it is.

    DomicileError
    ├── Rejected             the sender: change the request, then send it again
    │   └── TooLarge         the sender: send less at once
    ├── Unauthenticated      the sender: bring a valid token
    ├── Forbidden            the sender: ask somebody who may
    ├── NotFound             the sender: look elsewhere
    ├── Conflict             the sender: read again, then decide
    ├── Unavailable          nobody: wait `retry_after_s`, then send the very same thing again
    │   └── TooMany          the sender: wait, and send more slowly
    └── Corrupt              us: something that must hold does not

No error here knows of HTTP: what status an error has is decided where HTTP is spoken. Every error has a
`code`, a stable kebab-case word that is registered in `codes.toml`, where its usual rule and
remedy stand too.

`path` says where in the request (a JSON pointer: `/subjects/0/civil/identifiers/1/value`), never what stood
there: an error is logged and sent back, so neither a rule nor a remedy may quote a value of a person.
"""

from collections.abc import Sequence
from typing import ClassVar

from services.kernel.codes import Move, describe


class DomicileError(Exception):
    """Base of all. `code` is registered; `rule` and `remedy` default to what is registered for it."""

    move: ClassVar[Move] = Move.US

    def __init__(
        self,
        code: str,
        path: str = "",
        rule: str | None = None,
        remedy: str | None = None,
        *,
        errors: Sequence["DomicileError"] = (),
    ) -> None:
        registered = describe(code)
        self.code = code
        self.path = path
        self.title = registered.title
        self.rule = registered.rule if rule is None else rule
        self.remedy = registered.remedy if remedy is None else remedy
        self.errors = tuple(errors)
        super().__init__(code, path, self.rule, self.remedy)

    def __str__(self) -> str:
        where = f" at {self.path}" if self.path else ""
        return f"{self.code}{where}: {self.rule} {self.remedy}".rstrip()


class Rejected(DomicileError):
    """The request breaks a rule. It will be refused for ever until the sender changes it."""

    move = Move.SENDER


class TooLarge(Rejected):
    """More than one request may carry."""


class Unauthenticated(DomicileError):
    """Nobody knows who sends this."""

    move = Move.SENDER


class Forbidden(DomicileError):
    """We know who sends this, and they may not."""

    move = Move.SENDER


class NotFound(DomicileError):
    """There is no such thing, or the caller may not know that there is."""

    move = Move.SENDER


class Conflict(DomicileError):
    """Contradicts what is already there, for example the same event id with another content."""

    move = Move.SENDER


class Unavailable(DomicileError):
    """Not now. Sending the very same thing again is always safe.

    `retry_after_s`: seconds to wait. `outcome_unknown`: True when it may have been recorded all the same
    (a time-out is *unknown*, not *failed*); sending it again finds out.
    """

    move = Move.WAIT

    def __init__(
        self,
        code: str,
        path: str = "",
        rule: str | None = None,
        remedy: str | None = None,
        *,
        retry_after_s: float = 1.0,
        outcome_unknown: bool = False,
        errors: Sequence[DomicileError] = (),
    ) -> None:
        super().__init__(code, path, rule, remedy, errors=errors)
        self.retry_after_s = retry_after_s
        self.outcome_unknown = outcome_unknown


class TooMany(Unavailable):
    """More at once than we can hold. Nothing was recorded."""


class Corrupt(DomicileError):
    """Something that must hold does not: unreadable bytes, a seal that does not fit. A person must act."""

    move = Move.US
