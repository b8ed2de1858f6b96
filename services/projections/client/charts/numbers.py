"""Numbers as people read them: 12,345, 8.57, -0.4. A true minus sign, and no more digits than the figures have."""

import math
from collections.abc import Iterable

MINUS = "\N{MINUS SIGN}"


def tell(value: float, decimals: int) -> str:
    """One number with so many decimals; a rounded 0 has no sign."""
    text = f"{abs(value):,.{decimals}f}"
    return f"{MINUS}{text}" if value < 0 and any(digit in "123456789" for digit in text) else text


def decimals_for(values: Iterable[float]) -> int:
    """0 for whole numbers; else as many as give the largest of them three or four digits."""
    known = [value for value in values if math.isfinite(value)]
    if all(float(value).is_integer() for value in known):
        return 0
    largest = max(abs(value) for value in known)
    return 2 if largest < 10 else 1 if largest < 1000 else 0


def decimals_of_step(step: float) -> int:
    """As many as the ticks of an axis need."""
    for decimals in range(6):
        if math.isclose(step, round(step, decimals), rel_tol=1e-9):
            return decimals
    return 6
