"""Pairing over a small generated register: nobody is paired wrongly, hardly anybody is lost (docs/pairing.md)."""

from tests.benchmarks.pairing.people import make_people
from tests.benchmarks.pairing.quality import Register, measure
from tests.benchmarks.pairing.slips import ask_about


def test_the_same_seed_gives_the_same_people_and_questions() -> None:
    people = make_people(500, 7)
    assert people == make_people(500, 7) != make_people(500, 8)
    assert ask_about(people, people[:50], 100, 7) == ask_about(people, people[:50], 100, 7)


def test_no_machine_pairs_anybody_wrongly_and_hardly_anybody_is_lost() -> None:
    register = Register(make_people(4_000, 7))
    measured = measure(register, ask_about(register.people, make_people(500, 8), 800, 7), register.pair)
    everything = measured.tallies["all"]
    assert measured.wrong == []
    assert everything.right > 0.8 * everything.known
    assert everything.right + everything.among > 0.98 * everything.known
    strangers = measured.tallies["who is not in the register"]
    assert (strangers.right, strangers.wrong) == (0, 0)
    assert measured.tallies["somebody else's identifier"].right == 0
    assert measured.tallies["nothing wrong"].right >= 0.98 * measured.tallies["nothing wrong"].asked
