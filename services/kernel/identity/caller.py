"""Who is asking."""

from dataclasses import dataclass

# What a token may carry as a role. The matrix says what each may do.
ROLES: frozenset[str] = frozenset(
    {
        "registrar",
        "approver",
        "service-worker",
        "geographer",
        "importer",
        "operator",
        "auditor",
        # Of the exchange: sees metadata only, confirms outages of partners.
        "supervisor",
        "system",
        # Readers of figures, never of persons: under disclosure control, and the statistical office itself.
        "analyst",
        "statistician",
    }
)
WHOLE_REGION = "*"


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified caller.

    `sub`: pseudonymous id of the user; `areas`: codes of the areas that the caller covers, with all that lies
    under them, or "*" for the whole region; `purpose`: what the caller does it for, if the token says.
    """

    sub: str
    roles: frozenset[str]
    areas: tuple[str, ...]
    purpose: str | None
    region: str

    @property
    def whole_region(self) -> bool:
        """Whether the caller covers every area, known or not."""
        return WHOLE_REGION in self.areas
