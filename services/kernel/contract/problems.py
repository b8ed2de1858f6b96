"""What a check of the contract found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a check found. `where` is a file or a name, `remedy` says what to do about it."""

    check: str
    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} [{self.check}]\n    {self.remedy}"
