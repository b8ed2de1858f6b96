"""What a caller reads for, and on which case."""

import re
from collections.abc import Collection

from services.kernel.errors import Forbidden, Rejected
from services.kernel.identity.caller import Caller

_CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9/._-]{2,63}")


def settle_purpose(caller: Caller, asked: str | None, purposes: Collection[str]) -> str:
    """What the caller reads for: the token says it or the request does, never both differently.

    Rejected("purpose-required") if neither says one of `purposes`, Forbidden("purpose-not-yours") if the request says
    another than the token.
    """
    purpose = asked if asked is not None else caller.purpose
    if purpose is None or purpose not in purposes:
        raise Rejected("purpose-required", "?purpose", remedy=f"Name one of {', '.join(sorted(purposes))}.")
    if caller.purpose not in (None, purpose):
        raise Forbidden("purpose-not-yours", "?purpose")
    return purpose


def require_case(reference: str | None) -> str:
    """A case reference in the form that `PersonRead` gives it. Rejected("case-required") else."""
    if reference is None or not _CASE.fullmatch(reference):
        raise Rejected("case-required", "?case")
    return reference
