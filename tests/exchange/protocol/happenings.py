"""What happens in a world, chosen by numbers; and the calm after it."""

from datetime import timedelta

from services.exchange.protocol import allowed_actions
from services.exchange.protocol.conversation import PauseReason
from services.exchange.protocol.states import Clock, Delivery
from services.exchange.protocol.stimuli import Requeue, StartClock, StopClock
from tests.exchange.protocol.world import JUMPS, STEPS, Region, World


def run(world: World, choices: list[int]) -> None:
    """Each number is one thing that happens, chosen from what can happen just then."""
    for choice in choices:
        kind, rest = choice % 16, choice // 16
        regions = list(world.regions.values())
        region = regions[rest % len(regions)]
        if kind < 5 and world.post:
            world.deliver(rest % len(world.post))
        elif kind == 5 and world.post:
            world.lose(rest % len(world.post))
        elif kind == 6 and world.post:
            world.deliver(rest % len(world.post), again=True)
        elif kind == 7:
            region.offset = JUMPS[rest % len(JUMPS)]
        elif kind == 13 and world.post and rest % 7 == 0:
            world.deliver_unreadable(rest % len(world.post))
        elif kind == 13 and rest % 7 == 1:
            _stop_something(world, region, rest)
        elif kind in (8, 9):
            world.now += STEPS[rest % len(STEPS)]
            world.tick(region)
        elif kind == 10:
            _open_something(world, region, rest)
        elif kind == 11:
            _join_something(world, region)
        elif kind == 12:
            _follow_opening(world, region)
        else:
            _do_something(world, region, rest)


def calm(world: World) -> None:
    """The post works again, operators send dead letters again, nobody speaks any more: all must come to an end."""
    for region in world.regions.values():
        region.offset = timedelta()
        for conversation in list(region.conversations):
            for each in conversation.open_obligations:
                current = region.find(conversation.id)
                if current and each.clock is Clock.PAUSED and each.pauses[-1].reason is not PauseReason.CLARIFICATION:
                    world.happen(region, current, StartClock(each.id))
    for _ in range(60):
        for region in world.regions.values():
            _wake_the_dead(world, region)
            world.tick(region)
        while world.post:
            world.deliver(0)
        if (
            all(each.is_at_rest for region in world.regions.values() for each in region.conversations)
            and not world.post
        ):
            return
        world.now += timedelta(days=7)


def _wake_the_dead(world: World, region: Region) -> None:
    for conversation in list(region.conversations):
        for letter in conversation.letters:
            current = region.find(conversation.id)
            found = current.find_letter(letter.id) if current else None
            if current and found and found.delivery is Delivery.DEAD_LETTERED:
                world.happen(region, current, Requeue(letter.id))


def _open_something(world: World, region: Region, rest: int) -> None:
    others = [name for name in world.regions if name != region.name]
    partner = others[rest % len(others)]
    code = ("201", "201", "202", "301", "501", "101")[rest // 7 % 6]
    if len(region.conversations) < 4:
        world.open(region.name, partner, code, f"p{rest // 50 % 2}-{'-'.join(sorted((region.name, partner)))}")


def _stop_something(world: World, region: Region, rest: int) -> None:
    """A supervisor confirms an outage: in the books of both sides, at their own time."""
    for conversation in region.conversations:
        if conversation.open_obligations:
            owed = conversation.open_obligations[rest % len(conversation.open_obligations)]
            world.happen(region, conversation, StopClock(owed.id, PauseReason.DEBTOR_OUTAGE))
            return


def _join_something(world: World, region: Region) -> None:
    for announced in region.conversations:
        for arrived in region.conversations:
            if (
                announced.role is arrived.role
                and announced.departure
                and not announced.arrival
                and arrived.arrival
                and region.person_of(announced) == region.person_of(arrived)
            ):
                world.join(region, announced, arrived)
                return


def _follow_opening(world: World, region: Region) -> None:
    if region.openings:
        opening = region.openings.pop(0)
        if not opening.needs_people and opening.partner != region.name:
            world.open(region.name, opening.partner, opening.code, f"of-{opening.parent_id[-6:]}", opening)


def _do_something(world: World, region: Region, rest: int) -> None:
    """Refusals and withdrawals are rarer than they would be by chance, or few moves would ever settle."""
    world.tick(region)
    ways = [(each, action) for each in region.conversations for action in allowed_actions(each)]
    kind = [way for way in ways if way[1].what not in ("204", "212", "503", "AMBIGUOUS")]
    ways = ways if rest % 5 == 0 else kind
    if ways:
        conversation, action = ways[rest % len(ways)]
        if not (action.what in ("201", "202", "301", "501", "101") and conversation.letters):
            world.act(region, conversation, action, rest // 3)
