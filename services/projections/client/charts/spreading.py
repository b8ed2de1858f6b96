"""Labels that stand beside what they name must not stand on one another."""

from collections.abc import Sequence


def spread(wanted: Sequence[float], room: float, low: float, high: float) -> list[float]:
    """Places at least `room` apart, as near as can be to those wanted, within [low, high]; in the order given.

    Where all cannot have their room, they share what there is evenly.
    """
    if not wanted:
        return []
    room = min(room, (high - low) / max(len(wanted) - 1, 1))
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    blocks: list[list[float]] = []  # [sum of the wished starts, members]
    for place, index in enumerate(order):
        blocks.append([wanted[index] - place * room, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, members = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += members
    starts = [total / members for total, members in blocks for _ in range(int(members))]
    last = high - (len(order) - 1) * room
    found = [0.0] * len(order)
    for place, index in enumerate(order):
        found[index] = min(max(starts[place], low), last) + place * room
    return found
