"""Built anew beside the live tables: equal, switched at once, gone on with wherever it was killed."""

import asyncio
from collections import Counter

import pytest

from services.projections.engine.rebuild import Stop, cancel
from services.projections.engine.rebuild.order import COMPARE, DEAL, FOLD, FOLLOW, INDEX, SETTLE, SWITCH, Cancelled
from tests.projections.engine.rebuild.conftest import Site
from tests.projections.engine.rebuild.counting import Witness

WORDS = Counter({f"word-{number}": 7 if number < 200 else 6 for number in range(300)})


@pytest.mark.parametrize("bulk", [True, False])
async def test_a_build_that_is_equal_goes_live_and_what_comes_is_applied_to_it(live: Site, bulk: bool) -> None:
    outcome = await live.rebuild(bulk=bulk)
    assert (outcome.switched, outcome.compared, outcome.differences) == (True, True, ())
    assert outcome.rows == 2300
    assert await live.versions() == [(1, "retired"), (2, "live")]
    assert live.files() == []
    live.lab.append(["later"] * 100)
    await live.lab.until(lambda: live.lab.rows(), WORDS + Counter(later=100))
    assert await live.lab.counts() == WORDS + Counter(later=100)


async def test_under_load_nothing_is_lost_or_doubled_and_the_older_builds_go(live: Site) -> None:
    going = True

    async def load() -> int:
        sent = 0
        while going:
            await asyncio.to_thread(live.lab.append, ["load"] * 50)
            sent += 50
        return sent

    loading = asyncio.create_task(load())
    for number in (2, 3):
        assert (await live.rebuild()).number == number
    going = False
    sent = await loading
    await live.lab.until(lambda: live.lab.rows(), WORDS + Counter(load=sent))
    assert await live.lab.counts() == WORDS + Counter(load=sent)
    assert await live.versions() == [(2, "retired"), (3, "live")]
    assert await live.schemas() == ["v2", "v3"]


@pytest.mark.parametrize("phase", [DEAL, SETTLE, FOLD, INDEX, FOLLOW, COMPARE, SWITCH])
async def test_killed_in_any_phase_it_goes_on(live: Site, phase: str) -> None:
    killed = await asyncio.to_thread(live.run_killed, kill_in=phase)
    assert killed.returncode == -9
    live.lab.append(["meanwhile"] * 10)
    witness = Witness()
    outcome = await live.rebuild(witness)
    assert outcome.switched
    assert outcome.number == 2
    assert "Going on with build 2" in witness.sentences[0]
    await live.lab.until(lambda: live.lab.rows(), WORDS + Counter(meanwhile=10))
    assert await live.lab.counts() == WORDS + Counter(meanwhile=10)


async def test_a_difference_is_told_and_stops_the_switch_unless_it_is_accepted(live: Site) -> None:
    outcome = await live.rebuild(twisted=True)
    assert not outcome.switched
    (difference,) = outcome.differences
    assert (difference.table, difference.only_live, difference.only_rebuilt) == ("word", 300, 300)
    assert len(difference.examples) == 5
    assert (await live.versions())[0] == (1, "live")
    accepted = await live.rebuild(twisted=True, accept_differences=True)
    assert accepted.switched
    assert await live.lab.counts() == Counter({word: count + 1 for word, count in WORDS.items()})


async def test_another_edition_may_differ(live: Site) -> None:
    outcome = await live.rebuild(twisted=True, edition=2)
    assert outcome.switched
    assert outcome.differences[0].only_rebuilt == 300


async def test_verifying_compares_and_leaves_nothing(live: Site) -> None:
    outcome = await live.rebuild(verify=True)
    assert (outcome.switched, outcome.compared, outcome.rows) == (False, True, 2300)
    assert await live.versions() == [(1, "live")]
    assert await live.schemas() == ["v1"]


@pytest.mark.parametrize("phase", [DEAL, FOLD, FOLLOW])
async def test_cancelled_it_leaves_nothing(live: Site, phase: str) -> None:
    with pytest.raises(Cancelled):
        await live.rebuild(Witness(cancel_in=phase))
    assert await live.versions() == [(1, "live")]
    assert await live.schemas() == ["v1"]
    assert live.files() == []


async def test_a_second_rebuild_is_refused(live: Site) -> None:
    first = asyncio.create_task(live.rebuild())
    await asyncio.sleep(0.3)
    with pytest.raises(Stop, match="Another rebuild is under way"):
        await live.rebuild()
    assert (await first).switched


async def test_poison_is_set_aside_again_and_what_was_skipped_stays_skipped(live: Site) -> None:
    live.lab.append(["poison", "poison"], partition=1)
    await live.lab.until_applied(2002)
    first, second = await live.lab.set_aside()
    await live.lab.database.execute(
        "UPDATE projection.set_aside SET state = 'skipped', why = 'a test' WHERE projection = $1 AND \"offset\" = $2",
        live.lab.names[0],
        first["offset"],
    )
    outcome = await live.rebuild()
    assert (outcome.switched, outcome.aside) == (True, 1)
    after = await live.lab.set_aside()
    assert [(entry["offset"], entry["state"], entry["subjects"]) for entry in after] == [
        (first["offset"], "skipped", ["key-poison"]),
        (second["offset"], "waiting", ["key-poison"]),
    ]


async def test_what_waited_and_can_be_applied_now_is_a_difference_and_waits_no_more(live: Site) -> None:
    live.lab.append(["bug"], partition=2)
    await live.lab.until_applied(2001)
    outcome = await live.rebuild()
    assert not outcome.switched
    assert {difference.table: difference.only_rebuilt for difference in outcome.differences} == {
        "word": 1,
        "applied": 1,
    }
    assert (await live.rebuild(accept_differences=True)).switched
    assert await live.lab.set_aside() == []
    assert (await live.lab.counts())["bug"] == 1


async def test_what_raises_in_the_fold_is_set_aside_alone_as_the_live_build_does(live: Site) -> None:
    live.lab.append(["bug", "good", "bug"], partition=2)
    await live.lab.until_applied(2003)
    aside = [(entry["offset"], entry["reason"], entry["error"]) for entry in await live.lab.set_aside()]
    outcome = await live.rebuild(bugged=True)
    assert (outcome.switched, outcome.differences, outcome.aside) == (True, (), 2)
    assert [(entry["offset"], entry["reason"], entry["error"]) for entry in await live.lab.set_aside()] == aside
    assert [word for _, word, _ in aside] == ["handler-raised"] * 2


async def test_what_the_database_refuses_in_a_rebuild_is_set_aside_alone(live: Site) -> None:
    live.lab.append(["null"], partition=2)
    await live.lab.until_applied(2001)
    outcome = await live.rebuild(bugged=True)
    assert outcome.aside == 1
    assert {each.table: (each.only_live, each.only_rebuilt) for each in outcome.differences} == {
        "word": (1, 0),
        "applied": (1, 0),
    }


async def test_too_much_that_raises_stops_the_rebuild(live: Site) -> None:
    live.lab.append(["bug"] * 30, partition=2)
    with pytest.raises(Stop, match="More records cannot be applied"):
        await live.rebuild(bugged=True, accept_differences=True)


async def test_without_a_live_build_that_follows_there_is_nothing_to_compare_with(site: Site) -> None:
    site.lab.append(["alone"] * 100)
    outcome = await site.rebuild(accept_differences=True)
    assert (outcome.switched, outcome.compared) == (True, False)
    assert await site.lab.counts() == Counter(alone=100)


async def test_the_former_build_catches_up_and_goes_live_again(live: Site) -> None:
    with pytest.raises(Stop, match="no build"):
        await live.roll_back()
    assert (await live.rebuild()).switched
    live.lab.append(["later", "poison"], partition=3)
    await live.lab.until_applied(4002)
    assert (await live.roll_back()).number == 1
    assert await live.versions() == [(1, "live"), (2, "retired")]
    live.lab.append(["last"])
    await live.lab.until(lambda: live.lab.rows(), WORDS + Counter(later=1, last=1))
    assert [entry["reason"] for entry in await live.lab.set_aside()] == ["not-a-word"]
    with pytest.raises(Stop, match="edition 1"):
        await live.roll_back(edition=2)


async def test_what_was_interrupted_is_cancelled_from_elsewhere(live: Site) -> None:
    killed = await asyncio.to_thread(live.run_killed, kill_in=FOLD)
    assert killed.returncode == -9
    assert live.files() != []
    told = await asyncio.to_thread(live.ask_for_rebuild)
    assert (told["number"], told["phase"], told["silent"]) == (2, FOLD, False)
    assert await cancel(live.task.setup) == [live.lab.names[0]]
    assert await live.versions() == [(1, "live")]
    assert live.files() == []
    assert await cancel(live.task.setup) == []
    assert await asyncio.to_thread(live.ask_for_rebuild) is None


async def test_one_under_way_is_cancelled_from_elsewhere(live: Site) -> None:
    asked: list[asyncio.Task[list[str]]] = []

    def ask() -> None:
        asked.append(asyncio.create_task(cancel(live.task.setup)))

    with pytest.raises(Cancelled):
        await live.rebuild(Witness(acts={DEAL: ask}))
    assert await asked[0] == [live.lab.names[0]]
    assert await live.schemas() == ["v1"]


@pytest.mark.parametrize("phase", [DEAL, INDEX, COMPARE, SWITCH])
async def test_a_database_that_is_killed_is_waited_for(live: Site, phase: str) -> None:
    def kill() -> None:
        live.lab.stack.get_process("postgres").kill()

    witness = Witness(acts={phase: kill})
    outcome = await live.rebuild(witness)
    assert (outcome.switched, outcome.differences, outcome.rows) == (True, (), 2300)
    assert "Waiting for the database. It goes on by itself." in witness.sentences
    await live.lab.reconnect()
    assert await live.versions() == [(1, "retired"), (2, "live")]
    await asyncio.to_thread(live.lab.append, ["later"] * 10)
    await live.lab.until(lambda: live.lab.rows(), WORDS + Counter(later=10))


async def test_a_broker_that_is_killed_in_the_middle_is_waited_for(live: Site) -> None:
    def kill() -> None:
        live.lab.stack.get_process("kafka-1").kill()

    outcome = await live.rebuild(Witness(acts={DEAL: kill, COMPARE: kill}))
    assert (outcome.switched, outcome.differences) == (True, ())
    await asyncio.to_thread(live.lab.append, ["later"] * 10)
    await live.lab.until(lambda: live.lab.rows(), WORDS + Counter(later=10))
